package magstripe

import "time"

// Profile is how the speed of a hand changes along the card. Its texts are a contract.
type Profile uint8

// The profiles. The zero value is ProfileHand.
const (
	ProfileHand     Profile = iota // accelerates two to three times, as measured on real swipes
	ProfileConstant                // a motor
	ProfileStall                   // slows down, stands still for Hand.Pause, goes on
	ProfileReversal                // stops midway, goes back, then forward again
)

var profileTexts = [...]string{"hand", "constant", "stall", "reversal"}

// String returns hand, constant, stall or reversal.
func (p Profile) String() string { return enumText(profileTexts[:], int(p)) }

// MarshalText implements encoding.TextMarshaler.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Profile) UnmarshalText(text []byte) error {
	i, err := enumParse("profile", profileTexts[:], string(text))
	*p = Profile(i)
	return err
}

// Hand moves a card past a head. The zero value is a usual hand: 40 cm/s in the
// mean, accelerating, forward, over the whole card.
type Hand struct {
	Speed     float64       // mean speed, cm/s; 0 is 40
	Profile   Profile       // how speed changes on the way
	Ratio     float64       // fastest over slowest of ProfileHand; 0 draws 1.8 to 3 from the randomness
	Direction Direction     // Reverse swipes the card backwards
	From, To  float64       // mm of the card's length that pass the head, from its leading edge; To 0 is the whole card
	Pause     time.Duration // of ProfileStall; 0 is 400 ms
}
