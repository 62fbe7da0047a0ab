package kernel

import (
	"bytes"
	"testing"

	"possim/reader/emv"
)

// TestOddButLegal: what the books allow, and few cards do, is taken, and the card's
// signature over it is right.
func TestOddButLegal(t *testing.T) {
	const clean = "0000040000"
	good := func(name string, alter func(w world)) row {
		return row{name: name, alter: alter, tvr: clean, tsi: "E800", cvm: "420300", decision: Online, has: "00880000"}
	}
	rows := []row{
		good("FCI without a PDOL", func(w world) { w.fci = w.fci[:2] }),
		good("nothing in A5", func(w world) { w.fci = nil }),
		good("padding between objects and behind templates", func(w world) {
			w.padded = true
			w.lie = func(ins byte, a []byte) []byte {
				if n := len(a) - 2; n > 0 && (ins == 0xA4 || ins == 0xA8 || ins == 0x88 || ins == 0xAE || ins == 0xCA) {
					return append(append(bytes.Clone(a[:n]), 0, 0), a[n:]...)
				}
				return a
			}
		}),
		good("a signed record of file 12", func(w world) { w.file12 = unhex("7004DF010155") }),
		good("a padded record of file 12", func(w world) { w.file12 = unhex("7004DF01015500FF") }),
		good("no tag list (9F4A)", func(w world) { w.tagList = nil }),
		good("no effective date, no usage control, no version, no country", all(set(emv.TagEffectiveDate, "-"), set(emv.TagAUC, "-"),
			set(emv.TagCardVersion, "-"), set(emv.TagIssuerCountry, "-"))),
		good("no track 2, no sequence number", all(set(emv.TagTrack2Equivalent, "-"), set(emv.TagPANSequence, "-"))),
		good("objects of its own", all(set(0xDF30, "0102"), set(0x9F7C, ""), set(0xDF8121, "FFFFFF"))),
		good("lists that ask for what nobody has", all(set(emv.TagCDOL1, "9F02069F7C14DF812002BF0C0395059F3704"), func(w world) {
			w.fci.Set(emv.TagPDOL, unhex("9F6604DF0103BF0C02"))
		})),
		good("format 2 with more than AIP and AFL", func(w world) {
			w.lie = func(ins byte, a []byte) []byte {
				if ins != 0xA8 {
					return a
				}
				return ok(unhex("7717" + "DF4101FF" + "82027C00" + "9F3602AAAA" + "94081001010118020200"))
			}
		}),
		good("long lengths", func(w world) {
			w.lie = func(ins byte, a []byte) []byte {
				if ins != 0xA8 {
					return a
				}
				return ok(unhex("778200" + "11" + "8281027C00" + "94820008" + "1001010118020200"))
			}
		}),
		{name: "a tag list of more than the AIP", alter: func(w world) { w.tagList = []byte{0x82, 0x5A} }, tvr: "0800040000", decision: Online, hasNot: "00880000"},
		{name: "a signed record of file 12 that is no template", alter: func(w world) { w.file12 = unhex("DF010155") }, tvr: "0800040000", decision: Online, hasNot: "00880000"},
		{name: "FCI without A5", alter: func(w world) {
			w.lie = func(ins byte, a []byte) []byte {
				if ins == 0xA4 && bytes.Contains(a, testAID) {
					return ok(emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, testAID)).Bytes())
				}
				return a
			}
		}, decision: Terminated, cause: CauseNoApplication},
	}
	runRows(t, rows)
}

// TestPSEEndsOddly: a directory that ends in another way than it should is none, and the
// card is asked for what the terminal takes.
func TestPSEEndsOddly(t *testing.T) {
	for _, sw := range []string{"6A82", "6985", "6D00", "6283"} {
		c := newChip()
		c.hook = func(a []byte) []byte {
			if a[1] == 0xB2 && a[3] == 0x0C && a[2] == 2 {
				return unhex(sw)
			}
			return nil
		}
		if r := start(t, newKernel(), c, newSale()); r.Decision != Online || c.log[3] != "00A4040005A00000033300" {
			t.Errorf("%s: %s, %v, sent %v", sw, r.Decision, r.Err, c.log[:4])
		}
	}
}

// TestNamesInTheirAlphabet: the preferred name is shown where the card says, in its
// directory or in the application, that it is written in an alphabet the terminal has.
func TestNamesInTheirAlphabet(t *testing.T) {
	label, name := emv.New(emv.TagApplicationLabel, []byte("VISA DEBIT")), emv.New(emv.TagPreferredName, []byte("D\xE9bit"))
	for _, c := range []struct{ table, want string }{{"", "VISA DEBIT"}, {"01", "Débit"}, {"05", "VISA DEBIT"}} {
		l := emv.List{label, name}
		if c.table != "" {
			l.Add(emv.TagCodeTableIndex, unhex(c.table))
		}
		if got := candidateOf(testAID, Application{}, l).Title(); got != c.want {
			t.Errorf("table %q: got %q, want %q", c.table, got, c.want)
		}
		s := &session{Kernel: newKernel()}
		entry := emv.Template(emv.TagApplicationTemplate, emv.New(emv.TagADFName, testAID), label, name)
		if got := s.entries(nil, emv.List{entry}, unhex(c.table))[0].Title(); got != c.want {
			t.Errorf("directory's table %q: got %q, want %q", c.table, got, c.want)
		}
	}
}
