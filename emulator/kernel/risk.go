package kernel

import (
	"context"
	"fmt"
	"io"

	"possim/reader/emv"
)

// manageRisk protects acquirer and issuer from fraud that no single rule of the card
// catches (EMV Book 3, 10.6). The exception file and the merchant's wish are the
// terminal's own; the rest is done for cards whose AIP asks for it.
func (s *session) manageRisk(ctx context.Context) error {
	if s.Hot != nil && s.Hot(s.pan(), s.sequence()) {
		s.tvr.Set(emv.TVRExceptionFile)
	}
	if s.tx.ForceOnline {
		s.tvr.Set(emv.TVRForcedOnline)
	}
	if !s.aip.Has(emv.AIPTerminalRisk) {
		return nil
	}
	s.tsi.Set(emv.TSITerminalRiskPerformed)
	if err := s.floor(); err != nil {
		return err
	}
	return s.velocity(ctx)
}

// floor checks the floor limit, split sales included, and throws the dice below it (Book
// 3, 10.6.1 and 10.6.2).
func (s *session) floor() error {
	sum := s.tx.Amount.Minor
	if s.Recent != nil {
		sum += s.Recent(s.pan(), s.sequence())
	}
	if sum >= s.app.FloorLimit {
		s.tvr.Set(emv.TVRFloorLimit)
		return nil
	}
	if s.offlineOnly() || s.onlineOnly() {
		return nil
	}
	percent := s.selectionPercent()
	if percent <= 0 {
		return nil
	}
	dice, err := s.dice()
	if err != nil {
		return err
	}
	if int64(dice) <= percent {
		s.tvr.Set(emv.TVRRandomOnline)
	}
	return nil
}

// selectionPercent is the target below the threshold, and rises from there to the
// maximum at the floor limit (biased random selection).
func (s *session) selectionPercent() int64 {
	a, amount := s.app, s.tx.Amount.Minor
	target, most := int64(a.Target), int64(max(a.MaxTarget, a.Target))
	if amount < a.Threshold || a.FloorLimit <= a.Threshold {
		return target
	}
	span := a.FloorLimit - a.Threshold
	return target + (most-target)*(amount-a.Threshold)/span
}

// dice returns 1 to 99, each as likely.
func (s *session) dice() (int, error) {
	var b [1]byte
	for range 1000 { // 198 of 256 bytes will do: a source that gives none of them is broken
		if _, err := io.ReadFull(s.Random, b[:]); err != nil {
			return 0, fmt.Errorf("kernel: random selection: %w", err)
		}
		if b[0] < 198 {
			return int(b[0])%99 + 1, nil
		}
	}
	return 0, fmt.Errorf("kernel: random selection: the source of randomness gives the same bytes for ever")
}

// velocity counts the transactions since the card was last online (Book 3, 10.6.3). A
// card that sets limits and does not give its counters has exceeded both.
func (s *session) velocity(ctx context.Context) error {
	lower, upper := s.icc.Value(emv.TagLowerOfflineLimit), s.icc.Value(emv.TagUpperOfflineLimit)
	if len(lower) != 1 || len(upper) != 1 {
		return nil
	}
	atc, okATC, err := s.counter(ctx, emv.TagATC)
	if err != nil {
		return err
	}
	last, okLast, err := s.counter(ctx, emv.TagLastOnlineATC)
	if err != nil {
		return err
	}
	if okLast && last == 0 {
		s.tvr.Set(emv.TVRNewCard)
	}
	known := okATC && okLast && atc > last
	if !known || atc-last > int(lower[0]) {
		s.tvr.Set(emv.TVRLowerOfflineLimit)
	}
	if !known || atc-last > int(upper[0]) {
		s.tvr.Set(emv.TVRUpperOfflineLimit)
	}
	return nil
}

// counter asks for a counter of two bytes.
func (s *session) counter(ctx context.Context, t emv.Tag) (int, bool, error) {
	b, ok, err := s.getData(ctx, t)
	if err != nil || !ok || len(b) != 2 {
		return 0, false, err
	}
	return int(b[0])<<8 | int(b[1]), true, nil
}
