package kernel

import (
	"context"

	"possim/reader/emv"
)

// The first nibble of a script's result (EMV Book 4 Annex A5).
const (
	scriptNotPerformed byte = 0x00
	scriptFailed       byte = 0x10
	scriptSuccessful   byte = 0x20
)

// runScripts sends the issuer's commands, of template 71 before the second GENERATE AC
// and of template 72 after it, as they are: only the card can open them (EMV Book 3,
// 10.10). A script ends at its first error; the next one is run all the same. The books
// have a terminal take emv.MaxScriptBytes of them at least; this one takes what comes.
func (s *session) runScripts(ctx context.Context, f55 emv.List, template emv.Tag, failed emv.TVRBit) error {
	for _, o := range f55 {
		if o.Tag != template {
			continue
		}
		s.tsi.Set(emv.TSIScriptPerformed)
		result, id, err := s.runScript(ctx, o)
		if result&0xF0 != scriptSuccessful {
			s.tvr.Set(failed)
		}
		s.scripts = append(append(s.scripts, result), id[:]...)
		if err != nil {
			return err
		}
	}
	return nil
}

// runScript runs one script. The result's second nibble counts the command that failed,
// up to 15.
func (s *session) runScript(ctx context.Context, o emv.TLV) (result byte, id [4]byte, err error) {
	list := o.List
	if len(list) == 0 {
		if list, err = emv.Parse(o.Value); err != nil {
			return scriptNotPerformed, id, nil // no script: nothing was sent
		}
	}
	if v := list.Value(emv.TagScriptID); len(v) == 4 {
		copy(id[:], v)
	}
	n := 0
	for _, c := range list {
		if c.Tag != emv.TagScriptCommand {
			continue
		}
		n++
		if len(c.Value) < 4 || len(c.Value) > 261 {
			return scriptFailed | byte(min(n, 15)), id, nil
		}
		_, w, err := s.exchange(ctx, c.Value, scriptLe(c.Value))
		if err != nil {
			return scriptFailed | byte(min(n, 15)), id, s.unreadable(CauseNoAnswer, "issuer script, command %d: no answer from the card: %w", n, err)
		}
		if w>>8 != 0x90 && !w.warning() {
			return scriptFailed | byte(min(n, 15)), id, nil
		}
	}
	if n == 0 {
		return scriptNotPerformed, id, nil
	}
	return scriptSuccessful, id, nil
}

// scriptLe reports whether a command ends with Le.
func scriptLe(apdu []byte) bool {
	return len(apdu) == 5 || len(apdu) > 5 && len(apdu) == 6+int(apdu[4])
}
