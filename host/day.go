package host

import (
	"time"

	"possim/host/ledger"
)

// shanghai is China's time without a time zone database: there has been no
// summer time since 1991.
var shanghai = time.FixedZone("CST", 8*60*60)

// now is the host's clock in the host's zone.
func (h *Host) now() time.Time {
	zone := h.Zone
	if zone == nil {
		zone = shanghai
	}
	return h.Now().In(zone)
}

// day returns the business day of a time in the host's zone (RULES: day and
// limits), and how long that day has lasted. With a cut-over of -1h the time
// 23:30 is 30 minutes into the next day.
func (h *Host) day(at time.Time) (ledger.Day, time.Duration) {
	shifted := at.Add(-h.CutOver)
	y, m, d := shifted.Date()
	return ledger.DayOf(shifted), shifted.Sub(time.Date(y, m, d, 0, 0, 0, 0, shifted.Location()))
}

// addDays counts in the calendar.
func addDays(d ledger.Day, n int) ledger.Day {
	return ledger.DayOf(date(d).AddDate(0, 0, n))
}

func date(d ledger.Day) time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

// lastDay returns the latest day with the month and day MMDD that is not after
// limit; ok is false when mmdd is no date.
func lastDay(mmdd string, limit ledger.Day) (day ledger.Day, ok bool) {
	if len(mmdd) != 4 || !allDigits(mmdd) {
		return 0, false
	}
	for year := limit / 10000; year > limit/10000-5; year-- { // 29 February comes every four years
		t, err := time.Parse("20060102", fourDigits(year)+mmdd)
		if err != nil {
			continue
		}
		if day := ledger.DayOf(t); day <= limit {
			return day, true
		}
	}
	return 0, false
}

// monthAndDay is MMDD.
func monthAndDay(d ledger.Day) string { return fourDigits(d % 10000) }

func fourDigits(year ledger.Day) string {
	return string([]byte{'0' + byte(year/1000%10), '0' + byte(year/100%10), '0' + byte(year/10%10), '0' + byte(year%10)})
}
