package foreign

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// repeats reports whether a line of isosim's trace shows what another one shows
// whole: bytes as they were read, a length, a field.
func repeats(before string) bool {
	for _, s := range []string{"Read = ", "MLI Data = ", "Field : ", "Comparing "} {
		if strings.Contains(before, s) {
			return true
		}
	}
	return false
}

// The members of isosim's history: a request and its answer, when they were, in
// seconds, and where they went.
var (
	requestMsg  = late(`"request_msg"\s*:\s*"([0-9A-Fa-f]*)"`)
	responseMsg = late(`"response_msg"\s*:\s*"([0-9A-Fa-f]*)"`)
	requestTS   = late(`"request_ts"\s*:\s*(\d+)`)
	responseTS  = late(`"response_ts"\s*:\s*(\d+)`)
	hostAddr    = late(`"host_addr"\s*:\s*"([^"]*)"`)
)

// history reads a line of isosim's history; ok is false when it is none. A line may
// be one member of a record, or hold several records.
func history(line string, h *hexlog) (ok bool) {
	if m := hostAddr().FindStringSubmatch(line); m != nil {
		h.head.Conn = m[1]
	}
	if !requestMsg().MatchString(line) && !responseMsg().MatchString(line) {
		for _, ts := range []*regexp.Regexp{requestTS(), responseTS()} {
			if at := epoch(ts, line); !at.IsZero() {
				h.head.At = at
				ok = true
			}
		}
		return ok
	}
	for _, record := range strings.SplitAfter(line, "}") {
		for _, part := range []struct {
			msg, ts *regexp.Regexp
			side    Side
		}{{requestMsg(), requestTS(), FromTerminal}, {responseMsg(), responseTS(), FromHost}} {
			m := part.msg.FindStringSubmatch(record)
			if m == nil || m[1] == "" {
				continue
			}
			over := heading{At: epoch(part.ts, record), Conn: h.head.Conn, Side: part.side}
			h.historic(m[1], h.head.over(over))
			h.head.Conn = over.Conn
		}
	}
	return true
}

// historic gives out one message of the history.
func (h *hexlog) historic(digits string, over heading) {
	bytes, err := hex.DecodeString(digits)
	if err == nil {
		if frame, ok := h.tell.Message(bytes); ok {
			h.emit(h.line, over, frame)
			return
		}
	}
	h.say(problem(strconv.Itoa(h.line), "%d hexadecimal digits that are no message%s", len(digits), h.packets.like(bytes)))
}

// epoch reads seconds since 1970.
func epoch(ts *regexp.Regexp, line string) time.Time {
	m := ts.FindStringSubmatch(line)
	if m == nil {
		return time.Time{}
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
