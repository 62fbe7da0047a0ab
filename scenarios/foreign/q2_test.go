package foreign

import (
	"os"
	"strings"
	"testing"
	"time"

	"possim/host/wire"
)

// read imports a log and returns its messages as a journal would have them: place,
// connection, direction, and what is in them.
func read(t *testing.T, im Import, log string) (lines []string, events []Event, r Report) {
	t.Helper()
	r, err := im.Read(strings.NewReader(log), func(e Event) error {
		var m wire.Message
		if _, err := e.Dialect.Decode(e.Frame, &m); err != nil {
			t.Errorf("%s: the frame does not decode: %v", e.Place, err)
		}
		arrow := "<"
		if e.FromTerminal {
			arrow = ">"
		}
		lines = append(lines, strings.Join([]string{e.Place, string(rune('0' + e.Conn)), arrow, m.String()}, " "))
		events = append(events, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, events, r
}

// same compares lines.
func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestQ2 reads a log with everything that jPOS's listeners are known to write: the
// times of its three generations, masked and wiped fields, messages in fields, CDATA,
// a dump of what could not be unpacked, another's stack traces, a beginning and an
// end in the middle of a message. The shapes are those of logs in public questions
// and repositories; the cards are of the test list.
func TestQ2(t *testing.T) {
	log, err := os.ReadFile("testdata/q2.log")
	if err != nil {
		t.Fatal(err)
	}
	lines, events, r := read(t, Import{}, string(log))
	same(t, lines,
		"12 1 > 0800 STAN 028928, fields 1 7 11 70",
		"23 1 < 0810 STAN 028928, fields 1 7 11 39 70",
		"55 2 > 0200 STAN 000001, fields 2 3 4 11 12 13 14 22 35 41 42 43 48 49 52 63",
		"85 2 < 0210 STAN 000001, fields 2 3 4 11 37 39 41",
		"88 3 > 0800 STAN 000007, fields 3 11 41")
	if r.Format != JPOS || r.Dialect != wire.ISO87ASCII() || r.Count != 0 {
		t.Errorf("%+v", r)
	}
	start := time.Date(2015, 12, 15, 17, 59, 29, 995e6, time.UTC)
	for i, after := range []string{"0s", "14ms", "1.239567s", "2.005s", "30.005s"} {
		if got := events[i].At.Sub(start).String(); got != after {
			t.Errorf("message %d is at +%s, want %s", i+1, got, after)
		}
	}
	var m wire.Message
	if _, err := r.Dialect.Decode(events[2].Frame, &m); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{
		m.PAN.RevealTest(): "6222020000100005", m.Track2.Reveal(): "6222020000100005=29121010000000000",
		m.Private48: "702a2", m.Private63: "<custom>\n  <tid>29110001</tid>]]", m.TID: "407682", m.MID: "36858239",
		string(m.Rest[0].Value): "Caf\xe9 \"Nahir\"  > 'Dyala' & Co.      IQ",
	} {
		if number != want {
			t.Errorf("got %q, want %q", number, want)
		}
	}
	var notes []string
	for _, n := range r.Notes {
		notes = append(notes, n.String())
	}
	for _, want := range []string{"2: hidden: something", "48: made of parts", "55: hidden: left out", "the log ends inside", "1 messages stand in other elements"} {
		if !strings.Contains(strings.Join(notes, "\n"), want) {
			t.Errorf("no note says %q:\n%s", want, strings.Join(notes, "\n"))
		}
	}
}

const oneMessage = `<isomsg direction="%s"><field id="0" value="%s"/><field id="3" value="990000"/><field id="11" value="7"/></isomsg>`

// TestQ2Variants reads one exchange in the forms that jPOS, its users and other
// loggers around it give a log.
func TestQ2Variants(t *testing.T) {
	request, answer := strings.NewReplacer("%s\"><f", "outgoing\"><f", `value="%s"`, `value="0800"`).Replace(oneMessage), strings.NewReplacer("%s\"><f", "incoming\"><f", `value="%s"`, `value="0810"`).Replace(oneMessage)
	lines := func(s string) string { return strings.ReplaceAll(s, "><", ">\n<") }
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;", `"`, "&quot;")
	quote := strings.NewReplacer(`"`, `\"`)
	for name, log := range map[string]string{
		"in entries":             `<log realm="c" at="2026-06-01T09:00:00.1"><send>` + request + `</send></log><log realm="c" at="2026-06-01T09:00:01"><receive>` + answer + "</receive></log>",
		"without realm":          `<log at="Mon Jun 01 09:00:00 UYT 2026.100"><send>` + lines(request) + `</send></log>` + "\n" + `<log at="Mon Jun 01 09:00:01 UYT 2026.0"><receive>` + lines(answer) + "</receive></log>",
		"without attributes":     "<log>\n<outgoing>\n" + lines(request) + "\n</outgoing>\n</log>\n<log><incoming>" + answer + "</incoming></log>",
		"dumped to the console":  "Reply :\n" + lines(request) + "\n" + lines(answer) + "\n",
		"behind another logger":  "2026-06-01 09:00:00,100 INFO  [main] - " + strings.ReplaceAll(lines("<log realm=\"c\"><send>"+request+"</send></log>"), "\n", "\n2026-06-01 09:00:00,101 INFO  [main] - ") + "\n<log realm=\"c\"><receive>" + lines(answer) + "</receive></log>",
		"in a comment of code":   "// " + strings.ReplaceAll(lines(request+"\n"+answer), "\n", "\n//  "),
		"structured, in XML":     `<log ts="2026-06-01T01:00:00.100Z" realm="c" tag="send"><evt><m>` + escape.Replace(request) + `</m></evt></log>` + "\n" + `<log ts="2026-06-01T01:00:01Z" realm="c" tag="receive"><evt>` + escape.Replace(answer) + `</evt></log>`,
		"structured, in JSON":    `{"ts":"2026-06-01T01:00:00.100Z","realm":"c","tag":"send","evt":[{"t":"msg","m":"` + quote.Replace(request) + `"}]}` + "\n" + `{"ts":"2026-06-01T01:00:00Z","tag":"info","evt":[{"t":"msg","m":"` + quote.Replace(request) + `"}]}` + "\n" + `{"ts":"2026-06-01T01:00:01Z","realm":"c","tag":"receive","evt":[{"t":"msg","m":"` + quote.Replace(answer) + `"}]}`,
		"of jPOS 3, in JSON":     "{\n  \"ts\" : \"2026-06-01T01:00:00.100Z\",\n  \"kind\" : \"send\",\n  \"tags\" : {\n    \"realm\" : \"c\"\n  },\n  \"payload\" : [ {\n    \"t\" : \"msg\",\n    \"m\" : \"" + quote.Replace(request) + "\"\n  } ]\n}\n{\n  \"ts\" : \"2026-06-01T01:00:01Z\",\n  \"kind\" : \"receive\",\n  \"payload\" : [ {\n    \"m\" : \"" + quote.Replace(answer) + "\"\n  } ],\n  \"tags\" : { \"realm\" : \"c\" }\n}\n",
		"with the bitmap":        strings.ReplaceAll("<log><send>"+request+"</send></log><log><receive>"+answer+"</receive></log>", `<field id="3"`, `<field id="bitmap" value="{3, 11}" type="bitmap"/><field id="-1" value="2020"/><field id="3"`),
		"with a session between": `<log realm="c"><send>` + request + `</send></log><log realm="c.session/10.0.0.1:4"><session-start/></log><log realm="c"><receive>` + answer + `<receive-extra/></receive></log>`,
	} {
		t.Run(name, func(t *testing.T) {
			got, events, r := read(t, Import{}, log)
			if r.Format != JPOS || r.Count > 0 || len(events) != 2 || !strings.HasSuffix(got[0], "1 > 0800 STAN 000007, fields 3 11") || !strings.HasSuffix(got[1], "1 < 0810 STAN 000007, fields 3 11") {
				t.Fatalf("%+v\n%s", r, strings.Join(got, "\n"))
			}
			if !events[0].At.IsZero() && events[1].At.Sub(events[0].At) != 900*time.Millisecond {
				t.Errorf("times %v and %v", events[0].At, events[1].At)
			}
		})
	}
}

// TestQ2Header takes the dialect of what stands before the message type, and a host's
// log for a host's.
func TestQ2Header(t *testing.T) {
	log := `<log realm="server/10.0.0.9:1"><receive><isomsg direction="incoming"><!-- org.jpos.iso.packager.GenericPackager[cfg/posp.xml] -->
	<header>6000050001603100311001</header>
	<field id="0" value="0200"/><field id="2" value="6222020000000015"/><field id="3" value="000000"/><field id="4" value="000000000110"/><field id="11" value="888888"/>
	<field id="22" value="021"/><field id="25" value="00"/><field id="26" value="12"/><field id="35" value="6222020000000015D29121010000000000F"/>
	<field id="41" value="30023287"/><field id="42" value="Z06000000019550"/><field id="49" value="156"/><field id="52" value="0000000000000000" type="binary"/>
	<field id="53" value="2610000000000000" type="binary"/><field id="60" value="22000109001"/><field id="63" value="01 "/><field id="64" value="3444324438443835" type="binary"/></isomsg></receive></log>`
	got, events, r := read(t, Import{}, log)
	same(t, got, "1 1 > 0200 STAN 888888, fields 2 3 4 11 22 25 26 35 41 42 49 52 53 60 63 64")
	var m wire.Message
	if _, err := wire.UnionPay().Decode(events[0].Frame, &m); err != nil || string(m.MAC) != "4D2D8D85" || m.Header[0] != 0x60 || m.TPDU[1] != 0 || m.TPDU[2] != 5 {
		t.Errorf("%v %v %q", err, r, m.MAC)
	}
}

// TestQ2Problems names what cannot be read by its line, and reads on.
func TestQ2Problems(t *testing.T) {
	good := "<log realm=\"c\"><send>" + strings.NewReplacer("%s\"><f", "outgoing\"><f", `value="%s"`, `value="0800"`).Replace(oneMessage) + "</send></log>\n"
	for _, c := range []struct{ log, want string }{
		{good + "<log><send><isomsg>\n<field id=\"0\" value=\"0210\"/>\n<field id=\"39\" value=\"000\"/>\n</isomsg></send></log>\n", "4: field 39 (response code): "},
		{good + "<log><send><isomsg>\n<field id=\"0\" value=\"0200\"/>\n<field id=\"4\" value=\"12,50\"/>\n</isomsg></send></log>\n", "4: field 4 (amount, transaction): the amount is not a number"},
		{good + "<log><send><isomsg>\n<field id=\"0\" value=\"0200\"/>\n<field id=\"200\" value=\"x\"/>\n</isomsg></send></log>\n", "4: field 200 (field 200): iso87ascii has no such field"},
		{good + "<log><send><isomsg>\n<field id=\"3\" value=\"000000\"/>\n</isomsg></send></log>\n", "2: the message has no type"},
		{good + "<log><send><isomsg>\n<field id=\"0\" value=\"0200\"/>\n<field id=\"3\" val\n" + good, "4: <field is cut off before its >"},
		{good + "<log><send><isomsg>\n<field id=\"0\" value=\"0200\"/>\n" + good, "2: the message has no end before line 4"},
		{good + "<log><send><isomsg>\n<field id=\"0\">0200\n<field id=\"3\" value=\"000000\"/>\n" + good, "3: <field> has no end"},
		{good + "<log><send><isomsg>\n<isomsg>\n" + good, "2: the message has no end before line 3"},
		{"<log realm=\"c\"/>", "1: it holds no message"},
	} {
		_, events, r := read(t, Import{Lenient: true}, c.log)
		if r.Count != 1 && !strings.HasPrefix(c.want, "2: the message has no end before line 3") || !strings.HasPrefix(r.Problems[0].Error(), c.want) {
			t.Errorf("got %v, want %s", r.Problems, c.want)
		}
		if want := strings.Count(c.log, good); len(events) != want {
			t.Errorf("%s: %d messages, want %d", c.want, len(events), want)
		}
		if _, events, _ := read(t, Import{}, c.log); len(events) > 1 {
			t.Errorf("%s: goes on behind it", c.want)
		}
	}
}
