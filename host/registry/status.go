package registry

import (
	"fmt"
	"slices"
)

// Status is whether the issuer lets a card pay.
type Status string

// The statuses a card can have. Which response code each gives is the host's
// configuration.
const (
	Active      Status = "active"
	Frozen      Status = "frozen"
	StopPayment Status = "stop-payment"
	Lost        Status = "lost"
	Stolen      Status = "stolen"
)

// Statuses returns every status, for messages and schemas.
func Statuses() []Status { return []Status{Active, Frozen, StopPayment, Lost, Stolen} }

func checkStatus(s Status) error {
	if !slices.Contains(Statuses(), s) {
		return fmt.Errorf("status %q: want one of %v", s, Statuses())
	}
	return nil
}
