package magstripe

import "possim/reader/card"

// frame is what was found of a track's characters in a stream of bits.
type frame struct {
	status   Status
	data     card.TrackData // when status is StatusOK
	alphabet *alphabet
	from, to int // bits, from the start sentinel's to behind the last one understood
	good     int // characters understood, sentinels included
}

const (
	// leadIn is how many zeros must stand before a start sentinel that is not the
	// first one bit of the track: a scratch in the lead-in looks like a one.
	leadIn = 4
	// certain is how many zeros before a start sentinel leave no doubt: no character
	// has so many in a row.
	certain = 9
	// fewGood is how many characters a doubtful start sentinel must lead in, or it is
	// none (MagTek Rev B: an error is sent for 5 good characters or more).
	fewGood = 5
	// long is how many characters need no further evidence. Parity and LRC alone would
	// find a shorter track in garbage now and then; it must stand between zeros, this
	// many at least.
	long, aroundShort = 15, 6
)

// find looks for the characters of an alphabet in bits in card order. It returns
// the first that is right throughout, or else the one that came furthest.
func (a *alphabet) find(bits []byte) frame {
	best := frame{status: StatusNoStart, alphabet: a}
	if !hasOne(bits) {
		best.status = StatusBlank
		return best
	}
	start := a.appendChar(nil, a.start-a.offset)
	zeros, first := 0, true
	for i := 0; i+len(start) <= len(bits); i++ {
		if bits[i] == 0 {
			zeros++
			continue
		}
		if (first || zeros >= leadIn) && string(bits[i:i+len(start)]) == string(start) {
			f := a.parse(bits, i)
			if f.status == StatusOK && (f.good >= long || zeros >= aroundShort && f.quietAfter(bits)) {
				return f
			}
			if f.status == StatusOK {
				f = frame{status: StatusNoStart, alphabet: a}
			}
			if f.better(best) && (zeros >= certain || f.good >= fewGood) {
				best = f
			}
		}
		zeros, first = 0, false
	}
	return best
}

// surely is how many good characters in a row are no accident: a run of zeros
// reads as zeros backwards too, and fills no card by itself.
const surely = 20

// parse reads characters from the start sentinel at bits[at:].
func (a *alphabet) parse(bits []byte, at int) frame {
	f := frame{status: StatusNoEnd, alphabet: a, from: at, to: at}
	var data []byte
	var lrc byte
	for f.to+a.bits <= len(bits) {
		value, odd := a.char(bits[f.to:])
		if !odd {
			f.status = StatusParity
			if f.good >= surely && !hasOne(bits[f.to:]) { // zeros behind the data, and no end sentinel before them
				f.status = StatusNoEnd
			}
			return f
		}
		f.to += a.bits
		f.good++
		lrc ^= value
		if c := value + a.offset; c != a.end {
			data = append(data, c)
			continue
		}
		if f.to+a.bits > len(bits) {
			f.status = StatusLRC
			return f
		}
		value, odd = a.char(bits[f.to:])
		f.to += a.bits
		f.status = StatusLRC
		if odd && value == lrc && len(data) > 1 {
			f.status = StatusOK
			f.data = card.TrackData(data[1:])
		}
		return f
	}
	return f
}

// quietAfter reports whether nothing but zeros follows, as far as a character goes.
func (f frame) quietAfter(bits []byte) bool {
	for _, b := range bits[f.to:min(len(bits), f.to+f.alphabet.bits+3)] {
		if b != 0 {
			return false
		}
	}
	return true
}

// clocked reports whether the start sentinel that was found stands behind clock bits.
func (f frame) clocked(bits []byte) bool {
	return f.good >= fewGood && f.from >= certain && !hasOne(bits[f.from-certain:f.from])
}

// better ranks frames: right ones first, then those that came further.
func (f frame) better(g frame) bool {
	if (f.status == StatusOK) != (g.status == StatusOK) {
		return f.status == StatusOK
	}
	return f.weight() > g.weight()
}

// weight is how many bits agree with the standard.
func (f frame) weight() int {
	if f.good == 0 {
		return 0
	}
	return f.good * f.alphabet.bits
}

func hasOne(bits []byte) bool {
	for _, b := range bits {
		if b == 1 {
			return true
		}
	}
	return false
}
