package magstripe

// Characters are what a track's bits say: the longest stretch of characters whose
// parity is right. A whole track begins with its start sentinel; of a fragment they
// begin where the characters fall into step.
type Characters struct {
	bits     Bits
	alphabet *alphabet // nil: no characters were found
	from, to int       // bits
	text     []byte
	started  bool // text begins with the start sentinel
}

// inStep is how many characters of right parity in a row are no accident: a shorter
// run is in step only if it fills the bits.
const inStep, inStepWhole = 9, 5

// Characters finds the characters of a track (1 to 3; 0 is told from the bits).
func (b Bits) Characters(track int) Characters {
	best := Characters{bits: b}
	raw := b.raw()
	for _, a := range alphabetsOf(track) {
		from, to := a.longestRun(raw)
		n := (to - from) / a.bits
		sure := n >= inStep || n >= inStepWhole && n >= len(raw)/a.bits-1
		if f := a.find(raw); f.good >= fewGood {
			if end := a.run(raw, f.from); f.clocked(raw) || end-f.from+2*a.bits >= to-from {
				from, to, sure = f.from, end, sure || f.clocked(raw)
			}
		}
		if sure && to-from > best.to-best.from {
			text := a.spell(raw[from:to])
			best = Characters{bits: b, alphabet: a, from: from, to: to, text: text, started: text[0] == a.start}
		}
	}
	return best
}

// run returns where characters of right parity from bit at on end; behind an end
// sentinel and its LRC they do.
func (a *alphabet) run(bits []byte, at int) int {
	for ended := false; at+a.bits <= len(bits); {
		value, odd := a.char(bits[at:])
		if !odd {
			break
		}
		at += a.bits
		if ended {
			break
		}
		ended = value+a.offset == a.end
	}
	return at
}

// longestRun is the longest stretch of characters of right parity.
func (a *alphabet) longestRun(bits []byte) (from, to int) {
	seen := make([]int, a.bits) // up to where the runs went that are in step with a bit
	for at := range bits {
		if at < seen[at%a.bits] {
			continue
		}
		end := a.run(bits, at)
		if seen[at%a.bits] = end; end-at > to-from {
			from, to = at, end
		}
	}
	return from, to
}

// spell writes the characters of bits that are whole ones.
func (a *alphabet) spell(bits []byte) []byte {
	var text []byte
	for at := 0; at+a.bits <= len(bits); at += a.bits {
		value, _ := a.char(bits[at:])
		text = append(text, value+a.offset)
	}
	return text
}

// backwardsLikelier reports whether the characters make far more sense in the other
// order. Parity is as right backwards; but 6 is = then, 7 is <, and no date follows. In
// doubt the order is that in which they were seen.
func (c Characters) backwardsLikelier(other Characters) bool {
	const doubt = 3 // an end sentinel and an LRC make no sense either
	return len(other.text) >= len(c.text) && len(other.text) > 0 && other.nonsense() == 0 && c.nonsense() >= doubt
}

// nonsense counts the characters that a card's number, date and name are not made of;
// there is one separator before a date, and a month follows it.
func (c Characters) nonsense() int {
	bad, separators := 0, 0
	for i, v := range c.text {
		switch {
		case v >= '0' && v <= '9', v == '^':
		case v == '=':
			separators++
			if date := c.text[i+1:]; separators > 1 || len(date) >= 4 && !month(date[2:4]) {
				bad++
			}
		case c.alphabet == &alpha && (v >= 'A' && v <= 'Z' || v == ' ' || v == '/'):
		case i == 0 && v == c.alphabet.start:
		default:
			bad++
		}
	}
	return bad
}

func month(mm []byte) bool { return mm[0] == '0' && mm[1] >= '1' || mm[0] == '1' && mm[1] <= '2' }

// Found says how many characters there are, how many bits each has, and at which bit
// (from 0) they begin.
func (c Characters) Found() (n, width, from int) {
	if c.alphabet == nil {
		return 0, 0, 0
	}
	return len(c.text), c.alphabet.bits, c.from
}

// Broke says at which bit (from 0) the characters end although bits follow that are
// more than zeros, and whether they do; a bit that was lost counts as one.
func (c Characters) Broke() (bit int, broke bool) {
	if c.alphabet == nil {
		return 0, len(c.bits) > 0
	}
	rest := c.bits.raw()[c.to:]
	if len(rest) < c.alphabet.bits || c.ended() {
		return c.to, false
	}
	for _, b := range rest {
		if b != 0 {
			return c.to, true
		}
	}
	return c.to, c.started // a track that was begun and ends in zeros lacks its end
}

// ended reports whether the characters end with the end sentinel and one more, the LRC.
func (c Characters) ended() bool {
	n := len(c.text)
	return n >= 2 && c.text[n-2] == c.alphabet.end
}
