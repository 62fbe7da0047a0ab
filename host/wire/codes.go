package wire

// Code is a response code, F39, two characters.
type Code string

// The codes the host answers (RULES: order of refusals).
const (
	Approved          Code = "00"
	InvalidMerchant   Code = "03"
	InvalidTxn        Code = "12"
	InvalidAmount     Code = "13"
	InvalidCard       Code = "14"
	NotFound          Code = "25"
	FormatError       Code = "30"
	StopPayment       Code = "36"
	LostCard          Code = "41"
	StolenCard        Code = "43"
	InsufficientFunds Code = "51"
	ExpiredCard       Code = "54"
	WrongPIN          Code = "55"
	OverLimit         Code = "61"
	RestrictedCard    Code = "62"
	OriginalAmount    Code = "64"
	OverCount         Code = "65"
	PINTries          Code = "75"
	SignOnAgain       Code = "77"
	Inoperative       Code = "91" // the host cannot act now: try later
	Duplicate         Code = "94"
	SystemFault       Code = "96"
	UnknownTerminal   Code = "97"
	NoResponse        Code = "98" // reversal reason: no answer came
	OtherReason       Code = "06" // reversal reason: other, such as a card that declines afterwards
	MACError          Code = "A0"
)
