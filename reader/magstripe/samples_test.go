package magstripe

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"maps"
)

const (
	foreign1 = "%B4111111111111111^DOE/JANE^30012010000000000?"
	foreign2 = ";4111111111111111=30012010000000000?"
)

// TestForeignSignals decodes what other people's encoders write, and what becomes
// of it on the way.
func TestForeignSignals(t *testing.T) {
	steady := func(cell float64) func(float64) float64 { return func(float64) float64 { return cell } }
	uneven := func(slow, fast float64) func(float64) float64 {
		return func(u float64) float64 { return slow + (fast-slow)*math.Sin(u*math.Pi/2) }
	}
	type source struct {
		name    string
		rate    float64
		samples []float64
		text    string
	}
	var sources []source
	for _, tr := range []struct {
		text string
		bits int
	}{{foreign1, 7}, {foreign2, 5}} {
		add := func(name string, rate float64, samples []float64) {
			sources = append(sources, source{fmt.Sprintf("%d bits, %s", tr.bits, name), rate, samples, tr.text[1 : len(tr.text)-1]})
		}
		for _, perBit := range []int{4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 20, 30, 45} {
			add(fmt.Sprintf("%d samples a bit", perBit), 22050, foreignSquare(foreignBits(tr.text, tr.bits, 100), perBit))
		}
		for _, zeros := range []int{10, 12, 20, 61} {
			b := foreignBits(tr.text, tr.bits, zeros)
			add(fmt.Sprintf("%d zeros", zeros), 44100, foreignSquare(b, 30))
			add(fmt.Sprintf("%d zeros, 2.7 samples", zeros), 22050, timedSquare(b, steady(5.4)))
			add(fmt.Sprintf("%d zeros, uneven square", zeros), 48000, timedSquare(b, uneven(60, 20)))
			add(fmt.Sprintf("%d zeros, pulses", zeros), 48000, foreignPulses(b, steady(14.5), 1.5))
			add(fmt.Sprintf("%d zeros, uneven pulses", zeros), 96000, foreignPulses(b, uneven(120, 40), 4))
			add(fmt.Sprintf("%d zeros, slow pulses", zeros), 22050, foreignPulses(b, steady(95), 8))
			add(fmt.Sprintf("%d zeros, ramped", zeros), 44100, smooth(foreignSquare(b, 40), 2))
		}
		add("slow square", 48000, timedSquare(foreignBits(tr.text, tr.bits, 30), steady(400)))
	}
	for _, src := range sources {
		for _, name := range slices.Sorted(maps.Keys(spoils)) {
			t.Run(src.name+"/"+name, func(t *testing.T) {
				reports := DecodeSamples([][]float64{spoils[name](src.samples, src.rate)}, src.rate, Options{})
				if len(reports) != 1 {
					t.Fatalf("%d reports", len(reports))
				}
				r := reports[0]
				for _, track := range r.Tracks {
					if track.Data.Reveal() == src.text {
						if track.Status != StatusOK || r.Verdict != VerdictOK {
							t.Errorf("%v, verdict %v", track.Status, r.Verdict)
						}
						return
					}
				}
				t.Errorf("not read: %v %v %v, verdict %v", r.Tracks[0].Status, r.Tracks[1].Status, r.Tracks[2].Status, r.Verdict)
			})
		}
	}
}
