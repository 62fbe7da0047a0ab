package magstripe

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// bitsText writes bits as text.
func bitsText(b []byte) string {
	var out strings.Builder
	for _, bit := range b {
		out.WriteByte('0' + bit)
	}
	return out.String()
}

// TestForeignDecoderAgrees reads rendered swipes with a decoder that shares
// nothing with this package.
func TestForeignDecoderAgrees(t *testing.T) {
	s := goodStripe(t)
	for seed := range 5 {
		channels := Render(s, Hand{Speed: 30}, Head{}, 96000, seeded(seed))
		if len(channels) != 2 {
			t.Fatalf("%d channels", len(channels))
		}
		for i, text := range []string{"%" + testTrack1 + "?", ";" + testTrack2 + "?"} {
			want := foreignBits(text, layouts[i].bits, 3)
			if got := foreignDecode(channels[i]); !strings.Contains(got, want) {
				t.Errorf("seed %d, track %d: the other decoder does not find the bits", seed, i+1)
			}
		}
	}
}

// TestRender decodes what Render wrote at every rate.
func TestRender(t *testing.T) {
	for _, rate := range []float64{22050, 44100, 48000, 96000, 192000} {
		for _, hand := range []Hand{{}, {Profile: ProfileConstant}, {Speed: 10}, {Direction: Reverse}} {
			t.Run(fmt.Sprintf("%.0f Hz, %v %v %v", rate, hand.Speed, hand.Profile, hand.Direction), func(t *testing.T) {
				reports := DecodeSamples(Render(goodStripe(t), hand, Head{}, rate, seeded(2)), rate, Options{})
				if len(reports) != 1 || reports[0].Verdict != VerdictOK {
					t.Fatalf("%d reports: %v", len(reports), reports)
				}
				r := reports[0]
				if r.Tracks[0].Data.Reveal() != testTrack1 || r.Tracks[1].Data.Reveal() != testTrack2 {
					t.Errorf("tracks: %v %v", r.Tracks[0].Status, r.Tracks[1].Status)
				}
				if r.Tracks[1].Direction != hand.Direction {
					t.Errorf("direction %v", r.Tracks[1].Direction)
				}
			})
		}
	}
}

// TestRenderedVerdicts: a recording is called what the swipe would be called.
func TestRenderedVerdicts(t *testing.T) {
	for _, tt := range []struct {
		hand Hand
		wear float64
		want Verdict
	}{
		{Hand{Speed: 300}, 0, VerdictTooFast},
		{Hand{Speed: 600, Profile: ProfileConstant}, 0, VerdictTooFast},
		{Hand{Speed: 2}, 0, VerdictTooSlow},
		{Hand{}, 0.6, VerdictOK},
		{Hand{}, 0.85, VerdictWorn},
		{Hand{From: 25}, 0, VerdictPartial},
		{Hand{To: 40}, 0, VerdictPartial},
		{Hand{Profile: ProfileStall}, 0, VerdictTooSlow},
		{Hand{Profile: ProfileReversal}, 0, VerdictUnreadable},
	} {
		for _, tracks := range [][]int{nil, {2}, {1}} {
			for seed := range 3 {
				if tt.hand.Speed == 2 && seed > 0 {
					continue // long recordings
				}
				s := goodStripe(t)
				s.Wear = tt.wear
				reports := DecodeSamples(Render(s, tt.hand, Head{}, 48000, seeded(seed), tracks...), 48000, Options{})
				for _, track := range reports[0].Tracks {
					check(t, track) // a track that is not ok has no data
				}
				if len(reports) == 1 && reports[0].Verdict == tt.want {
					continue
				}
				if len(tracks) == 1 && tracks[0] == 2 && tt.hand.Speed == 300 && reports[0].Verdict == VerdictOK {
					continue // track 2 alone is still read
				}
				t.Errorf("%+v, wear %v, tracks %v, seed %d: %d reports, %v, want %v", tt.hand, tt.wear, tracks, seed, len(reports), reports[0].Verdict, tt.want)
			}
		}
	}
}

