package kernel

import (
	"context"
	"strings"
	"testing"
	"time"

	"possim/reader/emv"
)

// What another kernel's tests expect: the numbers and the exchanges below are those of
// openemv/emv-utils (github.com/openemv/emv-utils, tests/emv_terminal_risk_management_test.c,
// emv_processing_restrictions_test.c and emv_build_candidate_list_test.c).

// script is a strict card: the next command must be the one written down.
type script struct {
	t     *testing.T
	pairs []string
}

func (s *script) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	if len(s.pairs) < 2 || hexText(apdu) != s.pairs[0] {
		s.t.Errorf("command %X; want %v", apdu, s.pairs)
		return nil, errPulled
	}
	answer := unhex(s.pairs[1])
	s.pairs = s.pairs[2:]
	return answer, nil
}

func TestVelocityAsOthersSeeIt(t *testing.T) {
	for _, c := range []struct {
		name, atc, last string
		fen             int64
		tvr             string
	}{
		{"no risk found", "04D2", "04D1", 5000, "0000000000"},
		{"not possible", "", "", 5000, "0000006000"},
		{"lower limit matched", "04D2", "04C0", 5000, "0000000000"},
		{"lower limit exceeded", "04D2", "04BF", 5000, "0000004000"},
		{"upper limit matched", "04D2", "049E", 5000, "0000004000"},
		{"upper limit exceeded", "04D2", "049D", 5000, "0000006000"},
		{"new card", "0005", "0000", 5000, "0008000000"},
		{"new card without ATC", "", "0000", 5000, "0008006000"},
		{"floor limit exceeded", "04D2", "04D1", 15000, "0000008000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, tx := newKernel(), newSale()
			k.Applications[0].FloorLimit, tx.Amount.Minor = 10000, c.fen
			get := func(tag, v string) string {
				if v == "" {
					return "6A81"
				}
				return tag + "02" + v + "9000"
			}
			card := &script{t, []string{"80CA9F3600", get("9F36", c.atc), "80CA9F1300", get("9F13", c.last)}}
			s, err := k.newSession(card, tx)
			if err != nil {
				t.Fatal(err)
			}
			s.app, s.aip = k.Applications[0], emv.AIP{}.With(emv.AIPTerminalRisk)
			s.icc.Set(emv.TagLowerOfflineLimit, []byte{0x12})
			s.icc.Set(emv.TagUpperOfflineLimit, []byte{0x34})
			if err := s.manageRisk(t.Context()); err != nil || s.tvr.String() != c.tvr || s.tsi.String() != "0800" || len(card.pairs) != 0 {
				t.Errorf("got TVR %s TSI %s, want %s 0800; %d left: %v", s.tvr, s.tsi, c.tvr, len(card.pairs)/2, err)
			}
		})
	}
}

func TestRestrictionsAsOthersSeeThem(t *testing.T) {
	for _, c := range []struct {
		name, version, auc, country, from, until, today string
		kind, more, type9C                              byte
		tvr                                             string
	}{
		{"none", "1313", "FFC0", "0528", "250511", "250511", "250511", 0x22, 0xF0, 0, "0000000000"},
		{"version", "1310", "", "", "", "250511", "250511", 0x22, 0xF0, 0, "0080000000"},
		{"ATM", "", "FDC0", "", "", "250511", "250511", 0x15, 0xF0, 0, "0010000000"},
		{"no ATM", "1313", "FEC0", "0528", "250511", "250511", "250511", 0x22, 0x70, 0, "0010000000"},
		{"domestic goods", "1313", "D7C0", "0528", "250511", "250511", "250511", 0x22, 0xF0, 0, "0010000000"},
		{"international cash back", "1313", "FF80", "0840", "250511", "250511", "250511", 0x22, 0xF0, 9, "0010000000"},
		{"not yet effective", "", "", "", "250511", "250511", "250510", 0x22, 0xF0, 0, "0020000000"},
		{"expired", "", "", "", "250511", "250511", "250512", 0x22, 0xF0, 0, "0040000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, tx := newKernel(), newSale()
			k.Country, k.Type, k.More[0], tx.Type = "528", c.kind, c.more, c.type9C
			k.Applications[0].Version = unhex("1313")
			at, err := time.Parse("060102", c.today)
			if err != nil {
				t.Fatal(err)
			}
			tx.At = at
			s, err := k.newSession(newChip(), tx)
			if err != nil {
				t.Fatal(err)
			}
			s.app = k.Applications[0]
			for tag, v := range map[emv.Tag]string{emv.TagCardVersion: c.version, emv.TagAUC: c.auc, emv.TagIssuerCountry: c.country,
				emv.TagEffectiveDate: c.from, emv.TagExpirationDate: c.until} {
				if v != "" {
					s.icc.Set(tag, unhex(v))
				}
			}
			if err := s.restrict(t.Context()); err != nil || s.tvr.String() != c.tvr {
				t.Errorf("got %s, want %s: %v", s.tvr, c.tvr, err)
			}
		})
	}
}

