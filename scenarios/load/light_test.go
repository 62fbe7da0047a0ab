package load_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strconv"
	"time"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
)

// A light is a terminal that does what a sale needs and no more: each request its own,
// encoded and sealed; each answer matched, and its MAC verified.
type light struct {
	*path
	stream net.Conn
	link   *wire.Conn
	seal   wire.Seal
	cards  []load.Card
	sale   wire.Message
	stan   int
	frame  []byte
}

func newLight(p *path, cards []load.Card, number int) *light {
	l := &light{path: p, cards: cards}
	tid := fmt.Sprintf("%08d", number)
	keys, err := hsm.Double.Make(rand.Reader)
	if err != nil {
		p.b.Fatal(err)
	}
	session, err := p.host.Registry.SignOn(context.Background(), registry.DefaultMID, tid, keys, time.Now())
	if err != nil {
		p.b.Fatal(err)
	}
	if l.seal, err = hsm.MACECB.Sealer(keys.TAK); err != nil {
		p.b.Fatal(err)
	}
	l.sale = wire.Message{
		MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", Amount: 1, EntryMode: "022", Condition: "00",
		TID: tid, MID: registry.DefaultMID, Currency: money.CNY,
		Private60: wire.Sub60{Type: "22", Batch: fmt.Sprintf("%06d", session.Batch), Network: "000", ReadCapability: "2", ICCondition: "0", PartialDebit: "0"}.String(),
	}
	if l.link, err = wire.Dial(context.Background(), p.addr, time.Now); err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(func() { l.link.Close() })
	return l
}

// request is the next sale's frame.
func (l *light) request() (err error) {
	l.stan++
	l.sale.STAN = strconv.Itoa(1_000_000 + l.stan)[1:]
	l.sale.Track2 = l.cards[l.stan%len(l.cards)].Track2
	l.frame, err = l.dialect.Encode(l.frame[:0], &l.sale, l.seal)
	return err
}

// sell makes one sale.
func (l *light) sell() error {
	_, err := l.exchange()
	return err
}

func (l *light) exchange() (answer []byte, err error) {
	if err := l.request(); err != nil {
		return nil, err
	}
	if err := l.link.Send(context.Background(), l.frame); err != nil {
		return nil, err
	}
	if answer, err = l.link.Peek(context.Background(), time.Minute); err != nil {
		return nil, err
	}
	var a wire.Message
	mab, err := l.dialect.Decode(answer, &a)
	if err == nil {
		err = wire.Matches(&l.sale, &a)
	}
	if err == nil && a.Code != wire.Approved {
		err = fmt.Errorf("the host answers %s", a.Code)
	}
	if err == nil {
		err = hsm.Verify(l.seal, mab, a.MAC)
	}
	return answer, err
}

// sizes are those of a request and its answer on the wire.
func (l *light) sizes() (request, answer int) {
	a, err := l.exchange()
	if err != nil {
		l.b.Fatal(err)
	}
	return len(l.frame) + 2, len(a) + 2
}
