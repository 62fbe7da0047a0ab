// Package emulator is the payment terminal itself (EMV level 3): it takes an
// order, reads a card, asks the host and says how it ended.
//
// A Terminal does one order at a time, in the caller's goroutine. Everything it
// touches is handed in: the Reader, the Face that shows and asks, the Dialer to
// the host, the clock, and Save, which makes its State durable.
//
// # Money moves once or not at all
//
// Before a request leaves, State.Open says so on disk. From then on exactly one of
// three things ends it: an answer of the host, booked in one durable write before
// a slip is printed; a reversal, sent until the host acknowledges it and before
// anything financial; or a power cut, after which the next order begins with that
// reversal. A failed dial sends nothing and reverses nothing.
//
//	order -> amount twice -> card -> PIN -> STAN and Open saved -> send
//	   answer 00 ........... booked, slip printed          approved
//	   answer other ........ closed                        declined
//	   none, or not ours ... Open becomes a reversal       reversed | unknown
//	   its MAC is wrong .... the same, reason A0           reversed | unknown
//	   00, not bookable .... the same, reason 96           reversed | unknown
//
// A decline is an Outcome. An error means that the terminal could not act.
//
// # Orders
//
// All that move money are one flow and one table of forms (forms.go): what is typed,
// whether a card and a PIN are asked for, how the original is named, and on which
// side of the settlement it counts. Whether a kind is reversed and carries a MAC is
// the dialect's to say (wire.Transaction).
//
//	sale, qr                     -
//	void, completion void        the original by its voucher number, of this batch
//	refund                       by RRN and date; never reversed, repeated until answered
//	pre-auth                     -
//	cancel, completion, notice   by authorisation code and date; a notice is stored and repeated
//	balance                      never reversed
//
// An original of this batch may always be named by its voucher alone.
//
// # Chips
//
// A terminal with a chip reader runs the kernel (package kernel) on the card between
// card and STAN, and again on the host's answer (chip.go). The card has its say last:
//
//	TC at once .......... booked, and told of later (0220)    approved, Y1
//	AAC at once ......... nothing is sent                     declined, Z1
//	host 00, card TC .... booked; the TC goes up in the settlement
//	host 00, card AAC ... reversed, reason 06                 reversed
//	no answer ........... reversed; a card that approves by itself all the same (Y3)
//	                      is booked under another STAN and told of
//
// A card with a chip that is swiped is sent to the chip reader; only after three chip
// reads that failed its stripe is taken, and F22 and 60.5 say so. A tap is a whole
// transaction of its own: what goes online is the host's to decide, and a tap that is
// too much, or whose card says so, is asked to be inserted. What follows up an earlier
// transaction only reads who the card is.
//
// # Keys
//
// A terminal with a MAC algorithm signs on by itself before its first sealed order:
// it asks for working keys under its TMK, refuses all of them when one check value
// is wrong, and takes batch number and clock from the answer. When the host answers
// 77 or A0 it signs on and sends the same message once more. State keeps the keys
// as the host sent them, and card numbers that have to be sent again (a refund, the
// details of a batch) enciphered under a key derived from the TMK; a terminal
// without a TMK does not keep them.
//
// # The batch
//
// Every approval is an Entry of the journal. Settle sends what is stored, compares
// totals with the host, uploads the entries where they differ, and empties the
// journal in the durable write before its slip; until that is done nothing financial
// is taken. A power cut goes on with the same message under the same number.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
)

// Config is what an acquirer tells a terminal when it is installed.
type Config struct {
	TID, MID     string
	MerchantName string
	Currency     money.Currency // CNY when ""
	ChipReader   bool           // 60.4 = 5: a chip card must use the chip
	Contactless  bool           // 60.4 = 6: it takes taps too
	EMV          EMV            // what it knows of chips
	AnswerWait   time.Duration  // how long an answer may take; 60 s when 0
	Tries        int            // how often an order sends a reversal before it gives up; 3 when 0

	MAC           hsm.MACAlgorithm // of sealed messages; "" seals none and signs on only when told to
	PINEntry      bool             // there are keys to type a PIN on
	PINFormat     hsm.PINFormat    // of F52: ISO0, or ISO3 and NoPAN where an acquirer wants them; ISO4 under AES keys, where F52 has 16 bytes
	NoPINUpTo     int64            // minor units: up to here a card whose service code asks for no PIN goes without
	EncryptTracks bool             // the sign-on asks for a TDK (60.3 = 004), and track 2 goes under it
	Licence       string           // F62 of a sign-on: licence and serial number; made from the TID when ""
	Operator      string           // F63.1 and slips, until an operator signs on; "01" on the wire when ""
}

// World is what the terminal is attached to. All but Print, Log, TMK and Random must
// be set, and TMK where the configuration asks for MACs, PINs or enciphered tracks.
type World struct {
	Reader  reader.Reader
	Face    Face
	Dial    wire.Dialer
	Dialect *wire.Dialect
	Now     func() time.Time
	Save    func(State) error                            // durable on return
	Print   func(ctx context.Context, slip string) error // nil: it has no printer, and writes no slips
	Log     zerolog.Logger
	TMK     hsm.Key   // the terminal's master key, injected before it left the works
	DUKPT   DUKPT     // or an initial key: then every message has keys of its own
	Random  io.Reader // for chips, and for PIN formats that are filled at random; format 0 is not

	// Within bounds how long a card may take over an answer; nil leaves that to the card.
	Within func(context.Context, time.Duration) (context.Context, context.CancelFunc)
}

