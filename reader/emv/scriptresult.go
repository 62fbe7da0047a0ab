package emv

import "fmt"

// ScriptResult is what became of one issuer script, five bytes of 9F5B or of UnionPay's
// DF31 (EMV Book 4 Annex A5).
type ScriptResult struct {
	Outcome byte   // the first four bits: 0 not performed, 1 failed, 2 successful
	Command int    // which command failed, 0 unknown, 15 that or later
	ID      string // 9F18, eight hexadecimal digits; zeros for a script that had none
}

// ParseScriptResults takes the results apart. There may be none.
func ParseScriptResults(b []byte) ([]ScriptResult, error) {
	if len(b)%5 != 0 {
		return nil, fmt.Errorf("issuer script results: %d bytes; want five for each script", len(b))
	}
	var all []ScriptResult
	for ; len(b) > 0; b = b[5:] {
		all = append(all, ScriptResult{Outcome: b[0] >> 4, Command: int(b[0] & 0x0F), ID: fmt.Sprintf("%08X", b[1:5])})
	}
	return all, nil
}

// Done reports whether the card carried out the whole script.
func (r ScriptResult) Done() bool { return r.Outcome == 2 }

// String says how it went.
func (r ScriptResult) String() string {
	switch {
	case r.Outcome == 0:
		return "not performed"
	case r.Done():
		return "successful"
	case r.Outcome == 1 && r.Command > 0:
		return fmt.Sprintf("failed at command %d", r.Command)
	case r.Outcome == 1:
		return "failed"
	}
	return fmt.Sprintf("RFU outcome %d", r.Outcome)
}
