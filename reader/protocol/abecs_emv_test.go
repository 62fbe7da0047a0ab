package protocol

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"possim/reader"
)

// The tables that are printed in ABECS 2.12: two records for Mastercard (3.5.3), and the
// key of American Express (4.1.2), whose checksum is right.
var (
	printedAID = "3141030107A0000000041010" + strings.Repeat("0", 18) + "01CTLESS--CREDITO 03000100020001" + "0768402" + "020503000000004" + "0000" + "00000000" +
		"E0F8E8" + "7000F0F001" + "22" + "205004A000" + "D800E80000" + "205004F800" + "00000000" + "R04" + "00001387" + "000005DB" + "000009C3" + "1234" + "0" +
		"9F02065F2A029A039C0195059F37040000000000" + "9F37040000000000000000000000000000000000" + "Y1Z1Y3Z3" + "F000048000" + "0000000000" + "F000048000"
	printedCAPK = "61120103A0000000250E001030000144" +
		"AA94A8C6DAD24F9BA56A27C09B01020819568B81A026BE9FD0A3416CA9A71166ED5084ED91CED47DD457DB7E6CBCD53E560BC5DF48ABC380993B6D549F5196CF" +
		"A77DFB20A0296188E969A2772E8C4141665F8BB2516BA2C7B5FC91F8DA04E8D512EB0F6411516FB86FC021CE7E969DA94D33937909A53A57F907C40C22009DA7" +
		"532CB3BE509AE173B39AD6A01BA5BB85" + strings.Repeat("0", 208) + "1" + "A7266ABAE64B42A3668851191D49856E17F8FBCD" + strings.Repeat("0", 42)
	printedRevoked = "026301" + "01" + "A000000003" + "01" + "444444"
)

