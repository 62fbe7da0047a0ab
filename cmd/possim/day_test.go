package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDayOverTCP plays the whole day of the catalog against a host of its own
// process, in UnionPay with MACs required. The books that stay behind sum to zero.
func TestDayOverTCP(t *testing.T) {
	need(t, "sqlite3")
	dir := t.TempDir()
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db)
	code, out, errs := possim(t, "run", "--host", h.addr, "--state", dir, "--filter", "^a whole day$")
	if code != exitOK || !strings.Contains(out, "1 passed, 0 failed, 0 skipped") {
		t.Fatalf("exit %d\n%s%s%s", code, out, errs, h.log)
	}
	for _, kind := range []string{"sign-on", "download", "sale", "void", "refund", "reversal", "settlement", "sign-off"} {
		h.logged(`"kind":"` + kind + `"`)
	}
	h.logged(`"note":"balanced: `)
	h.stop()
	if got := query(t, db, "SELECT sum(coalesce(balance, 0) + coalesce(hold, 0)) FROM balances"); got != "0" {
		t.Errorf("all accounts sum to %s, want 0", got)
	}
}

// TestDayUnderTshark: a program that is not ours reads a day in iso87ascii with
// MACs, and finds no message of it malformed.
func TestDayUnderTshark(t *testing.T) {
	need(t, "tshark")
	dir := t.TempDir()
	h := startHost(t, "--dialect", "iso87ascii", "--mac", "require", "--acquirer", "48980000")
	sniffer := startCapture(t, h.addr)
	code, out, errs := possim(t, "run", "--host", sniffer.addr, "--state", dir, "--dialect", "iso87ascii", "--mac", "require", "--filter", "^a day in any dialect$")
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s%s", code, out, errs, h.log)
	}
	// What the day has not: a chip's field 55 both ways, and the words of field 44.
	for _, more := range [][]string{{"--insert", "chip-dda", "--pin", "123456"}, {"--swipe", "pinned", "--pin", "908172"}} {
		saleJSON(t, append([]string{"1.00", "--host", sniffer.addr, "--state", dir, "--dialect", "iso87ascii", "--mac", "require", "--tid", "00000002"}, more...)...)
	}
	file := filepath.Join(dir, "day.pcap")
	packets := sniffer.save(file)
	tshark := func(args ...string) []string {
		t.Helper()
		args = append([]string{"-n", "-r", file, "-d", "tcp.port==8583,iso8583", "-o", "iso8583.len_endian:Big endian"}, args...)
		out, err := exec.Command("tshark", args...).Output()
		if err != nil {
			t.Fatalf("tshark: %v\n%s", err, out)
		}
		return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	}
	types := tshark("-Y", "iso8583", "-T", "fields", "-e", "iso8583.mti")
	if len(types) != packets || packets < 20 {
		t.Errorf("tshark takes %d of %d packets for ISO 8583", len(types), packets)
	}
	for _, mti := range []string{"0800", "0810", "0200", "0210", "0400", "0410"} {
		if !strings.Contains(strings.Join(types, " "), mti) {
			t.Errorf("tshark sees no %s among %v", mti, types)
		}
	}
	for _, field := range []string{"32", "44", "55", "62", "63", "64"} {
		if len(tshark("-Y", "iso8583.bit"+field, "-T", "fields", "-e", "frame.number")) == 0 {
			t.Errorf("no message has field %s", field)
		}
	}
	if bad := tshark("-Y", "_ws.malformed || _ws.expert.severity == error"); len(bad) > 0 {
		t.Errorf("malformed, says tshark:\n%s", strings.Join(bad, "\n"))
	}
}
