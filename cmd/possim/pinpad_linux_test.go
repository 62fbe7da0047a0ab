package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"possim/reader/emv"
	"possim/scenarios"
)

// spe is a till that was written from the specification of ABECS pinpads alone: packets,
// commands and the order in which a sale has them (3.6.5, 3.7.5).
type spe struct {
	t  *testing.T
	fd int
}

func openSPE(t *testing.T, link string) *spe {
	t.Helper()
	fd, err := unix.Open(link, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	p := &spe{t, fd}
	p.send([]byte{0x18}) // CAN before all
	if b := p.byte(); b != 0x04 {
		t.Fatalf("CAN is answered with %02x", b)
	}
	return p
}

func (p *spe) send(b []byte) {
	if _, err := unix.Write(p.fd, b); err != nil {
		p.t.Fatal(err)
	}
}

func (p *spe) byte() byte {
	p.t.Helper()
	b := make([]byte, 1)
	for until := time.Now().Add(patience); time.Now().Before(until); {
		unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 100)
		if n, _ := unix.Read(p.fd, b); n == 1 {
			return b[0]
		}
	}
	p.t.Fatal("the pinpad is silent")
	return 0
}

// crc is section 7.2, a bit at a time.
func crc(data []byte) (out uint16) {
	for _, b := range data {
		for i := 7; i >= 0; i-- {
			bit := b>>i&1 == 1
			top := out>>15 == 1
			out <<= 1
			if bit != top {
				out ^= 0x1021
			}
		}
	}
	return out
}

// command sends one and returns the answer's status and the rest of it.
func (p *spe) command(data string) (status, rest string) {
	p.t.Helper()
	packet := []byte{0x16}
	for _, b := range []byte(data) {
		if b == 0x13 || b == 0x16 || b == 0x17 {
			packet, b = append(packet, 0x13), b+0x20
		}
		packet = append(packet, b)
	}
	sum := crc(append([]byte(data), 0x17))
	p.send(append(packet, 0x17, byte(sum>>8), byte(sum)))
	if b := p.byte(); b != 0x06 {
		p.t.Fatalf("%.3s: not acknowledged, %02x", data, b)
	}
	for {
		answer := p.packet()
		if strings.HasPrefix(answer, "NTM") {
			p.t.Logf("%.3s: %q", data, answer[9:])
			continue
		}
		if len(answer) < 6 || answer[:3] != data[:3] {
			p.t.Fatalf("%.3s is answered with %q", data, answer)
		}
		return answer[3:6], answer[6:]
	}
}

func (p *spe) packet() string {
	p.t.Helper()
	for p.byte() != 0x16 {
	}
	var data []byte
	for b := p.byte(); b != 0x17; b = p.byte() {
		if b == 0x13 {
			b = p.byte() - 0x20
		}
		data = append(data, b)
	}
	if sum := crc(append(data[:len(data):len(data)], 0x17)); sum != uint16(p.byte())<<8|uint16(p.byte()) {
		p.t.Fatal("a wrong CRC")
	}
	return string(data)
}

// want carries out a command that has to go well, or as said.
func (p *spe) want(status, data string) string {
	p.t.Helper()
	got, rest := p.command(data)
	if got != status {
		p.t.Fatalf("%.12s: %s, want %s (%q)", data, got, status, rest)
	}
	return rest
}

// block is a block of data with its length.
func sized(data string) string { return fmt.Sprintf("%03d%s", len(data), data) }

