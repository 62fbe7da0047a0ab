package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// presentation is one object of `possim read --json` (a contract). Empty texts say
// that nothing was read there; the speed is left out when it is unknown.
type presentation struct {
	Kind        reader.Kind          `json:"kind"`
	PAN         string               `json:"pan"` // masked; in clear only a test number's, and only on request
	Expiry      string               `json:"expiry"`
	ServiceCode string               `json:"service_code"`
	Tracks      map[string]trackRead `json:"tracks,omitempty"`
	Speed       *float64             `json:"speed_cm_s,omitempty"`
	Verdict     magstripe.Verdict    `json:"verdict"`
	Problem     string               `json:"problem,omitempty"` // why what was read is no payment card's, or was not read to the end

	ATR          string        `json:"atr,omitempty"`
	UID          string        `json:"uid,omitempty"`
	CardType     string        `json:"card_type,omitempty"` // of a contactless card
	Applications []application `json:"applications,omitempty"`
}

// trackRead is what became of one track.
type trackRead struct {
	Status magstripe.Status `json:"status"`
	Data   string           `json:"data,omitempty"` // with sentinels; on request, of test cards only

	Bits       string `json:"bits,omitempty"`       // on request: all that was made out, x for what is not shown
	Characters string `json:"characters,omitempty"` // those among the bits, * for what is not shown
	Broke      *int   `json:"broke_at,omitempty"`   // the bit at which they end and others follow
	step       string
}

// present turns what a reader delivered into what may be shown. With unsafe the
// cards of the public test list show in clear, and no others. A card that is still there is
// read now; errInterrupted comes with what was read of it.
func present(ctx context.Context, p reader.Presentation, unsafe bool) (presentation, error) {
	switch p := p.(type) {
	case *reader.Swipe:
		return presentSwipe(p, unsafe), nil
	case *reader.Keyed:
		return presentation{
			Kind: p.Kind(), PAN: show(p.PAN, unsafe), Expiry: p.Expiry.YYMM(), Verdict: magstripe.VerdictOK,
		}, nil
	case *reader.Chip:
		return presentChip(ctx, p, unsafe)
	case *reader.Tap:
		return presentTap(ctx, p, unsafe)
	}
	return presentation{Kind: p.Kind()}, nil
}

func presentSwipe(s *reader.Swipe, unsafe bool) presentation {
	out := presentation{Kind: s.Kind(), Verdict: s.Verdict, Tracks: map[string]trackRead{}}
	for i, t := range s.Tracks {
		read := trackRead{Status: t.Status}
		if unsafe && t.Status == magstripe.StatusOK {
			read.Data = t.Data.Framed(i + 1).RevealTest()
		}
		out.Tracks[strconv.Itoa(i+1)] = read
	}
	if s.Speed > 0 {
		speed := math.Round(s.Speed*10) / 10
		out.Speed = &speed
	}
	id, err := card.Identify(s.Tracks[0].Data, s.Tracks[1].Data, s.Tracks[2].Data)
	if err == nil {
		out.PAN, out.Expiry, out.ServiceCode = show(id.PAN, unsafe), id.Expiry.YYMM(), string(id.ServiceCode)
	} else if s.Tracks[0].Data+s.Tracks[1].Data+s.Tracks[2].Data != "" {
		out.Problem = err.Error()
	}
	return out
}

// blank reports whether there was nothing at all on the card's tracks.
func (p presentation) blank() bool {
	for _, t := range p.Tracks {
		if t.Status != magstripe.StatusBlank {
			return false
		}
	}
	return p.Kind == reader.KindSwipe
}

// show returns a card number as it may be printed.
func show(pan card.PAN, unsafe bool) string {
	if unsafe {
		return pan.RevealTest()
	}
	return pan.String()
}

// print writes the presentation for people, or as one line of JSON.
func (p presentation) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(p)
	}
	dash := func(text string) string {
		if text == "" {
			return "-"
		}
		return text
	}
	line := fmt.Sprintf("%-10s  %s  %s  expires %s  service %s", p.Verdict, p.Kind, dash(p.PAN), dash(p.Expiry), dash(p.ServiceCode))
	if p.Speed != nil {
		line += fmt.Sprintf("  %.1f cm/s", *p.Speed)
	}
	for _, n := range []string{"1", "2", "3"} {
		if t, ok := p.Tracks[n]; ok {
			line += strings.TrimRight(fmt.Sprintf("\n  track %s  %-8s  %s", n, t.Status, t.Data), " ") + t.printBits()
		}
	}
	line += p.lines()
	switch {
	case p.Problem != "" && p.Kind == reader.KindSwipe:
		line += "\n  no payment card: " + p.Problem
	case p.Problem != "":
		line += "\n  " + p.Problem
	}
	_, err := fmt.Fprintln(w, line)
	return err
}
