package protocol

import (
	"possim/reader/card"
)

// Pinpad is a Slot of a device that runs EMV by itself. Who plays it hands an OrderEMV to
// a kernel, and what came of it to Processed, which returns what the reader says.
type Pinpad interface {
	Slot
	Processed(EMVResult) []byte
}

// EMVJob is a part of a transaction that a pinpad has its kernel do with the card in the
// slot. What the tables say is as ABECS 2.12, section 4.1, has it: parsed, and not judged.
type EMVJob struct {
	Step         EMVStep
	Applications []EMVApplication // of EMVSelect: those that will do, and never none
	Keys         []EMVKey
	Revoked      []EMVRevoked

	Amount, Cashback int64
	Currency         string // ISO 4217 numeric; "" is the application's
	Type             byte   // 9C
	Date, Time       string // YYMMDD, HHMMSS
	Data             []byte // objects of the client's, in TLV: they win over the tables

	Hot    bool // the number is on an exception list
	Online bool // it may not be approved offline
	Risk   EMVRisk

	// Of EMVFinish: the acquirer's answer.
	Approved, Answered bool
	Code               string // 8A
	Answer             []byte // 91, 71, 72 in TLV
}

// EMVStep is which part it is.
type EMVStep uint8

// The parts of a transaction, in their order.
const (
	EMVSelect  EMVStep = iota // choose the application and read it (GCR, GCX)
	EMVProceed                // go on to the first cryptogram (GOC, GOX)
	EMVFinish                 // tell the card what the acquirer said (FNC, FCX)
)

// EMVRisk are the parameters of terminal risk management that come with EMVProceed.
type EMVRisk struct {
	Floor, Threshold  int64
	Target, MaxTarget int
}

// EMVApplication is a record of a table of AIDs.
type EMVApplication struct {
	Acquirer, Record, Type  string // TAB_ACQ, TAB_RECIDX, T1_APPTYPE
	AID                     []byte
	Versions                [3][]byte // 9F09: the card's, or the first
	Country, Currency       string
	Merchant, MCC, Terminal string // 9F16, 9F15, 9F1C
	Capabilities, More      []byte // 9F33, 9F40
	TerminalType            byte   // 9F35
	Default, Denial, Online []byte // terminal action codes
	Floor                   int64
	Category                byte // 9F53
	TDOL, DDOL              []byte
}

// EMVKey is a record of a table of authorities' keys; one whose checksum is wrong is none.
type EMVKey struct {
	Acquirer          string // "00" is any
	RID               [5]byte
	Index             byte
	Modulus, Exponent []byte
}

// EMVRevoked is a record of a table of revoked certificates.
type EMVRevoked struct {
	Acquirer string
	RID      [5]byte
	Index    byte
	Serial   [3]byte
}

// EMVResult is what a kernel made of an EMVJob.
type EMVResult struct {
	Status      EMVStatus
	Application int // of EMVSelect: which of the job's it was

	PAN                                                          card.PAN
	Track2                                                       card.TrackData
	Sequence, Label, Preferred, Service, Holder, Expiry, Country string // Expiry YYMMDD

	Decision  EMVDecision
	Signature bool
	PINGood   bool // verified offline
	PINFails  int  // wrong ones
	PINLocked bool
	Scripts   []byte // results of issuer scripts, five bytes each

	// Pick returns, in TLV, what is known of those tags; nil is of none.
	Pick func(tags []byte) []byte
}

// EMVDecision is how a transaction stands.
type EMVDecision uint8

// The decisions.
const (
	EMVApproved EMVDecision = iota
	EMVDeclined
	EMVOnline
)

// EMVStatus says why there is no decision.
type EMVStatus string

// The statuses, which are those of ABECS 2.12, section 3.1.1.
const (
	EMVOK          EMVStatus = ""
	EMVCancelled   EMVStatus = "013" // the cardholder wants none of the applications
	EMVMute        EMVStatus = "060"
	EMVBroken      EMVStatus = "061" // the card stopped answering
	EMVInvalidated EMVStatus = "067" // the application is blocked
	EMVProblems    EMVStatus = "068" // it does what no card does
	EMVBadData     EMVStatus = "069"
	EMVNone        EMVStatus = "070" // no application in common
	EMVNotNow      EMVStatus = "071" // the application is not for this
	EMVFallback    EMVStatus = "076" // the stripe may do
	EMVBlocked     EMVStatus = "079" // the card is blocked
)
