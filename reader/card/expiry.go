package card

import "time"

// Expiry is a card's expiry month as tracks and F14 carry it: YYMM.
// The zero value means that the card does not say.
type Expiry struct {
	Year  int // four digits: ParseExpiry resolves the century
	Month time.Month
}
