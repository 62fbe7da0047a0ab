package host

import (
	"context"
	"fmt"
	"slices"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/reader/card"
)

// issuer is the account that opening balances are paid in from.
var issuer = ledger.Reg{Kind: ledger.Balance, Owner: "issuer"}

// Account is what a card has and what it used of its limits today.
type Account struct {
	Balance   int64 // minor units
	DayAmount int64
	DayCount  int64
	Held      int64 // set aside by pre-authorisations; no part of Balance
}

// Account reads the books of a card, on the business day of the host's clock.
func (h *Host) Account(ctx context.Context, pan card.PAN) (Account, error) {
	day, _ := h.day(h.now())
	owner := h.Token(pan)
	got, err := h.Book.Read(ctx,
		ledger.Reg{Kind: ledger.Balance, Owner: owner},
		ledger.Reg{Kind: ledger.DayAmount, Owner: owner, Day: day},
		ledger.Reg{Kind: ledger.DayCount, Owner: owner, Day: day},
		held(owner))
	if err != nil {
		return Account{}, fmt.Errorf("account of card %s: %w", pan, err)
	}
	return Account{Balance: got[0], DayAmount: got[1], DayCount: got[2], Held: got[3]}, nil
}

// Settlement reads what a merchant is owed, in minor units.
func (h *Host) Settlement(ctx context.Context, mid string) (int64, error) {
	got, err := h.Book.Read(ctx, ledger.Reg{Kind: ledger.Balance, Owner: merchantOwner(mid)})
	if err != nil {
		return 0, fmt.Errorf("settlement account of merchant %s: %w", mid, err)
	}
	return got[0], nil
}

func (h *Host) isOpen(token string) bool {
	_, ok := h.opened.Load(token)
	return ok
}

// open pays in the opening balance of a card.
func (h *Host) open(ctx context.Context, c registry.Card, at time.Time) error {
	if _, met := h.cards.find(c.PAN); met {
		return nil
	}
	k := known{h.Token(c.PAN), c.PAN.String()}
	if err := h.openAs(ctx, k.token, k.masked, c.OpeningBalance(), at); err != nil {
		return fmt.Errorf("opening the account of card %s: %w", c.PAN, err)
	}
	h.cards.keep(c.PAN, k)
	return nil
}

// openAs pays in an opening balance.
func (h *Host) openAs(ctx context.Context, token, masked string, balance int64, at time.Time) error {
	if h.isOpen(token) {
		return nil
	}
	if _, err := h.Book.Commit(ctx, h.opening(token, masked, balance, at)); err != nil {
		return err
	}
	h.opened.Store(token, nil)
	return nil
}

// openTogether is how many accounts a host opens together: enough to share what a flush or a round trip
// takes, and no more than a Book has room for beside its sales.
const openTogether = 512

// openAll pays in the opening balances of cards. Where the Book takes transactions together, thousands
// of cards of a new book cost little more than one.
func (h *Host) openAll(ctx context.Context, cards []registry.Card, at time.Time) error {
	batcher, ok := h.Book.(ledger.Batcher)
	if !ok {
		for _, c := range cards {
			if err := h.open(ctx, c, at); err != nil {
				return err
			}
		}
		return nil
	}
	cards = slices.DeleteFunc(slices.Clone(cards), func(c registry.Card) bool {
		_, met := h.cards.find(c.PAN)
		return met
	})
	for some := range slices.Chunk(cards, openTogether) {
		names, txs := make([]known, len(some)), make([]ledger.Tx, len(some))
		for i, c := range some {
			names[i] = known{h.Token(c.PAN), c.PAN.String()}
			txs[i] = h.opening(names[i].token, names[i].masked, c.OpeningBalance(), at)
		}
		if _, err := batcher.CommitAll(ctx, txs); err != nil {
			return fmt.Errorf("opening the accounts of cards %s to %s: %w", some[0].PAN, some[len(some)-1].PAN, err)
		}
		for i, c := range some {
			h.opened.Store(names[i].token, nil)
			h.cards.keep(c.PAN, names[i])
		}
	}
	return nil
}

// opening is how an account is opened, once for ever: the key has no time in it and
// the print is always the same, so that another balance in a card file read later
// is not a second opening (RULES: defaults).
func (h *Host) opening(token, masked string, balance int64, at time.Time) ledger.Tx {
	day, _ := h.day(at)
	memo := record{Kind: "opening", Amount: balance, Currency: h.currency(), Card: token, PAN: masked, Day: day}
	return ledger.Tx{Key: ledger.Key("open:" + token), At: at, Day: day, Memo: memo.encode(), Moves: []ledger.Move{
		{Reg: issuer, Add: -balance},
		{Reg: ledger.Reg{Kind: ledger.Balance, Owner: token}, Add: balance},
	}}
}
