// Package host is the acquirer that answers a terminal, and the issuer behind it.
//
// A Host is a value: its clock, registry, book and configuration are fields. It
// starts no goroutine and reads no clock of its own.
//
//	h := &host.Host{Now: clock, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: key}
//	err := h.Due(ctx)                       // opens the accounts of the registered cards
//	d := h.Decide(ctx, host.Request{Message: purchase})
//	d.Answer.Code                           // "00", or why not
//
// # How a decision is made
//
// Decide walks one ordered list, the rules in rules.go: what docs/rules.md calls the
// order of refusals. The first rule that objects decides the code. Rules above
// "repeat" leave no trace. Those below it are recorded, so that the same request
// gets the first answer again, to the byte, even if the card was frozen meanwhile.
//
//	format 30  merchant 03  terminal 97  MAC A0  track 30  transaction 12  batch 77
//	---- repeat: the first answer again, or 94 ----
//	card 14  amount 13  currency 12  original 25, 12 or 64  payment code 54  status
//	expiry 54  fallback 45  cryptogram 05 or 30  ATC 05  CVN 05  PIN 55, 75 or 99
//	per-transaction 61
//	---- in the book, in one atomic step with the posting ----
//	ATC 05  payment code 94  PIN tries 75  day-amount 61  day-count 65
//	terminal-day 61  merchant-day 61  rest 64  balance 51
//
// The rules that need a register (limits and balance) are guards of the one
// ledger.Tx that also posts the money: two terminals cannot both pass a limit
// that has room for one.
//
// # What follows up what
//
// A void, cancel or completion has the book undo the original on the original's day
// and posts its own beside (moves.go says what each posts). It names the original by
// batch and STAN (61), reference number (37) or authorisation code and date (38, 61),
// and all that it names must be so (followup.go):
//
//	25  there is none, it was refused, or it stands no more: voided, reversed, completed, expired
//	12  it is of a kind that is not followed up so: a void of a void
//	64  another card or amount; more than is left to refund; above 115 % of the hold
//
// A reversal looks for its original by its own STAN, or field 90, and has the book
// undo it, once, whichever of the two arrives first (reversal.go). The reversal of a
// void makes the sale stand again. Balance inquiries, refunds, offline sales and
// completion notices are never reversed: 12.
//
// # Chips
//
// A card whose entry has its issuer's keys (registry.Checks.Issuer) has its cryptograms
// verified: the host derives the card's keys and computes the ARQC from field 55's own
// values (chip.go). Field 55 must also tell of the same transaction as the message. A
// counter (ATC) is good for one request, whatever became of that (atc.go). An answer to
// an ARQC that was right, approved or declined, carries the issuer's proof for its code
// (91), and the scripts that are queued for the card (issuer.go, script.go):
//
//	ids, err := h.Script(pan, host.Script{Do: host.BlockApplication})
//	h.Scripts(pan)[0].State                 // waiting, done once a 0620 says so, or given up
//
// A sale that the chip approved offline comes afterwards, with its TC. It posts whatever
// the limits, and the balance may go below zero: the merchant has the chip's word.
//
// # Sessions
//
// A sign-on makes working keys under the terminal's TMK and says which batch is open
// (session.go). From then on another batch is answered 77, except in a reversal.
// With MAC = MACRequire a request whose kind carries a MAC and that has none, or a
// wrong one, is answered A0. Answers to sealed requests are sealed (Decision.Seal;
// Handler does it), under the same key; an A0 is not.
//
// Settlement compares the terminal's totals with the book's (settle.go); the end of
// the batch upload closes the batch, and the next sign-on opens another.
//
// # Load
//
// Requests wait where the book takes them: a batch of them becomes durable together,
// and the next waits meanwhile. As many as MostPending are under way at once; one more
// is answered 91, before anything else is looked at: its terminal tries later. Such an
// answer carries no MAC, as none was looked at.
//
// # Accounts
//
// A card's account is named by an HMAC token of its PAN; the book and the log
// hold masked numbers only. An account opens once, with the balance of the card's
// entry, paid in from the issuer's own account. A sale moves the amount from the
// card to the merchant; a pre-authorisation to what is held of the card, for thirty
// days, after which Due lets go of it. All accounts always sum to zero.
//
// A payment code (scan.go) that the registry can read pays from its card, once and
// for a minute; with WalkIn any other code is a wallet of its own.
package host

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
)