func TestTablesAsPrinted(t *testing.T) {
	d := new(ABECSDevice)
	for _, c := range []struct{ send, want string }{
		{"TLR" + block("", "01"+printedAID), "TLR010"}, // not begun
		{"TLE", "TLE010"},
		{"GTS00202", "GTS0000100000000000"},
		{"TLI01200TABVER0008", "TLI020"},
		{"TLR" + block("", "01"+printedAID), "TLR000"},
		{"TLR" + block("", "02"+printedCAPK+printedRevoked), "TLR000"},
		{"TLR" + block("", "01"+printedAID[:100]), "TLR011"},
		{"GTS00200", "GTS0000100000000000"}, // not before the end
		{"TLE", "TLE000"},
		{"TLE", "TLE010"},
		{"GTS00200", "GTS000010TABVER0008"},
		{"GTS00203", "GTS000010TABVER0008"},
		{"GTS00277", "GTS0000100000000000"},
		{"TLI01200TABVER0008", "TLI000"},
	} {
		if got := pinpad(d, c.send); got != c.want {
			t.Errorf("%.12s: %s, want %s", c.send, got, c.want)
		}
	}
	if n := len(d.tables.applications); n != 1 || len(d.tables.keys) != 1 || len(d.tables.revoked) != 1 {
		t.Fatalf("%d applications, %d keys, %d revoked", n, len(d.tables.keys), len(d.tables.revoked))
	}
	a := d.tables.applications[0]
	for _, c := range []struct{ what, got, want string }{
		{"record", a.Acquirer + a.Record + a.Type, "030101"},
		{"AID", hex.EncodeToString(a.AID), "a0000000041010"},
		{"versions", hex.EncodeToString(append(append(a.Versions[0], a.Versions[1]...), a.Versions[2]...)), "000100020001"},
		{"country and currency", a.Country + " " + a.Currency, "076 840"},
		{"capabilities", hex.EncodeToString(append(a.Capabilities, a.More...)), "e0f8e87000f0f001"},
		{"action codes", hex.EncodeToString(append(append(a.Default, a.Denial...), a.Online...)), "205004a000d800e80000205004f800"},
		{"DOLs", hex.EncodeToString(a.TDOL) + " " + hex.EncodeToString(a.DDOL), "9f02065f2a029a039c0195059f3704 9f3704"},
		{"category", string(a.Category), "R"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	wrong := new(abecsTables)
	wrong.add(strings.Replace(printedCAPK, "AA94", "AB94", 1))
	if len(wrong.keys) != 0 {
		t.Error("a key with a wrong checksum is taken")
	}
}

// An acquirer's tables go without those of others, and with an empty load.
func TestTablesOfOneAcquirer(t *testing.T) {
	d := new(ABECSDevice)
	for _, acquirer := range []string{"03", "04"} {
		pinpad(d, "TLI012"+acquirer+"VERSION"+acquirer+"x")
		pinpad(d, "TLR"+block("", "01"+printedAID[:4]+acquirer+printedAID[6:]))
		pinpad(d, "TLE")
	}
	pinpad(d, "TLI01203VERSION03y")
	pinpad(d, "TLE")
	if got := d.tables.version("03") + d.tables.version("04") + d.tables.version("00"); got != noTables+"VERSION04x"+noTables || len(d.tables.applications) != 1 {
		t.Error(got)
	}
}

// The examples of section 5.4.1.
func TestIncompleteTracksAsPrinted(t *testing.T) {
	for _, c := range []struct {
		n                int
		data, mask, want string
	}{
		{2, "66733246732413=1512601234879534275432", "", "66733246732413=1512601"},
		{1, "B9994444333322221111^NOME^1512601234879", "", "B9994444333322221111^NOME^1512601"},
		{2, "667332467324131512601234879534275432", "", "6673324673241315126"},
		{1, "B3764 329710 01006^JOE^2108100265123756", "0604", "B3764 32**** *1006^JOE^2108100"},
		{2, "4444333322221111=2212601019923625524", "0700", "4444333*********=2212601"},
		{1, "A756325325535^PROPRIETARYFORMAT=6562532", "0005", "A*******25535^PROPR"},
		{3, "0123456789012345678901", "", "0123456789012345678"},
		{2, "1234=12", "0808", "1234=12"},
	} {
		if got := incomplete(c.n, c.data, c.mask); got != c.want {
			t.Errorf("%s: %s, want %s", c.data, got, c.want)
		}
	}
}

// withChip is a pinpad with tables and a chip that a kernel has read.
func withChip(t *testing.T, command string, e EMVResult) (*ABECSDevice, string) {
	t.Helper()
	d := new(ABECSDevice)
	pinpad(d, "TLI01200TABVER0008")
	pinpad(d, "TLR"+block("", "01"+printedAID))
	pinpad(d, "TLE")
	d.Insert()
	if got := pinpad(d, command); got != "" {
		t.Fatalf("%s: %s", command, got)
	}
	return d, process(t, d, EMVSelect, e)
}

// process has the kernel say what came of a step. What is for the operator is left out.
func process(t *testing.T, d *ABECSDevice, step EMVStep, e EMVResult) string {
	t.Helper()
	if o := d.Order(); o.Kind == OrderReset {
		d.Answer([]byte(t0ATR), nil)
	}
	o := d.Order()
	if o.Kind != OrderEMV || o.EMV.Step != step {
		t.Fatalf("%+v, want step %d", o, step)
	}
	out := d.Processed(e)
	if at := strings.LastIndexByte(string(out), abecsSYN); at > 0 {
		if note := unpacked(out[:at]); !strings.HasPrefix(note, "NTM000032SELECIONADO:    ") {
			t.Errorf("%q", note)
		}
		out = out[at:]
	}
	return unpacked(out)
}

var chosen = EMVResult{PAN: "6210947000000021", Track2: "6210947000000021=2912201", Sequence: "01", Label: "CREDITO", Expiry: "291231", Country: "076",
	Pick: func(tags []byte) []byte {
		if string(tags) == "\x9f\x27" {
			return []byte{0x9F, 0x27, 1, 0x80}
		}
		return nil
	}}

// A sale with the GOC and FNC that are printed in sections 3.6.3 and 3.6.4.
func TestGOCAndFNCAsPrinted(t *testing.T) {
	d, got := withChip(t, "GCR"+block("", "0099"+"000000001000"+"131207"+"102355"+"TABVER0008"+"00"+"0"), chosen)
	if !strings.HasPrefix(got, "GCR000342030010301") || !strings.Contains(got, "166210947000000021   01CREDITO         000") || !strings.HasSuffix(got, "291231"+strings.Repeat("0", 29)+"076000") {
		t.Errorf("%q", got)
	}
	if got := pinpad(d, "CNG040199F3303E0D0C85F2A020840DF0405169937823F"); got != "CNG000" {
		t.Error(got)
	}
	if got := pinpad(d, "CNG006029F33"); got != "CNG011" {
		t.Error(got)
	}
	goc := "GOC086" + "000000001200" + "000000000200" + "0013" + "01" + strings.Repeat("0", 32) + "1" + "00001388" + "20" + "000003E8" + "80" + "000" + "025011829F279F269F36958F9F37" + "003000"
	if got := pinpad(d, goc); got != "" {
		t.Fatal(got)
	}
	job := d.Order().EMV
	if job.Amount != 1200 || job.Cashback != 200 || job.Type != 9 || job.Risk != (EMVRisk{5000, 1000, 20, 80}) || hex.EncodeToString(job.Data[:6]) != "9f3303e0d0c8" {
		t.Errorf("%+v", job)
	}
	asked := chosen
	asked.Decision, asked.PINGood = EMVOnline, true
	asked.Pick = func(tags []byte) []byte {
		if got := hex.EncodeToString(tags); got != "829f279f269f36958f9f37" {
			t.Errorf("tags %s", got)
		}
		raw, _ := hex.DecodeString("820258009F2701809F2608765DC13807D1E4C89F36020006950500100000008F01059F37045A77ACF0")
		return raw
	}
	const want = "GOC000130" + "201000" + "0000000000000000" + "00000000000000000000" + "041820258009F2701809F2608765DC13807D1E4C89F36020006950500100000008F01059F37045A77ACF0000"
	if got := process(t, d, EMVProceed, asked); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	pinpad(d, "FNC030"+"0000"+"010"+"9108E64A2FE21FD88672"+"000"+"025011829F279F269F36958F9F37")
	job = d.Order().EMV
	if !job.Approved || !job.Answered || job.Code != "00" || hex.EncodeToString(job.Answer) != "9108e64a2fe21fd88672" {
		t.Errorf("%+v", job)
	}
	asked.Decision = EMVDeclined
	if got := process(t, d, EMVFinish, asked); !strings.HasPrefix(got, "FNC0000911041820258009F27") || !strings.HasSuffix(got, "5A77ACF000000") {
		t.Error(got)
	}
	for _, after := range []string{goc, "CNG006029F3300"} {
		if got := pinpad(d, after); got[3:] != "010" {
			t.Errorf("%.3s: %s", after, got)
		}
	}
}

// What a kernel makes of a chip that it cannot use, and what that means for a swipe.
func TestChipTroubleAtGCR(t *testing.T) {
	for status, stat := range map[EMVStatus]byte{EMVMute: 1, EMVBroken: 1, EMVFallback: 1, EMVNone: 2, EMVBlocked: 0, EMVBadData: 0} {
		d, got := withChip(t, "GCR"+block("", "0099"+"000000001000"+"131207"+"102355"+"TABVER0008"+"00"+"0"), EMVResult{Status: status})
		if got != "GCR"+string(status) || d.LastChip != stat {
			t.Errorf("%s: %s, state %d", status, got, d.LastChip)
		}
		if got := pinpad(d, "GOC086"+strings.Repeat("0", 86)+"003000003000"); got != "GOC010" {
			t.Error(got)
		}
	}
}

// The commands of a till that was recorded at a Gertec PPC-930 (abecs-rust,
// transcao_completa_com_scope.txt), in their order; the answers are this pinpad's.
func TestRecordedTill(t *testing.T) {
	d := new(ABECSDevice)
	pinpad(d, "TLI01200TABVER0008")
	pinpad(d, "TLR"+block("", "01"+strings.Replace(printedAID, "1410301", "1410201", 1)))
	pinpad(d, "TLE")
	d.Insert()
	tags := "\x9f\x26\x9f\x27\x9f\x10\x9f\x37\x9f\x36\x95\x9a\x9c\x9f\x02\x5f\x2a\x82\x9f\x1a\x9f\x03\x9f\x34\x9f\x06\x50\x9f\x33\x5f\x24\x9f\x0b\x5f\x34\x5a\x57\x9f\x6e"
	for _, c := range []struct{ send, want string }{
		{"OPN523" + "0256" + strings.Repeat("7D", 256) + "3010001", "OPN000"}, // no secure communication
		{"GIX000", "GIX000"},
		{"GIX016\x00\x01\x00\x0c\x90\x01\x91\x01\x91\x05\x93\x00\x93\x04\x93\x06", "GIX000042\x93\x00\x00\x0aTABVER0008\x93\x04\x00\x0a0000000000\x93\x06\x00\x0a0000000000"},
		{"GIX006\x00\x01\x00\x02\x93\x00", "GIX000014\x93\x00\x00\x0aTABVER0008"},
		{"DEX070067VALOR:         1\r                \rAPROXIME, INSIRA\rOU PASSE  CARTAO", "DEX000"},
		{"CEX010\x00\x06\x00\x06111100", "CEX000006\x80\x40\x00\x0292"},
		{"DSP032Cartao Credito  Aguarde...      ", "DSP000"},
		{"GCX062\x00\x12\x00\x0802010204\x00\x13\x00\x0c000000000001\x00\x15\x00\x06251111\x00\x16\x00\x06173647\x00\x17\x00\x0510000\x00\x21\x00\x01\x00", "GCX000"},
		{"GTK008\x00\x07\x00\x041111", "GTK000028\x80\x4a\x00\x08\x62\x10\x94\x70\x00\x00\x00\x21\x80\x45\x00\x0c\x62\x10\x94\x70\x00\x00\x00\x21\xd2\x91\x22\x01"},
		{"EBX044\x00\x0f\x00\x08\x0cZ@{\xf1\xf8&\xdc\x00\x03\x00\x0210\x00\x09\x00\x0202\x00\x0a\x00\x10" + strings.Repeat("\x2c", 16), "EBX042"}, // no keys
		{"GOX168\x00\x10\x00\x0202\x00\x13\x00\x0c000000000001\x00\x14\x00\x0c000000000000\x00\x18\x00\x0500100\x00\x02\x00\x013\x00\x09\x00\x0202\x00\x0a\x00\x08" + strings.Repeat("\x00", 8) +
			"\x00\x1b\x00\x20R$ 0,01         \rSENHA CREDIT:  \x00\x1a\x00\x0a" + strings.Repeat("\x00", 10) + "\x00\x04\x00\x27" + tags + "\x00\x21\x00\x01\x00", "GOX000"},
		{"FCX073\x00\x19\x00\x040000\x00\x1c\x00\x0200\x00\x05\x00\x0c\x8a\x0200\x89\x06062501\x00\x04\x00\x27" + tags, "FCX000"},
	} {
		got := pinpad(d, c.send)
		if o := d.Order(); o.Kind != OrderNone {
			step, e := EMVSelect, chosen
			if c.send[:3] != "GCX" {
				step, e.Decision = map[string]EMVStep{"GOX": EMVProceed, "FCX": EMVFinish}[c.send[:3]], EMVOnline
			}
			got = process(t, d, step, e)
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%.6q: %q, want %q", c.send, got, c.want)
		}
	}
}

// What waits for a key waits until it is cancelled, or its time is up; a card that comes
// meanwhile is lost.
func TestWaitingForKeys(t *testing.T) {
	d := new(ABECSDevice)
	d.Receive(0, abecsPacket([]byte("GCD016\x00\x0c\x00\x01\x3c\x00\x0e\x00\x01\x0a\x00\x0b\x00\x02\x00\x09")))
	if out := d.Swipe(swipeOf([3]reader.Track{t1, t2, blank})); out != nil || d.Wants() != WantNothing {
		t.Errorf("% x", out)
	}
	if out := d.Receive(59*time.Second, nil); len(out) > 0 {
		t.Errorf("%q", out)
	}
	if got := unpacked(d.Receive(61*time.Second, nil)); got != "GCD012" {
		t.Error(got)
	}
	d.Receive(70*time.Second, abecsPacket([]byte("GKY")))
	if got := d.Receive(time.Hour, []byte{abecsCAN}); string(got) != "\x04" {
		t.Errorf("% x", got)
	}
}

// A CAN is data within a packet: GOX has one in each.
func TestCANWithinAPacket(t *testing.T) {
	d := new(ABECSDevice)
	if got := unpacked(d.Receive(0, abecsPacket([]byte("DSP032\x18"+strings.Repeat(" ", 31))))); got != "DSP000" {
		t.Error(got)
	}
}

func TestParametersThatLie(t *testing.T) {
	d := new(ABECSDevice)
	for _, bad := range []string{"GIX005\x00\x01\x00\x02\x80", "GIX012\x00", "GCX0xx", "CEX004\x00\x06\xff\xff", "GCR", "GCR0100099000000", "CKE001", "GTS", "GOC001", "FNC000", "TLI003", "CNG", "TLR007-1", "CNG003-1", "FNC0100000-05xx", "GCR0100099-0000000001"} {
		if got := pinpad(d, bad); len(got) != 6 || got[3:] == abecsOK {
			t.Errorf("%q: %q", bad, got)
		}
	}
	if !wholeTLV(nil) || wholeTLV([]byte{0x9F}) || wholeTLV([]byte{0x82, 0x02, 0x01}) || wholeTLV([]byte{0x82, 0x83, 1, 1, 1}) || !wholeTLV([]byte{0x82, 0x81, 1, 7}) {
		t.Error("TLV is misjudged")
	}
}

// FuzzPinpadCommands: whatever a till sends, before a card is read and after, the pinpad
// answers with the command's name or ERR, or waits.
func FuzzPinpadCommands(f *testing.F) {
	for _, c := range []string{"GCR0410099000000001000131207102355TABVER0008000", "TLI01200TABVER0008", "TLR" + block("", "01"+printedAID), "TLR" + block("", "01"+printedCAPK), "TLE",
		"GOC0860000000012000000000002000013", "FNC0300000010", "CNG040199F3303E0", "GIX016\x00\x01\x00\x0c\x90\x01", "GCX062\x00\x12\x00\x0802010204", "GOX010\x00\x1a\x00\x01x", "FCX008\x00\x19\x00\x040000", "GED007\x00\x04\x00\x03\x9f\x27\x95", "CEX010\x00\x06\x00\x06111100", "CKE0041111", "GTK000", "CHP00501000", "GIN00203"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, command string) {
		for _, chip := range []bool{false, true} {
			d := new(ABECSDevice)
			d.tables.add(printedAID)
			d.tables.add(printedCAPK)
			if chip {
				d.occupied, d.chip = true, abecsChip{state: abecsChosen, app: d.tables.applications[0], result: chosen}
			}
			got := unpacked(d.Receive(0, abecsPacket([]byte(command))))
			for range 3 {
				switch o := d.Order(); o.Kind {
				case OrderEMV:
					d.Processed(chosen)
				case OrderReset, OrderCommand:
					d.Answer([]byte(t0ATR), nil)
				}
			}
			d.Swipe(swipeOf([3]reader.Track{t1, t2, t3}))
			d.Insert()
			if got != "" && (len(got) < 6 || got[:3] != "ERR" && got[:3] != command[:min(3, len(command))]) {
				t.Fatalf("%q is answered with %q", command, got)
			}
		}
	})
}