func TestChannels(t *testing.T) {
	s := newStripe(t, testTrack1, testTrack2, testTrack3)
	all := Render(s, Hand{}, Head{}, 48000, seeded(4), 1, 2, 3)
	quiet := make([]float64, len(all[0]))
	noise := each(quiet, func(int, float64) float64 { return 0 })
	rng := rand.New(rand.NewPCG(3, 3))
	for i := range noise {
		noise[i] = 0.002 * rng.NormFloat64()
	}
	for _, tt := range []struct {
		name     string
		channels [][]float64
		want     string
	}{
		{"in order", all, "ok ok ok"},
		{"out of order", [][]float64{all[2], all[0], all[1]}, "ok ok ok"},
		{"track 2 and silence", [][]float64{all[1], quiet}, "blank ok blank"},
		{"silence and track 2", [][]float64{quiet, all[1]}, "blank ok blank"},
		{"track 2 and noise", [][]float64{all[1], noise}, "blank ok blank"},
		{"noise and track 1", [][]float64{noise, all[0]}, "ok blank blank"},
		{"track 2 twice", [][]float64{all[1], all[1]}, "blank ok blank"},
		{"track 1 and a faint copy", [][]float64{all[0], each(all[0], func(_ int, v float64) float64 { return -v / 10 })}, "ok blank blank"},
		{"tracks 1 and 3", [][]float64{all[0], all[2]}, "ok blank ok"},
		{"tracks 2 and 3", [][]float64{all[1], all[2]}, "blank ok ok"},
		{"silence", [][]float64{quiet}, "blank blank blank"},
		{"noise", [][]float64{noise}, "blank blank blank"},
		{"nothing", nil, "blank blank blank"},
		{"shorter channel", [][]float64{all[1], quiet[:10]}, "blank ok blank"},
	} {
		reports := DecodeSamples(tt.channels, 48000, Options{})
		if len(reports) != 1 {
			t.Errorf("%s: %d reports", tt.name, len(reports))
			continue
		}
		r := reports[0]
		if got := fmt.Sprint(r.Tracks[0].Status, r.Tracks[1].Status, r.Tracks[2].Status); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestSeveralSwipes: silence parts swipes, also quiet from loud ones.
func TestSeveralSwipes(t *testing.T) {
	const rate = 44100
	s := goodStripe(t)
	for _, pause := range []float64{0, 0.1, 0.3, 1} {
		var all [][]float64
		for i, hand := range []Hand{{}, {Direction: Reverse, Speed: 60}, {Speed: 25}} {
			channels := Render(s, hand, Head{}, rate, seeded(i))
			if all == nil {
				all = make([][]float64, len(channels))
			}
			for c := range channels {
				gain := 1 / float64(1+2*i)
				all[c] = append(all[c], each(channels[c], func(_ int, v float64) float64 { return v * gain })...)
				all[c] = append(all[c], make([]float64, int(pause*rate))...)
			}
		}
		reports := DecodeSamples(all, rate, Options{})
		got := ""
		for _, r := range reports {
			got += fmt.Sprintf("%v %v; ", r.Verdict, r.Tracks[1].Direction)
		}
		if want := "ok forward; ok reverse; ok forward; "; got != want {
			t.Errorf("%v s apart: %s want %s", pause, got, want)
		}
	}
}

// TestShapeOfEveryCell: intervals of a hand that is as uneven as five recorded
// ones (fastest over slowest up to 3, a cell up to 12 % off its neighbour) decode.
func TestIntervals(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for round := range 200 {
		text, bits := foreign2, 5
		if round%2 == 0 {
			text, bits = foreign1, 7
		}
		var intervals []float64
		b := foreignBits(text, bits, 10+round%40)
		for i, bit := range b {
			u := float64(i) / float64(len(b))
			cell := 1000 / (1 + 2*u*float64(round%3)/2) * (1 + 0.05*(2*rng.Float64()-1))
			skew := 0.5 + 0.04*(2*rng.Float64()-1)
			if bit == '1' {
				intervals = append(intervals, cell*skew, cell*(1-skew))
			} else {
				intervals = append(intervals, cell)
			}
		}
		direction := Forward
		if round%5 == 0 {
			intervals, direction = backwards(intervals), Reverse
		}
		got := DecodeIntervals(intervals, Options{Tick: 1e-6})
		if got.Status != StatusOK || got.Data.Reveal() != text[1:len(text)-1] || got.Direction != direction {
			t.Errorf("round %d: %v %v", round, got.Status, got.Direction)
		}
		if only := DecodeIntervals(intervals, Options{ForwardOnly: true}); direction == Reverse && only.Status == StatusOK {
			t.Errorf("round %d: a forward-only reader read backwards", round)
		}
	}
}