// DefaultTerminalDay is what a terminal may take a day unless the configuration
// says otherwise: 500,000.00 (RULES: day and limits).
const DefaultTerminalDay int64 = 50_000_000

// DefaultMostPending is how many requests are decided at once: some seconds of work,
// and more terminals than wait for a host at once.
const DefaultMostPending = 16384

// Host decides on requests. Its fields are set before the first call; after that
// it is safe for concurrent use.
type Host struct {
	Now      func() time.Time
	Registry *registry.Registry
	Book     ledger.Book

	// TokenKey makes the tokens that stand for cards in the book. It must stay the
	// same as long as the book does: under another key every card is a stranger.
	TokenKey []byte

	Zone    *time.Location // of the business day; nil is China's, +08:00
	CutOver time.Duration  // when the day begins: after midnight, or before it when negative

	Currency    money.Currency                // "" is CNY
	TerminalDay *int64                        // limit of a terminal a day; nil is DefaultTerminalDay
	StatusCodes map[registry.Status]wire.Code // nil is DefaultStatusCodes
	WalkIn      bool                          // open an account at first sight of a card
	Acquirer    string                        // F32 and 44.2 of answers; "" is DefaultAcquirer in UnionPay's dialect, and none elsewhere
	Issuer      string                        // 44.1 of answers in UnionPay's dialect; "" is DefaultIssuer
	Schemes     map[string]string             // 63.1 by how a card number begins; nil is DefaultSchemes

	CompletionPercent int           // of its hold, that a completion may take; 0 is DefaultCompletionPercent
	HoldDays          int           // 0 is DefaultHoldDays
	PINTries          int           // wrong PINs in a row that lock a card; 0 is DefaultPINTries
	CodeLife          time.Duration // of a payment code; 0 is DefaultCodeLife

	Fallback    bool // take the stripe of a card whose chip could not be read
	BlockLost   bool // have a lost or stolen card's chip block its application
	ScriptTries int  // how often an issuer script is sent at most; 0 is DefaultScriptTries

	// MostPending is how many requests are decided at once; one more is answered 91 (rule
	// "busy"), and nothing of it is kept. 0 is DefaultMostPending.
	MostPending int

	MAC       MACPolicy // "" is MACOff
	Random    io.Reader // working keys are made of it; without it there is no sign-on
	Downloads Downloads // what terminals may fetch

	// Verify checks a request beside its MAC; an error refuses it with A0. nil is off.
	Verify func(ctx context.Context, r Request) error

	Log zerolog.Logger

	pending atomic.Int64
	keyed   sync.Pool // of HMACs under TokenKey
	cards   cards
	codes   atomic.Pointer[codes]
	opened  sync.Map     // tokens of accounts known to be open
	met     atomic.Int64 // how many of the registry's cards Due has opened accounts for
	drawing sync.Mutex
	holds   holds
	scripts scriptQueues
	uploads sync.Map // terminal -> what it uploaded of the batch it settles
}

// Request is a message on its way in.
type Request struct {
	wire.Message
	MAB       []byte // the bytes the MAC was computed over
	Malformed error  // why the rest of the frame could not be read: refused with 30
	Last      bool   // its dialect has no batch end: a settlement closes the batch itself
}

// Decision is what the host does about a request.
type Decision struct {
	Answer wire.Message
	Silent bool             // send nothing: not a request, or the outcome of a commit is unknown
	Rule   string           // the rule that refused, "" when approved
	Why    []ledger.Verdict // the guards asked, in order, up to the one that refused
	Note   string           // a sentence for people: why the host is silent, what the original was
	Seq    uint64           // the posting in the journal, 0 when nothing was recorded
	Repeat bool             // the first answer again
	Seal   wire.Seal        // what Answer is sealed with, nil where it carries no MAC
}

