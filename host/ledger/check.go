package ledger

import (
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"
)

// What one Tx may hold at most.
const (
	maxName  = 256     // bytes of a key, an owner or a rule
	maxLines = 1024    // guards, and moves
	maxMemo  = 1 << 16 // bytes
)

// Check reports what makes tx impossible to apply to any Book: ErrInvalid or ErrUnbalanced.
func (tx *Tx) Check() error {
	if err := checkName("Key", string(tx.Key)); err != nil {
		return err
	}
	if err := tx.checkHead(); err != nil {
		return fmt.Errorf("%w (key %s)", err, tx.Key)
	}
	if err := checkGuards(tx.Guards); err != nil {
		return fmt.Errorf("%w (key %s)", err, tx.Key)
	}
	if err := checkMoves(tx.Moves, tx.Refuse != ""); err != nil {
		return fmt.Errorf("%w (key %s)", err, tx.Key)
	}
	if err := checkRaises(tx.Raise); err != nil {
		return fmt.Errorf("%w (key %s)", err, tx.Key)
	}
	return nil
}

// checkHead checks what is neither guard nor move.
func (tx *Tx) checkHead() error {
	switch {
	case tx.Undoes == tx.Key:
		return fmt.Errorf("%w: it undoes itself", ErrInvalid)
	case tx.Undoes == "" && tx.UndoesSeq != 0:
		return fmt.Errorf("%w: UndoesSeq %d without Undoes", ErrInvalid, tx.UndoesSeq)
	case tx.Day < 0:
		return fmt.Errorf("%w: day %d", ErrInvalid, tx.Day)
	case len(tx.Memo) > maxMemo:
		return fmt.Errorf("%w: a memo of %d bytes, at most %d", ErrInvalid, len(tx.Memo), maxMemo)
	}
	if y := tx.At.UTC().Year(); y < 0 || y > 9999 {
		return fmt.Errorf("%w: year %d", ErrInvalid, y)
	}
	if tx.Undoes != "" {
		if err := checkName("Undoes", string(tx.Undoes)); err != nil {
			return err
		}
	}
	if tx.Refuse != "" {
		return checkName("Refuse", tx.Refuse)
	}
	return nil
}

func checkGuards(guards []Guard) error {
	if len(guards) > maxLines {
		return fmt.Errorf("%w: %d guards, at most %d", ErrInvalid, len(guards), maxLines)
	}
	for i := range guards {
		g := &guards[i]
		if err := checkName("Rule", g.Rule); err != nil {
			return fmt.Errorf("%w in guard %d", err, i)
		}
		if err := g.Reg.check(); err != nil {
			return fmt.Errorf("%w in guard %d", err, i)
		}
	}
	return nil
}

// checkMoves checks each move and that the money among them sums to zero.
func checkMoves(moves []Move, refused bool) error {
	if len(moves) > maxLines {
		return fmt.Errorf("%w: %d moves, at most %d", ErrInvalid, len(moves), maxLines)
	}
	for i := range moves {
		mv := &moves[i]
		if err := mv.Reg.check(); err != nil {
			return fmt.Errorf("%w in move %d", err, i)
		}
		switch {
		case mv.Add == math.MinInt64 && !mv.Set:
			return fmt.Errorf("%w: move %d adds %d, which has no inverse", ErrInvalid, i, mv.Add)
		case mv.Set && mv.Reg.Kind.Money():
			return fmt.Errorf("%w: move %d sets %s, which is money and can only be added to", ErrInvalid, i, mv.Reg)
		case refused && mv.Reg.Kind.Money():
			return fmt.Errorf("%w: move %d is money in a refused transaction", ErrInvalid, i)
		}
	}
	return checkBalanced(moves)
}

func checkRaises(raises []Raise) error {
	if len(raises) > maxLines {
		return fmt.Errorf("%w: %d registers to raise, at most %d", ErrInvalid, len(raises), maxLines)
	}
	for i := range raises {
		r := &raises[i]
		if err := r.Reg.check(); err != nil {
			return fmt.Errorf("%w in raise %d", err, i)
		}
		if r.Reg.Kind.Money() {
			return fmt.Errorf("%w: raise %d is of %s, which is money and can only be added to", ErrInvalid, i, r.Reg)
		}
	}
	return nil
}

func checkBalanced(moves []Move) error {
	var sum wide
	for i := range moves {
		if moves[i].Reg.Kind.Money() {
			sum = sum.plus(moves[i].Add)
		}
	}
	switch n, over := sum.narrow(); {
	case over:
		return ErrUnbalanced
	case n != 0:
		return fmt.Errorf("%w: they sum to %d", ErrUnbalanced, n)
	}
	return nil
}

func (r *Reg) check() error {
	if !r.Kind.Valid() {
		return fmt.Errorf("%w: %s", ErrInvalid, r.Kind)
	}
	if r.Day < 0 {
		return fmt.Errorf("%w: day %d", ErrInvalid, r.Day)
	}
	return checkName("Owner", r.Owner)
}

// checkName accepts printable text, so that it reads the same in a journal, a view and a log.
func checkName(what, s string) error {
	if s == "" || len(s) > maxName {
		return fmt.Errorf("%w: %s has %d bytes, want 1 to %d", ErrInvalid, what, len(s), maxName)
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f {
			return fmt.Errorf("%w: %s has a control character at %d", ErrInvalid, what, i)
		} else if c >= utf8.RuneSelf {
			return checkRunes(what, s)
		}
	}
	return nil
}

func checkRunes(what, s string) error {
	for i, r := range s {
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			return fmt.Errorf("%w: %s is not printable text at %d", ErrInvalid, what, i)
		}
	}
	return nil
}
