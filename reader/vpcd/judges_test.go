package vpcd_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/reader/vpcd/vpcdtest"
)

// TestJudges has programs nobody here wrote look at the emulated card through pcscd.
func TestJudges(t *testing.T) {
	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
	lab.Need(t, "timeout", "coreutils")
	d := lab.Start(t)
	for _, j := range []struct {
		program, debian string
		judge           func(*testing.T, *vpcdtest.Daemon)
	}{
		{"opensc-tool", "opensc", judgeOpenSC},
		{"pcsc_scan", "pcsc-tools", judgeScan},
		{"cardpeek", "cardpeek", judgeCardpeek},
		{pyscard, "python3-pyscard", judgePyscard},
	} {
		t.Run(j.debian, func(t *testing.T) {
			lab.Need(t, j.program, j.debian)
			j.judge(t, d)
		})
	}
}

// profiles are the cards that are judged, T=0 and T=1.
func profiles(t *testing.T) []icc.Profile {
	t.Helper()
	var out []icc.Profile
	for name, pan := range map[string]card.PAN{"unionpay-debit": "6210947000000021", "unionpay-dual": "6210947000000021", "visa-cvn18": "4111111111111111"} {
		out = append(out, profile(t, name, pan))
	}
	return out
}

func profile(t *testing.T, name string, pan card.PAN) icc.Profile {
	t.Helper()
	p, err := icc.Shipped(name, icc.Person{Seed: "the judges", Holder: icc.Holder{PAN: pan, Sequence: "01",
		Expiry: card.Expiry{Year: 2029, Month: 12}, ServiceCode: "201", Name: "TEST/CARD", PIN: "1234"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func chip(t *testing.T, p icc.Profile) *icc.Card {
	t.Helper()
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// opensc sends commands in one session and returns the answers without the status
// words, which have to be 9000 but where a command ends in =SW.
func opensc(t *testing.T, commands ...string) [][]byte {
	t.Helper()
	args := []string{"30", "opensc-tool", "--reader", vpcdtest.Reader, "--card-driver", "default"}
	var want []string
	for _, c := range commands {
		apdu, sw, other := strings.Cut(c, "=")
		if !other {
			sw = "9000"
		}
		args, want = append(args, "-s", apdu), append(want, sw)
	}
	out, err := exec.Command("timeout", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("opensc-tool: %v\n%s", err, out)
	}
	var answers [][]byte
	for _, line := range strings.Split(string(out), "\n") {
		var sw1, sw2 byte
		if n, _ := fmt.Sscanf(line, "Received (SW1=0x%02X, SW2=0x%02X)", &sw1, &sw2); n == 2 {
			if i := len(answers); i >= len(want) || fmt.Sprintf("%02X%02X", sw1, sw2) != want[i] {
				t.Errorf("answer %d: %02X%02X, want one of %v", i+1, sw1, sw2, want)
			}
			answers = append(answers, []byte{})
		} else if len(line) >= 48 && len(answers) > 0 { // 16 bytes in hex, then as text
			b, err := hex.DecodeString(strings.ReplaceAll(line[:48], " ", ""))
			if err == nil {
				answers[len(answers)-1] = append(answers[len(answers)-1], b...)
			}
		}
	}
	if len(answers) != len(want) {
		t.Fatalf("%d answers to %d commands:\n%s", len(answers), len(want), out)
	}
	return answers
}

// judgeOpenSC: opensc-tool drops the Le of a command with data on T=0 cards, and
// fetches what 61xx and 6Cxx announce.
func judgeOpenSC(t *testing.T, d *vpcdtest.Daemon) {
	for _, p := range profiles(t) {
		t.Run(p.Name, func(t *testing.T) {
			c := chip(t, p)
			defer d.Insert(t, c).Remove(t)
			out, err := exec.Command("opensc-tool", "--list-readers").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "0    Yes             "+vpcdtest.Reader) {
				t.Errorf("list: %v\n%s", err, out)
			}
			out, _ = exec.Command("opensc-tool", "--reader", vpcdtest.Reader, "--atr").CombinedOutput()
			if got := strings.ReplaceAll(strings.TrimSpace(string(out)), ":", ""); !strings.EqualFold(got, hex.EncodeToString(c.ATR())) {
				t.Errorf("ATR %s", got)
			}
			for i := range p.Applications {
				askOpenSC(t, &p, i)
			}
		})
	}
}

func askOpenSC(t *testing.T, p *icc.Profile, number int) {
	t.Helper()
	a := p.Applications[number]
	selecting := fmt.Sprintf("00A40400%02X%X00", len(a.AID), a.AID)
	pdol := a.PDOL.Build(terminalData)
	options := fmt.Sprintf("80A80000%02X83%02X%X00", len(pdol)+2, len(pdol), pdol)
	after := fmt.Sprintf("00B2%02X0C00=6A83", len(p.Applications)+1)
	first := a.CDOL1.Build(terminalData)
	answers := opensc(t, "00A404000E315041592E5359532E444446303100", fmt.Sprintf("00B2%02X0C00", number+1), after,
		selecting, options, "80CA9F3600", "80CA9F1300", "80CA9F1700", "80CA9F4F00", "80CA9F5100=6A88", "00B2010C00", "00B2021C00", "00B201FC00=6A86",
		options+"=6985", "00B0000000=6D00", "B0CA9F3600=6E00", "0020008008241234FFFFFFFFFF", "0020008008249999FFFFFFFFFF=63C2",
		fmt.Sprintf("80AE4000%02X%X00", len(first), first), fmt.Sprintf("80AE8000%02X%X00=6985", len(first), first), "00B2015C00",
		"00A4040008A00000000399999900=6A82")
	entry, _ := must(emv.Parse(answers[1])).Find(emv.TagADFName)
	label, _ := must(emv.Parse(answers[3])).Find(emv.TagApplicationLabel)
	if string(entry) != string(a.AID) || string(label) != a.Label {
		t.Errorf("the PSE has %X, its FCI %q", entry, label)
	}
	track2, _ := must(emv.Parse(answers[10])).Find(emv.TagTrack2Equivalent)
	if want := a.Holder.PAN.Reveal() + "d2912201"; !strings.HasPrefix(hex.EncodeToString(track2), want) {
		t.Errorf("57 is not number, expiry and service code")
	}
	generated := must(emv.Parse(answers[18]))
	cid := append(generated.Value(emv.TagResponseFormat1), generated.Inside(emv.TagResponseFormat2).Value(emv.TagCID)...)
	if emv.CID(cid[0]).Type() != emv.TC {
		t.Errorf("GENERATE AC gave %X", answers[18])
	}
	log := must(a.LogFormat.Split(answers[20]))
	if got := log.Value(emv.TagAmountAuthorised); string(got) != string(terminalData.Value(emv.TagAmountAuthorised)) {
		t.Errorf("the log has amount %X", got)
	}
}

// must is for what the test itself may take for granted.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// terminalData is what the terminal of these tests says.
var terminalData = emv.List{emv.New(emv.TagAmountAuthorised, []byte{0, 0, 0, 0, 0x12, 0x34}), emv.New(emv.TagTerminalCountry, []byte{1, 0x56}),
	emv.New(emv.TagTransactionCurrency, []byte{1, 0x56}), emv.New(emv.TagTransactionDate, []byte{0x26, 0x06, 0x01}),
	emv.New(emv.TagTransactionType, []byte{0}), emv.New(emv.TagUnpredictableNumber, []byte{0xDE, 0xAD, 0xBE, 0xEF}),
	emv.New(emv.TagTransactionTime, []byte{9, 0, 0}), emv.New(emv.TagMerchantName, []byte("A SHOP")), emv.New(emv.TagTVR, make([]byte, 5))}

// judgeScan: pcsc_scan tells both slots' cards, and runs until it is told to stop.
func judgeScan(t *testing.T, d *vpcdtest.Daemon) {
	scan := func(want ...string) {
		t.Helper()
		out, _ := exec.Command("timeout", "3", "pcsc_scan", "-n").CombinedOutput()
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("want %q:\n%.2000s", w, out)
			}
		}
	}
	contact, blocks := chip(t, profile(t, "unionpay-debit", "6210947000000021")), chip(t, profile(t, "visa-cvn18", "4111111111111111"))
	s, s2 := d.Insert(t, contact), d.Insert2(t, blocks)
	scan("Card inserted", fmt.Sprintf("ATR: % X\n", contact.ATR()), fmt.Sprintf("ATR: % X\n", blocks.ATR()))
	s.Remove(t)
	s2.Remove(t)
	mute := profile(t, "unionpay-debit", "6210947000000021")
	mute.Faults = []icc.Fault{{Kind: icc.FaultMute}}
	defer d.Insert(t, chip(t, mute)).Remove(t)
	scan("Card inserted", "ATR: 00\n")
}