// load loads an application of UnionPay's, and the authorities' keys of the test cards.
func (p *spe) load(version string) {
	p.t.Helper()
	p.want("020", "TLI"+sized("00"+version))
	app := "1" + "02" + "01" + "07" + "A0000003330101" + strings.Repeat("0", 18) + "01" + fmt.Sprintf("%-16s", "UNIONPAY") + "03" +
		"0030" + "0020" + "0030" + "156" + "156" + "2" + fmt.Sprintf("%-15s", "898100054110001") + "5411" + "00000001" +
		"E0F8C8" + "F000F0A001" + "22" + "D84000A800" + "0010000000" + "D84004F800" + "00000000" + "R" + "0" + "0" +
		strings.Repeat("0", 8+8+8) + "0000" + "0" + pad("9F02065F2A029A039C0195059F3704", 40) + pad("9F3704", 40) + "Y1Z1Y3Z3"
	p.want("000", "TLR"+sized("01"+fmt.Sprintf("%03d", len(app)+3)+app))
	keys, err := scenarios.TestCAPKs()
	if err != nil {
		p.t.Fatal(err)
	}
	for i, k := range keys {
		if k.RID != emv.RIDUnionPay {
			continue
		}
		record := "2" + "02" + fmt.Sprintf("%02d", i%100) + fmt.Sprintf("%X%02X00%d%s%03d%s1%X", k.RID[:], k.Index, len(k.Exponent),
			pad(fmt.Sprintf("%X", k.Exponent), 6), len(k.Modulus), pad(fmt.Sprintf("%X", k.Modulus), 496), k.Checksum()) + strings.Repeat("0", 42)
		p.want("000", "TLR"+sized("01"+fmt.Sprintf("%03d", len(record)+3)+record))
	}
	p.want("000", "TLE")
	if got := p.want("000", "GTS00200"); got != "010"+version {
		p.t.Errorf("version %q", got)
	}
}

func pad(digits string, width int) string { return digits + strings.Repeat("0", width-len(digits)) }

// The sale of section 3.6.5: tables that are not there, then GCR without parameters, GOC
// and FNC; and that of 3.7.5.
func TestChipSaleAtAnEmulatedPinpad(t *testing.T) {
	r := startEmulated(t, "--protocol", "abecs", "--chip", "unionpay-debit", "--card", "good")
	p := openSPE(t, r.link)
	p.want("000", "OPN")
	const version = "TEST000001"
	gcr := "GCR" + sized("0099"+"000000001234"+"260601"+"090000"+version+"00"+"0")
	p.want("020", gcr)
	p.load(version)
	card := p.want("000", "GCR")
	if !strings.HasPrefix(card[3:], "030010201") || !strings.Contains(card, "6222020000000015=") {
		t.Errorf("GCR: %q", card)
	}
	const tags = "9F269F279F109F379F36959A9C9F025F2A825A57"
	goc := "GOC" + sized("000000002000"+"000000000000"+"0"+"1"+"0"+"3"+"01"+strings.Repeat("0", 32)+"1"+"00000000"+"00"+"00000000"+"00"+"032"+strings.Repeat(" ", 32)) +
		sized(fmt.Sprintf("%03d", len(tags)/2)+tags) + "003000"
	answer := p.want("000", goc)
	n, _ := strconv.Atoi(answer[45:48])
	raw, err := hex.DecodeString(answer[48 : 48+2*n])
	list, listErr := emv.Parse(raw)
	if err != nil || listErr != nil || answer[3] != '2' || answer[48+2*n:] != "000" {
		t.Fatalf("GOC: %q %v %v", answer, err, listErr)
	}
	if cid := list.Value(emv.TagCID); !bytes.Equal(cid, []byte{0x80}) || hex.EncodeToString(list.Value(emv.TagAmountAuthorised)) != "000000002000" {
		t.Errorf("GOC: %v", list)
	}
	if list.Has(emv.TagPAN) || list.Has(emv.TagTrack2Equivalent) {
		t.Error("GOC gives a number or a track away")
	}
	if tvr := list.Value(emv.TagTVR); len(tvr) != 5 || tvr[0]&0xEC != 0 {
		t.Errorf("the card's data are not verified with the keys that were loaded: TVR %x", tvr)
	}
	if status, _ := p.command(goc); status != "010" {
		t.Errorf("GOC twice: %s", status)
	}
	fnc := p.want("000", "FNC"+sized("0000000000")+sized("0029F27"))
	if fnc[3] != '0' && fnc[3] != '1' {
		t.Errorf("FNC: %q", fnc)
	}
	p.want("000", "RMC032"+strings.Repeat(" ", 32))
	p.extended()
	p.want("000", "CLO")
}