// Terminal does one order at a time.
type Terminal struct {
	Config
	World
	state  State
	opened struct { // the working keys of state.Keys, deciphered
		from string
		keys hsm.WorkingKeys
	}
	kept struct { // where card numbers are kept, under a key made from another
		from  hsm.Key
		place *hsm.Place
	}
}

// New returns a terminal that goes on from a saved state; the zero State is a
// terminal out of the box.
func New(c Config, w World, s State) *Terminal {
	if c.Currency == "" {
		c.Currency = money.CNY
	}
	if c.AnswerWait == 0 {
		c.AnswerWait = 60 * time.Second
	}
	if c.Tries == 0 {
		c.Tries = 3
	}
	return &Terminal{Config: c, World: w, state: s.clone()}
}

// State returns what would survive a power cut now.
func (t *Terminal) State() State { return t.state.clone() }

// Do carries out one order. What an earlier power cut left open is settled
// first. A decline is an Outcome; an error (a reader that went away, a state that
// cannot be saved, a cancelled ctx) means that the terminal could not act, and
// leaves the State such that the next order sets it right.
func (t *Terminal) Do(ctx context.Context, o Order) (Outcome, error) {
	if err := t.PINFits(t.Dialect, t.DUKPT); err != nil {
		return Outcome{}, err
	}
	line := &line{t: t}
	defer line.hangUp()
	if err := t.wake(ctx); err != nil {
		return Outcome{}, err
	}
	out, err := t.carryOut(ctx, line, o)
	if err == nil && line.required == wire.RequireSignOn && o.Kind != SignOn {
		err = t.commit(func(s *State) { s.Keys = "" }) // the next sealed order signs on
	}
	return out, err
}

// carryOut does one order; what stood open before it is settled.
func (t *Terminal) carryOut(ctx context.Context, line *line, o Order) (Outcome, error) {
	if f, ok := forms[o.Kind]; ok {
		out, err := t.transact(ctx, line, o, f)
		if err != nil || !line.heard || t.queued(out.STAN) {
			return out, err
		}
		// The host answers: what is stored may go now.
		if sent, err := t.reportScripts(ctx, line); err != nil || !sent {
			return out, err
		}
		_, err = t.forward(ctx, line, 1)
		return out, err
	}
	switch o.Kind {
	case SignOn:
		return t.signOn(ctx, line)
	case SignOff:
		return t.signOff(ctx, line)
	case Status:
		return t.status(ctx, line)
	case Echo:
		return t.echo(ctx, line)
	case Settle:
		return t.settleBatch(ctx, line)
	case Download:
		return t.download(ctx, line)
	case Operator:
		return t.signOperator(ctx, o)
	case Recover:
		return t.recover(ctx, line)
	}
	return Outcome{}, fmt.Errorf("order %q: this terminal knows %s", o.Kind, known())
}

// known lists the orders, for a message.
func known() string {
	names := []string{string(SignOn), string(SignOff), string(Status), string(Echo), string(Settle), string(Download), string(Operator), string(Recover)}
	for kind := range forms {
		names = append(names, string(kind))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// wake settles what a power cut left behind: an open request becomes a reversal,
// and a slip that was booked but may not have come out is offered again.
func (t *Terminal) wake(ctx context.Context) error {
	if t.state.Open != nil {
		if err := t.commit(func(s *State) { s.queueOpen(wire.NoResponse) }); err != nil {
			return err
		}
	}
	if !t.state.Unprinted || t.Print == nil {
		return nil
	}
	again, err := t.Face.Ask(ctx, Question{Kind: AskReprint, Screen: screenReprint})
	if err != nil {
		return err
	}
	if !again.Cancel {
		if err := t.Print(ctx, t.state.LastSlip); err != nil {
			return fmt.Errorf("reprint: %w", err)
		}
	}
	return t.commit(func(s *State) { s.Unprinted = false })
}

// recover sends what is queued, goes on with a settlement, and does nothing else.
func (t *Terminal) recover(ctx context.Context, l *line) (Outcome, error) {
	had := len(t.state.Queue) > 0
	out := Outcome{Result: Approved, Reversal: ReversalNone}
	done, err := t.flush(ctx, l)
	if err != nil {
		return out, err
	}
	switch {
	case !done:
		out.Result, out.Cause, out.Reversal = Unknown, ReversalPending, ReversalQueued
		return out, nil
	case had:
		out.Result, out.Reversal = Reversed, ReversalAcknowledged
	}
	sent, err := t.forward(ctx, l, t.Tries)
	if err != nil {
		return out, err
	}
	if !sent {
		out.Result, out.Cause = Unknown, OfflinePending
		return out, nil
	}
	if t.state.Settling != nil {
		return t.goOnSettling(ctx, l)
	}
	return out, nil
}

// refuse ends an order before anything was sent that could count.
func (t *Terminal) refuse(ctx context.Context, out Outcome, c Cause, s Screen) (Outcome, error) {
	out.Result, out.Cause = Refused, c
	if c == ReversalPending {
		out.Reversal = ReversalQueued
	}
	return out, t.Face.Show(ctx, s)
}

// errAs is errors.As for the one kind of failure an exchange reports itself.
func errAs(err error) (*miss, bool) {
	var m *miss
	return m, errors.As(err, &m)
}
