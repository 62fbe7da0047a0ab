package emv

// Authorisation response codes (8A) that a terminal gives itself, when no issuer did
// (EMV Book 4 Annex A6). A card sees them in CDOL2.
const (
	OfflineApproved       = "Y1"
	OfflineDeclined       = "Z1"
	UnableOnlineApproved  = "Y3" // could not go online, approved by the default action codes
	UnableOnlineDeclined  = "Z3" // could not go online, declined
	ApprovedAfterReferral = "Y2" // the card asked for a referral (EMV before 4.1)
	DeclinedAfterReferral = "Z2"
)

// MaxScriptBytes is how much issuer script data, 71 and 72 together with their tags and
// lengths, a terminal must take in one transaction (EMV Book 3, 10.10).
const MaxScriptBytes = 128