// spePar is a parameter in Abecs format.
func spePar(id uint16, value string) string {
	return string([]byte{byte(id >> 8), byte(id), byte(len(value) >> 8), byte(len(value))}) + value
}

// extended is the sale of section 3.7.5.
func (p *spe) extended() {
	p.t.Helper()
	card := p.want("000", "GCX"+sized(spePar(0x10, "02")+spePar(0x13, "000000000500")+spePar(0x15, "260601")+spePar(0x16, "091500")+spePar(0x17, "00000")+spePar(0x23, "0604")))
	if !strings.Contains(card, "\x80\x4f\x00\x0203") || !strings.Contains(card, "622202******0015=2912101") || strings.Contains(card, "6222020") {
		p.t.Errorf("GCX: %q", card)
	}
	if got := p.want("000", "GED"+sized(spePar(4, "\x9f\x07\x5a\x57"))); !strings.Contains(got, "\x80\x54\x00\x05\x9f\x07\x02") {
		p.t.Errorf("GED: %q", got)
	}
	if got := p.want("000", "GTK"+sized(spePar(7, "1111"))); !strings.Contains(got, "\x80\x4a") || !strings.Contains(got, "\x80\x45") {
		p.t.Errorf("GTK: %q", got)
	}
	p.want("010", "GTK000")
	gox := sized(spePar(0x10, "02") + spePar(0x13, "000000000500") + spePar(0x18, "01000") + spePar(2, "3") + spePar(9, "01") + spePar(4, "\x9f\x26\x9f\x27\x95"))
	if got := p.want("000", "GOX"+gox); !strings.HasPrefix(got[3:], "\x80\x56\x00\x062") || !strings.Contains(got, "\x9f\x27\x01\x80") {
		p.t.Errorf("GOX: %q", got)
	}
	if got := p.want("000", "FCX"+sized(spePar(0x19, "2000")+spePar(4, "\x9f\x27"))); !strings.HasPrefix(got[3:], "\x80\x58\x00\x03100") || !strings.Contains(got, "\x9f\x27\x01\x00") {
		p.t.Errorf("FCX after no answer: %q", got)
	}
}

// TestStripeSaleAtAnEmulatedPinpad: a swipe by GCR, GCX, CKE and CEX, and one that did not read.
func TestStripeSaleAtAnEmulatedPinpad(t *testing.T) {
	r := startEmulated(t, "--protocol", "abecs", "--track1", emulated1, "--track2", emulated2)
	p := openSPE(t, r.link)
	if got := p.want("000", "GCR"+sized("0000"+"000000001000"+"131207"+"102355"+"8765234568"+"00")); !strings.HasPrefix(got[3:], "00000000047B6222") || !strings.Contains(got, emulated2[1:len(emulated2)-1]) {
		t.Errorf("GCR: %q", got)
	}
	if got := p.want("000", "CKE0041110"); !strings.HasPrefix(got, "225147B6222020000000015^") {
		t.Errorf("CKE: %q", got)
	}
	if got := p.want("000", "CEX"+sized(spePar(6, "110000"))); !strings.Contains(got, "\x80\x40\x00\x0290") || !strings.Contains(got, "6222020000000015=2912101") || strings.Contains(got, emulated2[1:len(emulated2)-1]) {
		t.Errorf("CEX: %q", got)
	}
	if got := p.want("000", "GTK"+sized(spePar(7, "0100"))); !strings.Contains(got, emulated1[1:len(emulated1)-1]) {
		t.Errorf("GTK: %q", got)
	}
	bad := startEmulated(t, "--protocol", "abecs", "--track2", emulated2, "--speed", "600cm/s")
	q := openSPE(t, bad.link)
	q.want("041", "GCR"+sized("0099"+"000000001000"+"131207"+"102355"+"0000000000"+"00"+"0"))
	if got := q.want("000", "GCX"+sized(spePar(0x15, "260601")+spePar(0x16, "091500"))); !strings.Contains(got, "\x80\x4f\x00\x0200") || strings.Contains(got, "\x80\x42") {
		t.Errorf("GCX: %q", got)
	}
}
