package protocol

// buffered reads from a MagTek reader in buffered mode, which keeps a swipe until ESC
// I asks for it, and forgets it at ESC R (MT-211 TRM, table 3-1). Without a swipe it
// answers R, after one it could not read E. It is not asked again before it answered, or
// had its time for that: it would give the same swipe once more.
type buffered struct {
	ascii  ASCII
	reply  []byte
	set    bool // it was told to buffer
	heard  bool
	lone   byte // an R or E that may stand alone
	asked  int  // ESC I that went out since the last answer
	waited int  // turns since the last of them
	again  int  // answers that come yet, and are the swipe that was taken
}

func newBuffered() Parser { return new(buffered) }

// Feed implements Parser.
func (b *buffered) Feed(in []byte) []Event {
	var events []Event
	for _, c := range in {
		events = append(events, b.feed(c)...)
	}
	return events
}

// feed takes one byte. An R or E between messages counts with the CR, ETX or pause
// behind it.
func (b *buffered) feed(c byte) []Event {
	switch {
	case b.lone != 0 && (c == cr || c == lf || c == etx):
		return b.single()
	case b.lone != 0:
		lone := b.lone
		b.lone = 0
		return b.take(append(b.ascii.Feed([]byte{lone}), b.ascii.Feed([]byte{c})...))
	case (c == 'R' || c == 'E') && b.ascii.Pending() == PendingNone:
		b.lone = c
		return nil
	}
	return b.take(b.ascii.Feed([]byte{c}))
}

// single handles a message of one letter.
func (b *buffered) single() []Event {
	lone := b.lone
	b.lone, b.heard = 0, true
	if lone == 'R' {
		b.asked, b.again = 0, 0
		return nil
	}
	return b.take(b.ascii.Feed([]byte("%E?;E?\r")))
}

// take has the reader forget a swipe that arrived, and drops one that it gave again.
func (b *buffered) take(events []Event) []Event {
	var taken []Event
	for _, e := range events {
		switch {
		case e.Swipe == nil:
		case b.again > 0:
			b.heard, b.again = true, b.again-1
			continue
		default:
			b.heard, b.again = true, max(0, b.asked-1)
			b.release()
		}
		b.asked = 0
		taken = append(taken, e)
	}
	return taken
}

func (b *buffered) release() { b.reply = append(b.reply, esc, 'R') }

// Flush implements Parser.
func (b *buffered) Flush() []Event {
	if b.lone != 0 {
		return b.single()
	}
	return b.take(b.ascii.Flush())
}

// Pending implements Parser.
func (b *buffered) Pending() Pending {
	if b.lone != 0 {
		return PendingWhole
	}
	return b.ascii.Pending()
}

// Ask implements Dialog.
func (b *buffered) Ask() []byte {
	if b.asked > 0 {
		if b.waited++; b.waited < patience {
			return nil
		}
	}
	b.asked, b.waited = b.asked+1, 0
	if !b.set {
		b.set = true
		return []byte{esc, 'B', esc, 'I'}
	}
	return []byte{esc, 'I'}
}

// Reply implements Dialog.
func (b *buffered) Reply() []byte {
	r := b.reply
	b.reply = nil
	return r
}

// Leave implements Dialog.
func (b *buffered) Leave() []byte { return nil }

func (b *buffered) answered() bool { return b.heard }
