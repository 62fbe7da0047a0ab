package scenarios

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"

	"possim/host"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/sim"
)

// inside is what only a simulated host shows.
type inside struct {
	clock   *sim.Clock
	net     *sim.Net
	host    *host.Host
	opening map[string]int64 // balance of each card at the start
	due     error            // what Host.Due failed with
}

// simulate builds the host and the clock.
func (w *world) simulate(ctx context.Context, seed uint64, o *Options) error {
	clock := sim.NewClock(Start)
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("possim token key"), seed))
	h := &host.Host{Now: clock.Now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: key[:], Zone: China, Log: w.logger,
		StatusCodes: w.sc.Host.statusCodes(), MAC: host.MACOff, Random: randomness(seed, "host"), Fallback: w.sc.Host.Fallback}
	if w.sc.Host.MAC == "require" || w.sc.Host.MAC == "" && o.sealed() {
		h.MAC = host.MACRequire
	}
	if !o.BDK.Zero() {
		if err := h.Registry.SetBDK(o.BDK); err != nil {
			return err
		}
	}
	var err error
	if h.Downloads, err = CatalogDownloads(); err != nil {
		return err
	}
	in := &inside{clock: clock, host: h, opening: map[string]int64{}}
	handle := h.Handler(w.dialect)
	in.net = &sim.Net{Clock: clock, Latency: latency, Serve: func(ctx context.Context, frame []byte) []byte {
		if answer, ok := handle(ctx, frame); ok {
			return answer
		}
		return nil
	}}
	w.inside, w.now, w.sleep, w.dial = in, clock.Now, clock.Sleep, in.net.Dial
	if err := w.register(h.Registry); err != nil {
		return err
	}
	if err := h.Due(ctx); err != nil {
		return fmt.Errorf("the host opens its books: %w", err)
	}
	clock.Daily(China, h.CutOver, func() { in.due = errors.Join(in.due, h.Due(context.WithoutCancel(ctx))) })
	for name, c := range w.sc.cards.all() {
		a, err := h.Account(ctx, c.PAN())
		if err != nil {
			return err
		}
		in.opening[name] = a.Balance
	}
	return nil
}

// statusCodes is the host's table with what a scenario has otherwise.
func (h Host) statusCodes() map[registry.Status]wire.Code {
	all := host.DefaultStatusCodes()
	maps.Copy(all, h.Codes)
	return all
}

// register makes the host know the scenario's cards and terminal. Of two cards
// with one number the inner one counts: the scenario's before its file's before
// the catalog's.
func (w *world) register(r *registry.Registry) error {
	known := map[card.PAN]*Card{}
	for i := len(w.sc.cards) - 1; i >= 0; i-- {
		for _, name := range words(w.sc.cards[i]) {
			c := w.sc.cards[i][name]
			known[c.PAN()] = c
		}
	}
	for _, c := range known {
		if entry, ok := c.Known(); ok {
			if err := r.PutCard(entry); err != nil {
				return fmt.Errorf("card %s: %w", c.Name, err)
			}
		}
	}
	t := w.sc.Terminal
	if t.MerchantLimit != nil {
		if err := r.PutMerchant(registry.Merchant{MID: t.MID, DayAmount: t.MerchantLimit}); err != nil {
			return err
		}
	}
	if _, there := r.Terminal(t.MID, t.TID); t.DayLimit == nil && t.BDK.Zero() && (!there || w.config.MAC == "") {
		return nil
	}
	return r.PutTerminal(registry.Terminal{TID: t.TID, MID: t.MID, DayAmount: t.DayLimit, BDK: t.BDK, MACAlgorithm: w.config.MAC})
}

// taken returns what the books took from a card since the scenario began.
func (w *world) taken(name string) (int64, error) {
	now, err := w.balance(name)
	if err != nil {
		return 0, err
	}
	return w.inside.opening[name] - now, nil
}

// balance returns what the books hold for a card.
func (w *world) balance(name string) (int64, error) {
	a, err := w.account(name)
	return a.Balance, err
}

// account reads the books of a card.
func (w *world) account(name string) (host.Account, error) {
	c := w.sc.cards.find(name)
	if c == nil || w.inside == nil {
		return host.Account{}, fmt.Errorf("the books of card %q cannot be read", name)
	}
	return w.inside.host.Account(w.ctx(), c.PAN())
}

// pinTries returns how often a PIN of a card may still be wrong.
func (w *world) pinTries(name string) (int, error) {
	h := w.inside.host
	wrong, err := h.Book.Read(w.ctx(), ledger.Reg{Kind: ledger.PINTries, Owner: h.Token(w.sc.cards.find(name).PAN())})
	if err != nil {
		return 0, err
	}
	return max(0, cmp.Or(h.PINTries, host.DefaultPINTries)-int(wrong[0])), nil
}

// ctx is for reading the books once a step is over: nothing waits in it.
func (w *world) ctx() context.Context { return context.Background() }
