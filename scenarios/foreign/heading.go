package foreign

import (
	"strings"
	"time"
)

// A heading is what a line of a log says of a message: when it was, on which
// connection, and who sent it.
type heading struct {
	At   time.Time
	Conn string
	Side Side
	size int // how much of the line it takes, from its beginning
}

// says reports whether the line says anything.
func (h heading) says() bool { return !h.At.IsZero() || h.Side != Unknown || h.Conn != "" }

// over is h with what a later line says instead.
func (h heading) over(later heading) heading {
	if !later.At.IsZero() {
		h.At = later.At
	}
	if later.Side != Unknown {
		h.Side = later.Side
	}
	if later.Conn != "" {
		h.Conn = later.Conn
	}
	return h
}

var (
	// A date and time, or a time of the day alone.
	stamp = late(`(\d{4}[-/]\d{2}[-/]\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?|(?:^|[^0-9A-Fa-f:])(\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?(?:[^0-9A-Fa-f:]|$)`)
	// An arrow at the beginning of what is left of a line, or at its end.
	toHost   = late(`^\W*?(?:-+>|=+>|>+)|(?:-+>|=+>|>+)\W*$`)
	toSender = late(`^\W*?(?:<-+|<=+|<+)|(?:<-+|<=+|<+)\W*$`)
	// What a program calls a message, and what it did with it.
	request   = late(`(?i)\b(?:request|req|rqst)\b|请求|上送`)
	response  = late(`(?i)\b(?:response|resp|reply|answer|respuesta|resposta)\b|响应|应答|返回`)
	sent      = late(`(?i)\b(?:send|sent|sending|tx|outgoing|outbound|transmit(?:ted|ting)?|writing|wrote|enviad[oa]s?|enviando|dikirim|kirim|envoi|gesendet)\b|(?i)\b(?:out|write)\s*[:=>\]]|发送|发出|отправ`)
	received  = late(`(?i)\b(?:recv|rcv|rcvd|receive[ds]?|receiving|rx|incoming|inbound|reading|recibid[oa]s?|recibiendo|recebid[oa]s?|recebendo|diterima|terima|empfangen)\b|(?i)\b(?:in|read)\s*[:=<\]]|接收|收到|получ`)
	sinceLast = late(`(?i)\bbytes sent since\b`) // Wireshark's, of either side
	server    = late(`\btype"?[=:]"?server\b`)   // of isosim
)

// parseHeading reads what comes before the hexadecimal of a line, or a whole line
// without any.
func parseHeading(line string) (h heading) {
	before, digits, _ := hexRun(line)
	if at := strings.Index(line, `\n`); at >= 0 && (digits == "" || at < len(before)) {
		before = line[:at]
	} else if digits == "" {
		before = line
	}
	h.size = min(len(before), len(line))
	if digits == "" {
		h.size = markers(line)
	}
	h.At = timeIn(line)
	words := sinceLast().ReplaceAllString(stamp().ReplaceAllString(before, " "), " ")
	switch {
	case request().MatchString(words) && !response().MatchString(words):
		h.Side = FromTerminal
	case response().MatchString(words) && !request().MatchString(words):
		h.Side = FromHost
	case sent().MatchString(words) && !received().MatchString(words):
		h.Side = Sent
	case received().MatchString(words) && !sent().MatchString(words):
		h.Side = Received
	case toSender().MatchString(strings.TrimSpace(words)):
		h.Side = Received
	case toHost().MatchString(strings.TrimSpace(words)):
		h.Side = Sent
	}
	if strings.Contains(line, "level=") || strings.Contains(line, `"level":`) {
		h.Conn = "client"
		if server().MatchString(line) {
			h.Conn = "server"
		}
	}
	return h
}

// opening is a time, words and arrows before a message in characters.
var opening = late(`^[^0-9]*?(?:\d{4}-\d{2}-\d{2}[T ])?(?:\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\S*\s+)?(?:[A-Za-z<>=:\[\]-]+\s*)*`)

// markers is how much of a line without hexadecimal is heading.
func markers(line string) int { return len(opening().FindString(line)) }

// timeIn returns the first time in a line.
func timeIn(line string) time.Time {
	m := stamp().FindStringSubmatch(line)
	switch {
	case m == nil:
		return time.Time{}
	case m[1] != "":
		s := strings.ReplaceAll(m[1], "/", "-") + "T" + m[2]
		if m[3] != "" {
			s += "." + m[3]
		}
		at, _ := logTime(s + m[4])
		return at
	}
	s := "1970-01-01T" + m[5]
	if m[6] != "" {
		s += "." + m[6]
	}
	at, _ := logTime(s)
	return at
}
