package kernel

import (
	"context"

	"possim/reader/emv"
)

// ppseName is the name of the payment system environment of contactless cards.
const ppseName = "2PAY.SYS.DDF01"

// kernel7 is UnionPay's number among the contactless kernels (EMV Book B, table 3-6).
const kernel7 = 0x07

// selectTap takes the first application of the card's directory that the terminal takes,
// and the next where that one will not have the transaction (EMV Book B, 3.3). Nobody is
// asked: a tap leaves no time for it.
func (s *session) selectTap(ctx context.Context) error {
	if err := s.anyTap(); err != nil {
		return err
	}
	list, err := s.proximityDirectory(ctx)
	if err != nil {
		return err
	}
	byPriority(list)
	blocked, refused := 0, 0
	for _, c := range list {
		ttq, err := s.preprocess(c.terminal, s.tx)
		if err != nil { // barred by limits of its own
			continue
		}
		fci, w, err := s.selectFinal(ctx, c)
		switch {
		case err != nil:
			return err
		case w == statusBlocked:
			blocked++
			continue
		case w != statusOK || fci == nil:
			continue
		}
		s.ttq = ttq
		again, err := s.initiateTap(ctx, c, fci)
		if err != nil || !again {
			return err
		}
		refused++
		s.forget()
	}
	return s.noTap(blocked, refused)
}

// noTap says why none of a card's applications was tapped.
func (s *session) noTap(blocked, refused int) error {
	switch {
	case refused > 0:
		return s.other(CauseConditions, "GET PROCESSING OPTIONS: the card answers 6985: it is not tapped for this")
	case blocked > 0:
		return s.terminate(CauseAppBlocked, "the applications that card and terminal have in common are blocked")
	}
	return s.terminate(CauseNoApplication, "card and terminal have no application of UnionPay's (kernel 7) in common; no other is tapped here")
}

// anyTap fails where no application takes a tap of this amount: the card need not be
// asked.
func (s *session) anyTap() error {
	why := error(nil)
	for _, a := range s.Applications {
		if !unionPay(a.AID) {
			continue
		}
		_, err := s.preprocess(a, s.tx)
		if err == nil {
			return nil
		}
		why = err
	}
	if why == nil {
		return s.other(CauseNoApplication, "the terminal has no application of UnionPay's; no other is tapped here")
	}
	return s.other(CauseLimit, "%w", why)
}

// proximityDirectory makes the candidate list of the entries (61) in the answer to SELECT
// (EMV Book B, 3.3.2).
func (s *session) proximityDirectory(ctx context.Context) ([]Candidate, error) {
	fci, w, err := s.selectName(ctx, "SELECT PPSE", []byte(ppseName), false)
	switch {
	case err != nil:
		return nil, err
	case w == statusNotSupported:
		return nil, s.terminate(CauseCardBlocked, "the card answers 6A81 to its first SELECT: it is blocked")
	case w != statusOK:
		return nil, nil
	}
	var found []Candidate
	for _, o := range fciOf(fci).Inside(emv.TagFCIDiscretionary) {
		aid := o.List.Value(emv.TagADFName)
		if o.Tag != emv.TagApplicationTemplate || len(aid) > 16 || !unionPay(aid) || !forKernel7(o.List) {
			continue
		}
		if a, ok := s.takes(aid); ok {
			found = add(found, candidateOf(aid, a, o.List))
		}
	}
	return found, nil
}

// forKernel7 reads the kernel identifier (9F2A) of a directory entry. Without one, and
// with 00, the payment system's own kernel is meant (Book B, 3.3.2.5).
func forKernel7(entry emv.List) bool {
	id := entry.Value(emv.TagKernelID)
	return len(id) == 0 || id[0] == 0 || id[0] == kernel7
}

func unionPay(aid []byte) bool {
	rid, ok := emv.RIDOf(aid)
	return ok && rid == emv.RIDUnionPay
}
