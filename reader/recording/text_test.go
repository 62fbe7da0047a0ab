package recording

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"possim/reader/card"
	"possim/reader/magstripe"
)

// bitText is a track's bits between zeros.
func bitText(t testing.TB, track int, data card.TrackData) string {
	t.Helper()
	bits, err := magstripe.EncodeBits(track, data)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("0", 22)
	for _, b := range bits {
		text += string('0' + rune(b))
	}
	return text + strings.Repeat("0", 22)
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func fluxFile(t testing.TB, seed uint64) []byte {
	t.Helper()
	stripe, err := magstripe.NewStripe(track1, track2, "")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	flux := magstripe.Capture(stripe, magstripe.Hand{}, magstripe.Head{}, rand.New(rand.NewPCG(seed, 0)))
	if err := WriteFlux(&b, flux); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFlux(t *testing.T) {
	file := append(fluxFile(t, 1), "\n# a second swipe\n"...)
	file = append(file, strings.ReplaceAll(string(fluxFile(t, 2)), "track 2\n", "track 2 # the second\n")...)
	r, err := OpenFlux("f.flux", bytes.NewReader(file), 0)
	if err != nil {
		t.Fatal(err)
	}
	swipes := drain(t, r)
	if len(swipes) != 2 {
		t.Fatalf("%d swipes, want 2", len(swipes))
	}
	for _, s := range swipes {
		if s.Verdict != magstripe.VerdictOK || s.Tracks[0].Data != track1 || s.Tracks[1].Data != track2 || s.Speed < 20 || s.Speed > 60 {
			t.Errorf("%v %v %v %.1f cm/s", s.Verdict, s.Tracks[0].Status, s.Tracks[1].Status, s.Speed)
		}
		if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, "6222020000000015") || strings.Contains(text, "0101101") {
			t.Error("a swipe shows what is on it")
		}
	}
}

// TestFluxUnlabelled: a track without a number is told from its content, several
// intervals may stand on a line.
func TestFluxUnlabelled(t *testing.T) {
	_, second, _ := strings.Cut(string(fluxFile(t, 3)), "track 2\n")
	for name, text := range map[string]string{
		"a line each": second, "one line": strings.ReplaceAll(second, "\n", " "), "commas": strings.ReplaceAll(second, "\n", ", "),
		"DOS": strings.ReplaceAll(second, "\n", "\r\n"),
	} {
		r, err := OpenFlux("f.flux", strings.NewReader(text), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := drain(t, r); len(got) != 1 || got[0].Tracks[1].Data != track2 || got[0].Verdict != magstripe.VerdictOK {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestBits(t *testing.T) {
	bits := bitText(t, 2, track2)
	hex := "0x"
	for i := 0; i < len(bits); i += 4 {
		nibble := (bits + "0000")[i : i+4]
		n := 0
		for _, c := range nibble {
			n = n<<1 | int(c-'0')
		}
		hex += fmt.Sprintf("%X", n)
	}
	for name, text := range map[string]string{
		"one line": bits, "reversed": reversed(bits), "spaced": strings.Join(strings.Split(bits, ""), " "),
		"lines": bits[:40] + "\n" + bits[40:] + "\n", "hexadecimal": hex,
		"labelled": "track 2\n" + bits, "with track 1": "track 1\n" + bitText(t, 1, track1) + "\ntrack 2\n" + bits,
	} {
		r, err := OpenBits("f.bits", strings.NewReader("# a dump\n"+text), 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := drain(t, r)
		if len(got) != 1 || got[0].Tracks[1].Data != track2 || got[0].Verdict != magstripe.VerdictOK || !strings.HasPrefix(got[0].Tracks[1].Bits.Reveal(), bits) {
			t.Errorf("%s: %v", name, got)
		}
	}
	r, err := OpenBits("f.bits", strings.NewReader(bits), 3)
	if err != nil {
		t.Fatal(err)
	}
	if got := drain(t, r); got[0].Tracks[2].Data != track2 || got[0].Tracks[1].Status != magstripe.StatusBlank {
		t.Errorf("track 3: %v", got[0])
	}
}

func TestTextErrors(t *testing.T) {
	flux := func(s string) error { _, err := OpenFlux("f", strings.NewReader(s), 0); return err }
	bits := func(s string) error { _, err := OpenBits("f", strings.NewReader(s), 0); return err }
	for _, tt := range []struct {
		open func(string) error
		text string
		want string
	}{
		{flux, "", "f:1:1: the file ends"},
		{flux, "# nothing\n\n", "f:2:1: the file ends"},
		{flux, "512.4\n 498,x7 # here\n", "f:2:6: no interval"},
		{flux, "512\n0\n", "f:2:1: no interval"},
		{flux, "-3\n", "f:1:1: no interval"},
		{flux, "NaN\n", "f:1:1: no interval"},
		{flux, "Inf\n", "f:1:1: an interval of more than a second"},
		{flux, "5000000\n", "f:1:1: an interval of more than a second"},
		{flux, "track 4\n", "f:1:1: want track 1"},
		{flux, "  track two\n", "f:1:3: want track 1"},
		{flux, "track 2\n5\ntrack 2\n", "f:3:1: track 2 a second time"},
		{flux, strings.Repeat("5 ", 1<<19) + "x", "f:1:1048577: a line"},
		{flux, strings.Repeat("500\n", maxValues+1), "f:65537:1: more than any card"},
		{bits, "0101\n01 012\n", "f:2:6: want 0 and 1"},
		{bits, "0x0g\n", "f:1:4: want hexadecimal"},
		{bits, "0x\n", "f:1:1: no digits"},
	} {
		err := tt.open(tt.text)
		var wrong *TextError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%.20q: %v, want %s", tt.text, err, tt.want)
		}
	}
}

func FuzzFluxText(f *testing.F) {
	f.Add("track 2\n512.4\n498.1 # x\n\n5,6 7", 0)
	f.Add("0101 0x5A\n", 2)
	f.Fuzz(func(t *testing.T, text string, track int) {
		if len(text) > 1<<13 {
			return
		}
		track = int(uint(track) % 4)
		for _, open := range []func() (*Reader, error){
			func() (*Reader, error) { return OpenFlux("f", strings.NewReader(text), track) },
			func() (*Reader, error) { return OpenBits("f", strings.NewReader(text), track) },
		} {
			r, err := open()
			var wrong *TextError
			if err != nil && !errors.As(err, &wrong) {
				t.Fatal(err)
			}
			if err != nil {
				continue
			}
			for _, s := range drain(t, r) {
				for _, track := range s.Tracks {
					if (track.Status == magstripe.StatusOK) != (track.Data != "") {
						t.Fatalf("%v with %d characters", track.Status, len(track.Data))
					}
				}
			}
		}
	})
}