func TestCandidatesAsOthersSeeThem(t *testing.T) {
	const pse, none = "00A404000E315041592E5359532E444446303100", "6A82"
	const pseFCI = "6F20840E315041592E5359532E4444463031A50E8801015F2D046E6C656E9F1101019000"
	sel := func(aid string) string { return "00A4040007" + aid + "00" }
	const v1, v2, v3, m1, m2 = "A0000000031010", "A0000000032010", "A0000000032020", "A0000000041010", "A0000000043060"
	fciVPay := func(aid, priority string) string {
		return "6F2F8407" + aid + "A5245005562050415987" + "01" + priority + "5F2D046E6C656EBF0C109F4D020B059F0A0800010501000000009000"
	}
	mc := func(aid, priority string) string {
		body := "8408" + aid + "A5265009" + "4D4320435245444954" + "5F2D046E6C656E8701" + priority + "9F1101019F120A4D415354455243415244"
		return "6F32" + body + "9000"
	}
	for _, c := range []struct {
		name  string
		pairs []string
		want  string
	}{
		{"card blocked", []string{pse, "6A81"}, "card-blocked"},
		{"card blocked at the first application", []string{pse, none, sel(v1), "6A81"}, "card-blocked"},
		{"nothing found", []string{pse, none, sel(v1), none, sel(v2), none, sel(v3), none, sel(m1), none, sel(m2), none}, ""},
		{"PSE blocked", []string{pse, "6283", sel(v1), none, sel(v2), none, sel(v3), none, sel(m1), none, sel(m2), none}, ""},
		{"application blocked", []string{pse, none, sel(v1), none, sel(v2), none, sel(v3), "6283", sel(m1), none, sel(m2), none}, "1 blocked"},
		{"directory without ours", []string{pse, pseFCI, "00B2010C00",
			"702961274F07A0000000033030500B56495341204352454449548701019F120B564953412043524544495490" + "00", "00B2020C00", "6A83",
			sel(v1), none, sel(v2), none, sel(v3), none, sel(m1), none, sel(m2), none}, ""},
		{"directory with one", []string{pse, pseFCI, "00B2010C00",
			"702961274F07A0000000031010500B56495341204352454449548701019F120B5649534120435245444954" + "9000", "00B2020C00", "6A83"}, v1},
		{"directory with two in a record", []string{pse, pseFCI, "00B2010C00",
			"704461204F07A000000003202050055620504159870101730B9F0A08000105010000000061204F07A000000003201050055620504159870102730B9F0A080001050100000000" + "9000",
			"00B2020C00", "6A83"}, v3 + " " + v2},
		{"list, two exact", []string{pse, none, sel(v1), none, sel(v2), fciVPay(v2, "02"), sel(v3), fciVPay(v3, "01"), sel(m1), none, sel(m2), none}, v3 + " " + v2},
		{"list, two of one name", []string{pse, none, sel(v1), none, sel(v2), none, sel(v3), none, sel(m1), mc(m1+"10", "01"),
			"00A4040207" + m1 + "00", mc(m1+"20", "02"), "00A4040207" + m1 + "00", none, sel(m2), none}, m1 + "10 " + m1 + "20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKernel()
			k.Applications = []Application{{AID: unhex(v1)}, {AID: unhex(v2)}, {AID: unhex(v3)}, {AID: unhex(m1), Partial: true}, {AID: unhex(m2)}}
			card := &script{t, c.pairs}
			s, err := k.newSession(card, newSale())
			if err != nil {
				t.Fatal(err)
			}
			l, blocked, err := s.candidates(t.Context())
			byPriority(l)
			var got []string
			for _, x := range l {
				got = append(got, hexText(x.AID))
			}
			if blocked > 0 {
				got = append(got, "1 blocked")
			}
			if e, stopped := err.(*stop); stopped {
				got = append(got, string(e.cause))
			}
			if strings.Join(got, " ") != c.want || len(card.pairs) != 0 {
				t.Errorf("got %q, want %q; %d commands left: %v", got, c.want, len(card.pairs)/2, err)
			}
		})
	}
}
