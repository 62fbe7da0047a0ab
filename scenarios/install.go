package scenarios

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/registry"
	"possim/scenarios/journal"
)

// install configures the terminal.
func (w *world) install(o *Options) {
	t := w.sc.Terminal
	w.tmk = registry.TestTMK
	if o.Real != nil && !o.Real.TMK.Zero() {
		w.tmk = o.Real.TMK
	}
	if !t.TMK.Zero() {
		w.tmk = t.TMK
	}
	w.config = emulator.Config{TID: t.TID, PINFormat: cmp.Or(t.PIN, o.PIN), MID: t.MID, MerchantName: t.Merchant,
		ChipReader: t.ChipReader, AnswerWait: t.ReversalAfter, Tries: t.Tries,
		Contactless: t.Contactless, PINEntry: t.PINEntry, NoPINUpTo: t.NoPINUpTo, EncryptTracks: t.EncryptTracks, Operator: t.Operator, Currency: t.Currency}
	switch {
	case t.MAC == NoMAC:
	case t.MAC != "":
		w.config.MAC = t.MAC
	case o.sealed():
		w.config.MAC = cmp.Or(o.Method, hsm.MACECB)
	}
	if t.BDK.Algorithm() == hsm.AES && w.config.MAC != "" {
		w.config.MAC = hsm.MACCMAC // the others are of TDES
	}
}

// begin switches the terminal on and has it sign on, which existing expectations
// of messages and numbers of messages are not about; then the ordered faults are
// in force. A terminal that the host does not want finds out at its first order.
func (w *world) begin(ctx context.Context) error {
	if err := w.settleFirst(ctx); err != nil {
		return err
	}
	t := w.sc.Terminal
	switch {
	case t.Off:
		w.saved.Keys = "" // a terminal towards a real host may have kept some
		w.boot()
		w.power.failed = true
	case w.saved.Keys == "" && (w.config.MAC != "" || t.PINEntry || t.EncryptTracks), w.settledBefore():
		if _, err := w.term.Do(ctx, emulator.Order{Kind: emulator.SignOn}); err != nil {
			return err
		}
	}
	if t.Batch != "" {
		w.saved.Batch = t.Batch
		w.boot()
	}
	if len(w.sc.Faults) > 0 && w.record != nil {
		w.record.Step(w.now(), journal.StepFaults, w.sc.Line, w.sc.Column)
	}
	for _, f := range w.sc.Faults {
		w.order(f)
	}
	return nil
}

// randomness is what keys and fillings are drawn from.
func randomness(seed uint64, whose string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(binary.BigEndian.AppendUint64([]byte("possim randomness of the "+whose), seed)))
}

// settledBefore reports whether an earlier scenario closed the last batch of a terminal
// towards a real host, which opens another at the next sign-on.
func (w *world) settledBefore() bool {
	return w.kept != nil && w.saved.Batch != "" && w.saved.InBatch == 0
}

// inject gives the terminal DUKPT keys: those of the run, or of the scenario's base key.
func (w *world) inject(o *Options) (err error) {
	switch {
	case !w.sc.Terminal.BDK.Zero():
		w.dukpt, err = emulator.InjectDUKPT(w.sc.Terminal.BDK, w.config.TID)
	case o.Inject != nil:
		w.dukpt, err = o.Inject(w.config.TID)
	}
	return err
}
