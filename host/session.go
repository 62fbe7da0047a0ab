package host

import (
	"context"
	"fmt"
	"io"

	"possim/host/hsm"
	"possim/host/wire"
)

// turns hands out Host.Random to one caller at a time.
type turns struct{ h *Host }

// Read implements io.Reader.
func (t turns) Read(p []byte) (int, error) {
	t.h.drawing.Lock()
	defer t.h.drawing.Unlock()
	return io.ReadFull(t.h.Random, p)
}

// layout is the key block that a sign-on asks for by 60.3. ISO 8583:1987 has no
// field that asks, and gets TPK and TAK.
func (d *deal) layout() (hsm.Layout, error) {
	asked := d.Sub60().Network
	if asked == "" && d.NetworkCode != "" {
		return hsm.Double, nil
	}
	return hsm.LayoutFor(asked)
}

// signOn makes new working keys and returns them with the batch that is open.
//
// Field 62 is the key block; in a network management message of ISO 8583:1987, where
// that field holds characters, the same in hex.
func (d *deal) signOn(ctx context.Context) *Decision {
	layout, err := d.layout()
	if err != nil {
		d.note = err.Error()
		return d.refuse("transaction", wire.InvalidTxn)
	}
	if d.h.Random == nil {
		d.note = "the host has no randomness to make working keys with"
		return d.refuse("keys", wire.SystemFault)
	}
	keys, err := layout.Make(turns{d.h})
	if err == nil {
		var block []byte
		if block, err = layout.Build(d.terminal.TMK, keys); err == nil {
			return d.signed(ctx, keys, block)
		}
	}
	d.note = err.Error()
	return d.refuse("keys", wire.SystemFault)
}

// signed is the session's beginning: nobody has the keys before they are kept.
func (d *deal) signed(ctx context.Context, keys hsm.WorkingKeys, block []byte) *Decision {
	s, err := d.h.Registry.SignOn(ctx, d.mid, d.tid, keys, d.at)
	if err != nil {
		return d.silent("the new keys could not be kept: " + err.Error())
	}
	out := d.answer(wire.Approved, d.record(), 0)
	a := &out.Answer
	if a.Private60 != "" {
		sub := a.Sub60()
		sub.Batch = batchNumber(s.Batch)
		a.Private60 = sub.String()
	}
	a.Private62 = block
	if d.NetworkCode != "" {
		a.Private62 = fmt.Appendf(nil, "%X", block)
	}
	a.Acquirer = d.acquirer()
	out.Note = fmt.Sprintf("batch %s is open", batchNumber(s.Batch))
	return out
}

// signOff ends the session: until the next sign-on there is no key to seal with.
func (d *deal) signOff(ctx context.Context) *Decision {
	if err := d.h.Registry.SignOff(ctx, d.mid, d.tid); err != nil {
		return d.silent(err.Error())
	}
	return d.answer(wire.Approved, d.record(), 0)
}

func batchNumber(n int) string { return zeroed(uint64(n), 6) }

// lookAgain reads the terminal's session where hosts share it, once for a message, and
// reports whether another host has changed it: it may have signed the terminal on.
func (d *deal) lookAgain(ctx context.Context) (changed bool, err error) {
	if d.looked {
		return false, nil
	}
	d.looked = true
	if changed, err = d.h.Registry.Refresh(ctx, d.mid, d.tid); changed {
		d.terminal, _ = d.h.Registry.Terminal(d.mid, d.tid)
	}
	return changed, err
}

// batchOpen refuses a financial message of another batch than the one that is open
// (77: sign on), unless the book knows it: a repeat gets its first answer whatever
// was settled meanwhile. A terminal that never signed on counts its batches by
// itself, and a 0400 is never asked (RULES: repeats and reversals).
func (d *deal) batchOpen(ctx context.Context) (bool, error) {
	s, b := d.terminal.Session, d.batch
	open := func() bool {
		return s.Batch == 0 || b == "" || b == batchNumber(s.Batch) && !s.Closed
	}
	if open() {
		return true, nil
	}
	if changed, err := d.lookAgain(ctx); err != nil {
		return false, err
	} else if s = d.terminal.Session; changed && open() {
		return true, nil
	}
	_, known, err := d.find(ctx, d.keyOn(d.day, d.MTI.First(), d.STAN))
	if !known {
		d.note = "batch " + batchNumber(s.Batch) + " is open"
		if s.Closed {
			d.note = "batch " + batchNumber(s.Batch) + " is settled and no other open"
		}
	}
	return known, err
}
