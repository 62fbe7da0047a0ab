package emv

import "fmt"

// CVMResults is the CVM Results (9F34): the rule performed last, and how it ended
// (EMV Book 4 Annex A4).
type CVMResults [3]byte

// CVMOutcome is the third byte of CVM Results.
type CVMOutcome byte

// The outcomes. Unknown is that of a signature, and of an online PIN before the
// issuer has answered.
const (
	CVMUnknown    CVMOutcome = 0
	CVMFailed     CVMOutcome = 1
	CVMSuccessful CVMOutcome = 2
)

// String names the outcome.
func (o CVMOutcome) String() string {
	switch o {
	case CVMUnknown:
		return "unknown"
	case CVMFailed:
		return "failed"
	case CVMSuccessful:
		return "successful"
	}
	return fmt.Sprintf("RFU result %02X", byte(o))
}

// NoCVMPerformed is what a terminal reports when no rule was to be used: 3F0000.
var NoCVMPerformed = CVMResults{byte(CVMNotPerformed), 0, 0}

// ResultOf makes the CVM Results of a rule that was performed.
func ResultOf(r CVMRule, o CVMOutcome) CVMResults {
	b := r.Bytes()
	return CVMResults{b[0], b[1], byte(o)}
}

// ParseCVMResults takes the value of 9F34, three bytes.
func ParseCVMResults(b []byte) (CVMResults, error) {
	var v CVMResults
	return v, exact(v[:], b, "CVM Results")
}

// Rule returns the rule performed last.
func (v CVMResults) Rule() CVMRule { return ParseCVMRule(v[0], v[1]) }

// Outcome returns how it ended.
func (v CVMResults) Outcome() CVMOutcome { return CVMOutcome(v[2]) }

// String spells the results out.
func (v CVMResults) String() string {
	return fmt.Sprintf("%s: %s", v.Rule(), v.Outcome())
}
