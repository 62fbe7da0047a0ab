package ledgertest

import (
	"context"
	"crypto/md5"
	"fmt"
	"strconv"
	"strings"

	"possim/host/ledger"
)

// Play plays a table of text against a book. A line is a transaction and what must come of it, or a
// register and what it must hold; # begins a comment. In the words of a line:
//
//	tx KEY [undoes KEY] [sees SEQ] [print P] [refuse RULE] [if GUARD]... [move MOVE...] [raise REG N] = OUTCOME
//	is REG VALUE
//
//	REG      kind:owner or kind:owner@day
//	GUARD    RULE REG ADD >=MIN and/or <=MAX
//	MOVE     REG +N, REG -N or REG :=N
//	OUTCOME  [repeat] then posted or the rule that refused, then what Undo says
//
// Without sees, UndoesSeq is what Find says at that moment, as a host would ask.
func Play(ctx context.Context, b ledger.Book, text string) error {
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		p := player{ctx: ctx, book: b, words: words}
		if err := p.line(); err != nil {
			return fmt.Errorf("line %d: %s: %w", i+1, strings.TrimSpace(line), err)
		}
	}
	return nil
}

type player struct {
	ctx   context.Context
	book  ledger.Book
	words []string // what is left of the line
	err   error    // the first word that could not be read
}

func (p *player) line() error {
	switch verb := p.next(); verb {
	case "is":
		return p.is()
	case "tx":
		return p.tx()
	default:
		return fmt.Errorf("no such verb: %s", verb)
	}
}

func (p *player) is() error {
	r, want := p.reg(), p.number(p.next())
	if p.err != nil {
		return p.err
	}
	got, err := p.book.Read(p.ctx, r)
	if err == nil && got[0] != want {
		err = fmt.Errorf("got %d, want %d", got[0], want)
	}
	return err
}

func (p *player) tx() error {
	tx := ledger.Tx{Key: ledger.Key(p.next()), At: at, Day: 20260601}
	tx.Memo = []byte("memo of " + tx.Key)
	sees := false
	for word := p.next(); word != "="; word = p.next() {
		switch word {
		case "undoes":
			tx.Undoes = ledger.Key(p.next())
		case "sees":
			tx.UndoesSeq, sees = uint64(p.number(p.next())), true
		case "print":
			tx.Print = md5.Sum([]byte(p.next()))
		case "refuse":
			tx.Refuse = p.next()
		case "if":
			tx.Guards = append(tx.Guards, p.guard())
		case "move":
			tx.Moves = append(tx.Moves, p.moves()...)
		case "raise":
			tx.Raise = append(tx.Raise, ledger.Raise{Reg: p.reg(), To: p.number(p.next())})
		default:
			return fmt.Errorf("no such word here: %q", word)
		}
	}
	if p.err != nil {
		return p.err
	}
	if tx.Undoes != "" && !sees {
		original, _ := p.book.Find(p.ctx, tx.Undoes)
		tx.UndoesSeq = original.Seq
	}
	r, err := p.book.Commit(p.ctx, tx)
	if err != nil {
		return err
	}
	if got, want := outcome(r), strings.Join(p.words, " "); got != want {
		return fmt.Errorf("got %s, want %s", got, want)
	}
	return p.memo(tx, r)
}

// memo looks that the answer carries the Memo, unless the book knows nothing of this Tx.
func (p *player) memo(tx ledger.Tx, r ledger.Result) error {
	want := string(tx.Memo)
	if r.Refused == ledger.RuleDuplicate || r.Refused == ledger.RuleStale {
		want = ""
	}
	if string(r.Memo) != want {
		return fmt.Errorf("got memo %q, want %q", r.Memo, want)
	}
	return nil
}

// outcome says a result in the table's words.
func outcome(r ledger.Result) string {
	var words []string
	if r.Repeat {
		words = append(words, "repeat")
	}
	if r.Refused == "" {
		words = append(words, "posted")
	} else {
		words = append(words, r.Refused)
	}
	if r.Undo != "" {
		words = append(words, string(r.Undo))
	}
	return strings.Join(words, " ")
}

func (p *player) guard() ledger.Guard {
	g := ledger.Guard{Rule: p.next(), Reg: p.reg(), Add: p.number(p.next())}
	for {
		switch word := p.peek(); {
		case strings.HasPrefix(word, ">="):
			g.Min = ledger.At(p.number(p.next()[2:]))
		case strings.HasPrefix(word, "<="):
			g.Max = ledger.At(p.number(p.next()[2:]))
		default:
			return g
		}
	}
}

func (p *player) moves() (moves []ledger.Move) {
	for strings.Contains(p.peek(), ":") {
		mv := ledger.Move{Reg: p.reg()}
		word := p.next()
		word, mv.Set = strings.CutPrefix(word, ":=")
		mv.Add = p.number(word)
		moves = append(moves, mv)
	}
	return moves
}

func (p *player) reg() (r ledger.Reg) {
	word := p.next()
	kind, owner, _ := strings.Cut(word, ":")
	owner, day, dated := strings.Cut(owner, "@")
	var err error
	if r.Kind, err = ledger.ParseKind(kind); err != nil {
		p.fail(err)
	}
	if dated {
		r.Day = ledger.Day(p.number(day))
	}
	r.Owner = owner
	return r
}

func (p *player) number(word string) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		p.fail(err)
	}
	return n
}

func (p *player) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *player) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *player) next() string {
	word := p.peek()
	if word == "" {
		p.fail(fmt.Errorf("the line ends too early"))
		return "="
	}
	p.words = p.words[1:]
	return word
}
