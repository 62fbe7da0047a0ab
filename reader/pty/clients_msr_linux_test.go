package pty_test

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/reader/scripted"
)

// Programs for writers of the MSR206 family that others published, done again call by
// call: what they send, in which pieces, what they read, and how they take it apart.

// block reads what readRaw of most of them reads: a length before each track.
func (p *program) block() (tracks [3]string, status byte) {
	p.t.Helper()
	p.expect("\x1bs")
	for i := range tracks {
		p.expect("\x1b" + string(rune(i+1)))
		if n := int(p.read(1)[0]); n > 0 {
			tracks[i] = p.read(n)
		}
	}
	p.expect("?\x1c\x1b")
	return tracks, p.read(1)[0]
}

// swiped is a hand that swipes given cards, each once.
func swiped(t *testing.T, cards ...[3]string) reader.Reader {
	t.Helper()
	source := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	for _, c := range cards {
		stripe, err := magstripe.NewStripe(card.TrackData(c[0]), card.TrackData(c[1]), card.TrackData(c[2]))
		if err != nil {
			t.Fatal(err)
		}
		source.Add(scripted.Swipe{Stripe: stripe})
	}
	return source
}

// TestCloneOfLibMSRx05 is msr.py --clone, and --erase: read a card raw, write it with each
// byte turned round, erase what was empty, read again, and compare but for the zeros
// behind.
func TestCloneOfLibMSRx05(t *testing.T) {
	original := [3]string{track1, track2, ""}
	target := [3]string{"OLD", "1234567890", "99"}
	p := dial(t, emulate(t, "msr605", swiped(t, original, target, target, target, target)))
	p.write("\x1ba\x1be")
	p.expect("\x1by")
	p.write("\x1bm")
	read, status := p.block()
	if status != '0' || read[0] == "" || read[1] == "" || read[2] != "" {
		t.Fatalf("%c %x", status, read)
	}
	command := "\x1bn\x1bs"
	for i, data := range read {
		var turned []byte
		for _, b := range []byte(data) {
			turned = append(turned, bits.Reverse8(b))
		}
		command += "\x1b" + string(rune(i+1)) + string([]byte{byte(len(data))}) + string(turned)
	}
	p.write(command + "?\x1c")
	p.expect("\x1b0")
	p.write("\x1bc\x04")
	p.expect("\x1b0")
	p.write("\x1bm")
	again, status := p.block()
	for i := range again {
		if status != '0' || strings.TrimRight(again[i], "\x00") != strings.TrimRight(read[i], "\x00") {
			t.Errorf("%c, track %d is %x, was %x", status, i+1, again[i], read[i])
		}
	}
}

// TestRawOfBobillot is msr.py of Damien Bobillot, from which many descend: 8 bits a byte,
// then characters of 7 and 5 bits from the first one on; it flushes its input before each
// command, and reads until nothing comes.
func TestRawOfBobillot(t *testing.T) {
	p := dial(t, emulate(t, "msr605", endless(t)))
	execute := func(command string) (status byte, rest, data string) {
		unix.IoctlSetInt(p.fd, unix.TCFLSH, unix.TCIFLUSH)
		p.write("\x1b" + command)
		unix.Poll(nil, 100)
		result := []byte(p.read(1))
		unix.Poll(nil, 500)
		result = append(result, p.once(1000, 0)...)
		pos := bytes.LastIndexByte(result, 0x1B)
		return result[pos+1], string(result[pos+2:]), string(result[:pos])
	}
	p.write("\x1ba")
	if status, rest, _ := execute("o\x08\x08\x08"); status != '0' || rest != "\x08\x08\x08" {
		t.Fatalf("%c % x", status, rest)
	}
	status, _, data := execute("m")
	if status != '0' || !strings.HasPrefix(data, "\x1bs\x1b\x01") || !strings.HasSuffix(data, "?\x1c") {
		t.Fatalf("%c % x", status, data)
	}
	at := 4
	for i, want := range []string{"%" + track1 + "?", ";" + track2 + "?", ""} {
		n := int(data[at])
		raw := data[at+1 : at+1+n]
		at += n + 3
		if got := unpackRaw(raw, []int{7, 5, 5}[i], 8); !strings.HasPrefix(got, want) {
			t.Errorf("track %d: %q", i+1, got)
		}
	}
	if status, _, _ := execute("w\x1bs\x1b\x01NEW\x1b\x02\x1b\x03?\x1c"); status != '0' {
		t.Errorf("written: %c", status)
	}
	if status, _, data := execute("r"); status != '0' || data != "\x1bs\x1b\x01%NEW?\x1b\x02;"+track2+"?\x1b\x03\x1b+?\x1c" {
		t.Errorf("read: %c %q", status, data)
	}
}

