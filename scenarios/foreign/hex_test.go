package foreign

import (
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"possim/host/wire"
)

// pair is a purchase and its answer in a dialect.
func pair(t testing.TB, d *wire.Dialect, stan int) (request, answer []byte) {
	t.Helper()
	m := wire.Message{
		MTI: "0200", PAN: "6222020000000015", ProcessingCode: "000000", Amount: 8800, STAN: fmt.Sprintf("%06d", stan),
		Time: "101530", Date: "0601", EntryMode: "021", Condition: "00", Track2: "6222020000000015=29121010000000000",
		TID: "00000001", MID: "898100054110001", Currency: "156", Private60: "22000001000",
	}
	request, err := d.Encode(nil, &m, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := wire.Message{
		MTI: "0210", ProcessingCode: "000000", Amount: 8800, STAN: m.STAN, Time: "101531", Date: "0601",
		RRN: fmt.Sprintf("6152%08d", stan), Code: "00", TID: m.TID, MID: m.MID, Currency: "156",
	}
	answer, err = d.Encode(nil, &a, nil)
	if err != nil {
		t.Fatal(err)
	}
	return request, answer
}

// grouped writes bytes in hexadecimal with a separator behind every n of them.
func grouped(b []byte, n int, sep string) string {
	var out strings.Builder
	for i, c := range b {
		if i > 0 && i%n == 0 {
			out.WriteString(sep)
		}
		fmt.Fprintf(&out, "%02x", c)
	}
	return out.String()
}

// TestHex reads one conversation in every way that programs write hexadecimal.
func TestHex(t *testing.T) {
	framed := func(b []byte) []byte { return append([]byte{byte(len(b) >> 8), byte(len(b))}, b...) }
	for _, d := range []*wire.Dialect{wire.UnionPay(), wire.ISO87ASCII(), wire.ISO87BCD()} {
		q, a := pair(t, d, 1)
		q2, a2 := pair(t, d, 2)
		for name, log := range map[string]string{
			"lines":               hex.EncodeToString(q) + "\n" + hex.EncodeToString(a) + "\n\n" + hex.EncodeToString(q2) + "\n" + hex.EncodeToString(a2),
			"lines with lengths":  "> " + strings.ToUpper(hex.EncodeToString(framed(q))) + "\r\n< " + hex.EncodeToString(framed(a)) + "\r\n> " + hex.EncodeToString(framed(q2)) + "\r\n< " + hex.EncodeToString(framed(a2)) + "\r\n",
			"wrapped":             grouped(q, 30, "\n") + "\n" + grouped(a, 30, "\n") + "\n" + grouped(q2, 30, "\n") + "\n\n" + grouped(a2, 30, "\n"),
			"bytes":               "-> " + grouped(q, 1, " ") + "\n<- " + grouped(a, 1, " ") + "\n--> " + grouped(q2, 1, ":") + "\n<-- " + grouped(a2, 1, "-"),
			"words":               "10:15:30.100 send: " + hex.EncodeToString(q) + "\nnoise between\n10:15:31.200 recv: " + hex.EncodeToString(a) + "\n10:15:32 INFO [pool-1] sending " + hex.EncodeToString(q2) + "\n10:15:33,5 received 0x" + hex.EncodeToString(a2),
			"hexdump -C":          "request\n" + hex.Dump(q) + fmt.Sprintf("%08x\n", len(q)) + "response\n" + hex.Dump(a) + "\n" + hex.Dump(q2) + hex.Dump(a2),
			"a dump in tens":      tens(q) + tens(a) + tens(q2) + tens(a2),
			"isosim":              isosimLog(q, a) + isosimLog(q2, a2),
			"isosim's history":    history1(q, a) + history1(q2, a2),
			"isosim's long lines": "[" + strings.ReplaceAll(history1(q, a), "\n", "") + "," + strings.ReplaceAll(history1(q2, a2), "\n", "") + "]",
		} {
			t.Run(d.Name()+"/"+name, func(t *testing.T) {
				lines, events, r := read(t, Import{}, log)
				if len(events) != 4 || r.Count > 0 || r.Dialect.Name() != d.Name() {
					t.Fatalf("%d messages, %s, %v\n%s\nof\n%s", len(events), r.Dialect, r.Problems, strings.Join(lines, "\n"), log)
				}
				for i, want := range [][]byte{q, a, q2, a2} {
					if string(events[i].Frame) != string(want) || events[i].FromTerminal != (i%2 == 0) {
						t.Errorf("message %d: %s, want %x", i+1, lines[i], want)
					}
				}
			})
		}
	}
}

// tens is a dump of jPOS's ISOUtil.hexDump.
func tens(b []byte) (s string) {
	for at := 0; at < len(b); at += 16 {
		line := b[at:min(at+16, len(b))]
		s += fmt.Sprintf("%06d:  %-48s  |  %q\n", at, strings.ToUpper(grouped(line, 1, " "))+" ", line)
	}
	return s + "\n"
}

// isosimLog is what isosim's server logs of a request and an answer, at level trace.
func isosimLog(q, a []byte) string {
	return `time="2020-06-01T10:15:30+08:00" level=trace msg="MLI Data = 0057" type=server` + "\n" +
		`time="2020-06-01T10:15:30+08:00" level=trace msg="Read = ` + hex.EncodeToString(q) + `" type=server` + "\n" +
		`time="2020-06-01T10:15:30+08:00" level=debug msg="Received Request, \n` + strings.ReplaceAll(hex.Dump(q), "\n", `\n`) + `\n" type=server` + "\n" +
		`time="2020-06-01T10:15:30+08:00" level=debug msg="Field : [Bitmap] - Data = [f1f2f3f4f5f6f7f8f9f0f1f2f3f4]"` + "\n" +
		`time="2020-06-01T10:15:31+08:00" level=debug msg="Writing Response. Data = ` + fmt.Sprintf("%04x", len(a)) + hex.EncodeToString(a) + `" type=server` + "\n"
}

func history1(q, a []byte) string {
	return fmt.Sprintf("{\"id\":\"7b9c2f2e\",\n\"host_addr\": \"127.0.0.1:6666\",\n\"request_ts\": 1583982672,\n\"response_ts\": 1583982673,\n\"request_msg\": \"%x\",\n\"response_msg\": \"%x\"}\n", q, a)
}

// TestHexOfPrograms dumps a message with the programs that are there.
func TestHexOfPrograms(t *testing.T) {
	q, _ := pair(t, wire.ISO87ASCII(), 1)
	var m wire.Message
	if _, err := wire.ISO87ASCII().Decode(q, &m); err != nil {
		t.Fatal(err)
	}
	m.Private48 = strings.Repeat(" ", 97) // lines that programs leave out
	q, err := wire.ISO87ASCII().Encode(nil, &m, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range [][]string{{"xxd"}, {"xxd", "-c", "32"}, {"xxd", "-g", "1", "-u"}, {"hexdump", "-C"}, {"od", "-A", "x", "-t", "x1z"}, {"xxd", "-p"},
		{"od", "-t", "x1"}, {"od", "-t", "x1z"}, {"od", "-A", "d", "-t", "x1"}, {"od", "-x"}, {"od", "-v", "-A", "n", "-t", "x1"}, {"hexdump"}, {"xxd", "-i"}, {"xxd", "-a"}} {
		path, err := exec.LookPath(program[0])
		if err != nil {
			t.Logf("no %s here", program[0])
			continue
		}
		cmd := exec.Command(path, program[1:]...)
		cmd.Stdin = strings.NewReader(string(q))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		_, events, r := read(t, Import{}, string(out))
		if len(events) != 1 || string(events[0].Frame) != string(q) || r.Count > 0 {
			t.Errorf("%v: %+v\n%s", program, r, out)
		}
	}
}

// TestHexProblems names what is no message by its line.
func TestHexProblems(t *testing.T) {
	q, a := pair(t, wire.UnionPay(), 1)
	good := "> " + hex.EncodeToString(q) + "\n< " + hex.EncodeToString(a) + "\n"
	for _, c := range []struct{ log, want string }{
		{good + "> " + hex.EncodeToString(q[:40]) + "\n", "3: 80 hexadecimal digits that are no message in unionpay"},
		{good + hex.Dump(q[:40]), "3: a dump of 40 bytes that is no message in unionpay"},
		{good + hex.EncodeToString(q[:40]) + "\n", "3: 80 hexadecimal digits that are no message in unionpay"},
		{"session " + strings.Repeat("ab", 20) + "\nnothing else\n", "1: it holds no message"},
		{"just text\n", "1: neither a capture"},
		{"", "1: neither a capture"},
	} {
		_, _, r := read(t, Import{}, c.log)
		if r.Count != 1 || !strings.HasPrefix(r.Problems[0].Error(), c.want) {
			t.Errorf("got %v, want %s", r.Problems, c.want)
		}
	}
}
