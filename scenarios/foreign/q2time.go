package foreign

import (
	"strconv"
	"strings"
	"time"
)

// A log entry's at= is Java's Date.toString() with milliseconds that are not padded
// behind it ("Tue Dec 15 17:59:30 CST 2015.9" is 9 ms after the second), or, since
// jPOS 2, a LocalDateTime, which leaves out seconds that are zero.
var (
	dateString = late(`^[A-Z][a-z]{2} ([A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}) (?:\S+ )?(\d{4})(?:\.(\d{1,3}))?$`)
	isoString  = late(`^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$`)
)

// logTime reads a time of a log. The abbreviation of a zone says too little ("CST" is
// three of them) and is left out: times of one log count from its first.
func logTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if m := dateString().FindStringSubmatch(s); m != nil {
		at, err := time.Parse("Jan _2 15:04:05 2006", m[1]+" "+m[2])
		millis, _ := strconv.Atoi(m[3])
		return at.Add(time.Duration(millis) * time.Millisecond), err == nil
	}
	m := isoString().FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	if m[3] == "" {
		m[3] = ":00"
	}
	if m[4] == "" {
		m[4] = "0"
	}
	zone := strings.ReplaceAll(m[5], ":", "")
	layout := "2006-01-02T15:04:05.999999999"
	if zone != "" {
		layout += "Z0700"
	}
	at, err := time.Parse(layout, m[1]+"T"+m[2]+m[3]+"."+m[4]+zone)
	return at.UTC(), err == nil
}