// unpackRaw takes characters out of bytes that hold so many bits each, the first in the
// highest; the last bit of a character is its parity.
func unpackRaw(raw string, bitsOf, perByte int) string {
	var out []byte
	rem, count := 0, 0
	for _, c := range []byte(raw) {
		rem, count = rem<<perByte|int(c)&(1<<perByte-1), count+perByte
		for count >= bitsOf {
			count -= bitsOf
			c := rem >> count
			rem &= 1<<count - 1
			value := int(bits.Reverse8(byte(c>>1))) >> (9 - bitsOf)
			out = append(out, byte(value)+map[int]byte{7: ' ', 5: '0'}[bitsOf])
		}
	}
	return string(out)
}

// TestSoftISOOfJmaxxz is jmaxxz's msr605.py with its tests at the start and soft=True: a
// byte a character, both ways.
func TestSoftISOOfJmaxxz(t *testing.T) {
	p := dial(t, emulate(t, "msr605", endless(t)))
	command := func(c, answer string) {
		t.Helper()
		unix.IoctlSetInt(p.fd, unix.TCFLSH, unix.TCIOFLUSH)
		p.write("\x1b" + c)
		p.expect(answer)
	}
	command("a", "")
	command("e", "\x1by")
	command("\x87", "\x1b0")
	command("\x86", "\x1b0") // a card is sensed
	command("a", "")
	command("t", "\x1b3S")
	command("v", "\x1bREVU1.00")
	for _, led := range "\u0081\u0082\u0083\u0084\u0085" {
		command(string([]byte{byte(led)}), "")
	}
	command("y", "\x1b0")
	command("x", "\x1b0")
	isoMode := func() {
		for _, c := range []string{"b\x4b", "b\xa1", "b\xc1"} {
			command(c, "\x1b0")
		}
		command("o\x07\x05\x05", "\x1b0\x07\x05\x05")
		command("z\x3d\x16", "\x1b0")
	}
	isoMode()
	command("m", "")
	tracks, status := p.block()
	if status != '0' {
		t.Errorf("%c", status)
	}
	for i, want := range []string{"%" + track1 + "?", ";" + track2 + "?"} {
		if got := unpackRaw(tracks[i], []int{7, 5}[i], []int{7, 5}[i]); !strings.HasPrefix(got, want) {
			t.Errorf("track %d: %q", i+1, got)
		}
	}
	isoMode()
	// ;12345? as section 9 of the manual has it, in 5 bits a byte.
	command("n\x1bs\x1b\x01\x00\x1b\x02\x08\x0b\x01\x02\x13\x04\x15\x1f\x15\x1b\x03\x00?\x1c", "\x1b0")
	command("r", "\x1bs\x1b\x01%"+track1+"?\x1b\x02;12345?\x1b\x03\x1b+?\x1c\x1b0")
	command("c\x07", "\x1b0")
	command("r", "\x1bs\x1b\x01\x1b+\x1b\x02\x1b+\x1b\x03\x1b+?\x1c\x1b1")
}

// TestPiecesOfLibMSR is ioerror's libmsr: each field of a block in a write of its own, an
// answer of y looked for among what comes, a track read to its ? or the next ESC.
func TestPiecesOfLibMSR(t *testing.T) {
	p := dial(t, emulate(t, "msr206", endless(t)))
	initialise := func() {
		p.write("\x1ba")
		unix.Poll(nil, 100)
		p.write("\x1be")
		for p.read(1) != "y" {
		}
		p.write("\x1ba")
		unix.Poll(nil, 100)
	}
	initialise()
	p.write("\x1bt")
	p.expect("\x1b3S")
	p.write("\x1by")
	p.expect("\x1b0")
	p.write("\x1bd")
	p.expect("\x1bL")
	initialise()
	for _, piece := range []string{"\x1bw", "\x1bs", "\x1b\x01", "AB", "\x1b\x02", "", "\x1b\x03", "", "?\x1c"} {
		p.write(piece)
		unix.Poll(nil, 20)
	}
	p.expect("\x1b0")
	p.write("\x1br")
	for p.read(1) != "s" { // getstart looks at three
	}
	p.expect("\x1b\x01%")
	if got := p.until('?'); got != "AB" {
		t.Errorf("%q", got)
	}
	p.expect("\x1b\x02;")
	if got := p.until('?'); got != track2 {
		t.Errorf("%q", got)
	}
	p.expect("\x1b\x03\x1b+?\x1c\x1b0") // of an empty track it drops the byte behind ESC
	p.write("\x1bc")
	p.write("\x00")
	p.expect("\x1b0")
}

// TestBitsFirst is tryger's libmsr605, which sets the bits a byte before each read, reads
// exactly as much as it expects, and leaves with a reset.
func TestBitsFirst(t *testing.T) {
	link := emulate(t, "msr605", endless(t))
	for range 2 {
		p := dial(t, link)
		p.write("\x1be")
		p.expect("\x1by")
		p.write("\x1ba")
		p.write("\x1bo\x08\x08\x08")
		p.expect("\x1b0\x08\x08\x08")
		p.write("\x1bl")
		p.expect("\x1b\x3d\x16")
		p.write("\x1br")
		p.expect("\x1bs\x1b\x01%" + track1 + "?\x1b\x02;" + track2 + "?\x1b\x03\x1b+?\x1c\x1b0")
		p.write("\x1ba")
		p.close()
	}
}