// DefaultStatusCodes is the response code for each status that does not let a
// card pay (RULES: order of refusals).
func DefaultStatusCodes() map[registry.Status]wire.Code {
	return map[registry.Status]wire.Code{
		registry.Frozen:      wire.RestrictedCard,
		registry.StopPayment: wire.StopPayment,
		registry.Lost:        wire.LostCard,
		registry.Stolen:      wire.StolenCard,
	}
}

// Decide answers a request, or stays silent, and says why. It never fails: what
// went wrong is in the decision.
func (h *Host) Decide(ctx context.Context, r Request) Decision {
	d := h.deal()
	defer dismiss(d)
	d.Request = r
	return *d.decision(ctx)
}

// decision is good as long as the deal is.
func (d *deal) decision(ctx context.Context) (decision *Decision) {
	h := d.h
	d.look()
	defer h.pending.Add(-1)
	if h.pending.Add(1) > int64(cmp.Or(h.MostPending, DefaultMostPending)) && d.MTI.Answer() != "" {
		decision = d.refuse("busy", wire.Inoperative)
	} else {
		decision = d.decide(ctx)
	}
	if !decision.Silent {
		decision.Seal = d.seal(decision.Rule)
	}
	d.log(decision)
	return decision
}

// Due does what the clock and the registry bring: it opens the accounts of cards
// that were registered since the last call, and lets go of holds that are too old.
// Calling it again is harmless.
func (h *Host) Due(ctx context.Context) error {
	if len(h.TokenKey) < 16 {
		return errors.New("the host's token key has less than 16 bytes: give it one that stays with its book")
	}
	at, met := h.now(), h.met.Load()
	cards := h.Registry.CardsSince(int(met))
	if err := h.openAll(ctx, cards, at); err != nil {
		return err
	}
	h.met.Store(met + int64(len(cards)))
	return h.expireHolds(ctx, at)
}

// decide walks the rules, then posts.
func (d *deal) decide(ctx context.Context) *Decision {
	if d.MTI.Answer() == "" {
		return d.silent("message type " + printable(string(d.MTI)) + " is not a request: nothing to answer")
	}
	for i := range rules {
		rule := &rules[i]
		if rule.check == nil || rule.on&d.kind == 0 {
			continue
		}
		passes, err := rule.check(d, ctx)
		if err != nil {
			return d.silent("the book did not answer: " + err.Error())
		}
		if passes {
			continue
		}
		if d.code == "" {
			d.code = rule.code
		}
		if d.key == "" {
			return d.refuse(rule.name, d.code)
		}
		d.refused = rule.name
		break
	}
	return d.act(ctx)
}

// act does what the rules let pass, or records what they refused.
func (d *deal) act(ctx context.Context) *Decision {
	switch d.kind {
	case reversal:
		return d.reverse(ctx)
	case signOn:
		return d.signOn(ctx)
	case signOff:
		return d.signOff(ctx)
	case settlement:
		return d.settle(ctx)
	case upload:
		return d.takeUpload(ctx)
	case batchEnd:
		return d.endBatch(ctx)
	case download:
		return d.download()
	case script:
		return d.takeScript(ctx)
	case echo, report:
		return d.answer(wire.Approved, d.record(), 0)
	}
	return d.post(ctx)
}

// refuse answers without recording anything.
func (d *deal) refuse(rule string, code wire.Code) *Decision {
	out := d.answer(code, d.record(), 0)
	out.Rule = rule
	return out
}

// silent gives no answer. The terminal then reverses, which is safe whether or
// not something was posted.
func (d *deal) silent(why string) *Decision {
	d.out = Decision{Silent: true, Note: why}
	return &d.out
}

func (h *Host) statusCode(s registry.Status) (wire.Code, bool) {
	if s == registry.Active {
		return "", false
	}
	codes := h.StatusCodes
	if codes == nil {
		codes = DefaultStatusCodes()
	}
	if code, ok := codes[s]; ok {
		return code, true
	}
	return wire.RestrictedCard, true // a table that forgot a status must not let the card pay
}

func (h *Host) currency() money.Currency {
	if h.Currency == "" {
		return money.CNY
	}
	return h.Currency
}

func (h *Host) terminalDay() int64 {
	if h.TerminalDay == nil {
		return DefaultTerminalDay
	}
	return *h.TerminalDay
}
