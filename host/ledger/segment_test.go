package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// journal is a Past in a slice.
type journal struct{ lines [][]byte }

func (j *journal) Posting(seq uint64) (ledger.Posting, error) { return ledger.ReadLine(j.lines[seq-1]) }

// forgetful is a Book whose machine is thrown away all the time, and made again from segments and the
// postings behind them.
type forgetful struct {
	t        testing.TB
	r        *rand.Rand
	m        *ledger.Machine
	journal  journal
	segments [][]byte
	covered  uint64 // the postings that segments stand for
}

func newForgetful(t testing.TB, seed uint64) *forgetful {
	b := &forgetful{t: t, r: rand.New(rand.NewPCG(seed, 3))}
	b.m = ledger.NewMachine(&b.journal)
	return b
}

func (b *forgetful) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if err := errors.Join(ctx.Err(), tx.Check()); err != nil {
		return ledger.Result{}, err
	}
	if b.r != nil && b.r.IntN(4) == 0 {
		b.remember()
	}
	if b.r != nil && b.r.IntN(8) == 0 && b.m.Behind() > 0 {
		s := b.m.Cut()
		b.covered = s.Last()
		b.segments = append(b.segments, s.Encode())
	}
	r, p, err := b.m.Decide(&tx)
	if err == nil && p != nil {
		b.journal.lines = append(b.journal.lines, p.AppendLine(nil))
		b.m.Post()
	}
	return r, err
}

// remember makes the machine anew.
func (b *forgetful) remember() {
	b.m = ledger.NewMachine(&b.journal)
	for _, text := range b.segments {
		s, err := ledger.ReadSegment(text)
		if err == nil {
			err = b.m.Load(s)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		if again := s.Encode(); !bytes.Equal(again, text) {
			b.t.Fatalf("segment %d to %d encodes to something else when read", s.First(), s.Last())
		}
	}
	for seq := b.covered + 1; seq <= uint64(len(b.journal.lines)); seq++ {
		p, err := b.journal.Posting(seq)
		if err == nil {
			err = b.m.Replay(p)
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *forgetful) Find(ctx context.Context, k ledger.Key) (ledger.Posting, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Posting{}, err
	}
	return b.m.Find(k)
}

func (b *forgetful) Read(ctx context.Context, regs ...ledger.Reg) ([]int64, error) {
	return b.m.Read(regs...), ctx.Err()
}

func (b *forgetful) Postings(ctx context.Context, after uint64) iter.Seq2[ledger.Posting, error] {
	return func(yield func(ledger.Posting, error) bool) {
		for seq := after + 1; seq <= b.m.Last(); seq++ {
			if p, err := b.m.Posting(seq); !yield(p, errors.Join(ctx.Err(), err)) {
				return
			}
		}
	}
}

// TestSegments holds a book that lives off its snapshots to the reference, which has none.
func TestSegments(t *testing.T) {
	for seed := uint64(200); seed < 230; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { ledgertest.Random(t, newForgetful(t, seed), seed, 300) })
	}
}

// TestSegmentRefuses damages a segment in every byte and cuts it at every place: what still reads must
// at least follow on.
func TestSegmentRefuses(t *testing.T) {
	b := newForgetful(t, 1)
	b.r = nil // cut by hand
	for _, tx := range []ledger.Tx{
		{Key: "s", Moves: []ledger.Move{{Reg: ledger.Reg{Kind: ledger.ATC, Owner: "card"}, Add: 7}}},
		{Key: "v", Undoes: "s", UndoesSeq: 1}, {Key: "t", Undoes: "late"},
	} {
		if _, err := b.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	good := b.m.Cut().Encode()
	for i := range good {
		if s, err := ledger.ReadSegment(good[:i]); !errors.Is(err, ledger.ErrSegment) {
			t.Errorf("cut at %d: got %+v, %v", i, s, err)
		}
		bad := bytes.Clone(good)
		for _, c := range []byte{0, 0xff} {
			bad[i] = c
			if s, err := ledger.ReadSegment(bad); err == nil && s.Last() > 1<<40 {
				t.Errorf("byte %d is %#x: got postings %d to %d", i, c, s.First(), s.Last())
			}
		}
	}
	if _, err := ledger.ReadSegment(append(bytes.Clone(good), 0)); !errors.Is(err, ledger.ErrSegment) {
		t.Errorf("too long: got %v", err)
	}
	if _, err := ledger.ReadSegment(append([]byte{1}, good[1:]...)); !errors.Is(err, ledger.ErrSegmentVersion) || !errors.Is(err, ledger.ErrSegment) {
		t.Errorf("version 1: got %v", err)
	}
	s, err := ledger.ReadSegment(good)
	if err != nil {
		t.Fatal(err)
	}
	m := ledger.NewMachine(&journal{})
	if err := m.Load(s); err != nil || m.Last() != 3 || m.Behind() != 0 {
		t.Errorf("got %d postings, %d behind, %v", m.Last(), m.Behind(), err)
	}
	if err := m.Load(s); !errors.Is(err, ledger.ErrSegment) {
		t.Errorf("loaded twice: got %v", err)
	}
}

// TestKindsInSnapshots pins the numbers that snapshots hash: change none without segmentVersion.
func TestKindsInSnapshots(t *testing.T) {
	got := []ledger.Kind{
		ledger.Balance, ledger.Hold, ledger.DayAmount, ledger.DayCount, ledger.Limit, ledger.Status, ledger.PINTries,
		ledger.ATC, ledger.Rest, ledger.DebitAmount, ledger.DebitCount, ledger.CreditAmount, ledger.CreditCount, ledger.Uses,
	}
	for i, k := range got {
		if int(k) != i+1 {
			t.Errorf("%s is %d, in snapshots it is %d", k, k, i+1)
		}
	}
}
