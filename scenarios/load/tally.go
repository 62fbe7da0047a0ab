package load

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"possim/emulator"
	"possim/host/wire"
)

// Causes of errors beside emulator's.
const (
	causeBehind      = "behind"          // due, and no terminal was free to begin it before the end
	causeLost        = "connection-lost" // the connection broke while the order waited on it
	causeInterrupted = "interrupted"     // under way when the run was ended
	causeFault       = "terminal-error"  // the terminal could not act
	causeUnbalanced  = "unbalanced"      // a settlement whose sums are not the host's
	causeScript      = "script-error"    // a player could not go on
)

// result is how one order counts.
type result struct {
	code     wire.Code
	cause    string // "" when the host's answer decided
	approved bool
	sent     bool
	answered bool
}

// tally adds up, for all terminals.
type tally struct {
	plays    plays
	mu       sync.Mutex
	latency  *hdrhistogram.Histogram // microseconds, of answered orders
	started  time.Time
	last     time.Time     // end of the last answered order
	ran      time.Duration // once it has stopped
	stopped  bool
	sent     int64
	answered int64
	approved int64
	errors   int64
	codes    map[wire.Code]int64
	causes   map[string]int64
	orders   map[emulator.OrderKind]int64
	series   shelf

	dials, losses, strays, garbled, unready int64
}

// The histogram: from a microsecond to an hour, three digits.
const (
	shortest = 1
	longest  = int64(time.Hour / time.Microsecond)
	digits   = 3
)

func newLatencies() *hdrhistogram.Histogram { return hdrhistogram.New(shortest, longest, digits) }

// start begins the clock, and forgets what signing on counted.
func (t *tally) start(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.started, t.last = now, now
	t.latency = newLatencies()
	t.codes, t.causes, t.orders = map[wire.Code]int64{}, map[string]int64{}, map[emulator.OrderKind]int64{}
	t.series = shelf{}
	t.strays, t.garbled = 0, 0
}

// order counts one that has ended. A tag is a word that sets it apart (CheckTag); "" is
// none.
func (t *tally) order(kind emulator.OrderKind, tag string, r result, took time.Duration, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	us := min(max(took.Microseconds(), shortest), longest)
	t.orders[kind]++
	t.series.count(Labels{kind, tag, r.code, r.cause}, r, us)
	if r.sent {
		t.sent++
	}
	if !r.answered {
		t.errors++
		t.causes[r.cause]++
		return
	}
	t.answered++
	if r.code != "" { // a 0510 or 0830 may have none
		t.codes[r.code]++
	}
	if r.approved {
		t.approved++
	}
	if now.After(t.last) {
		t.last = now
	}
	_ = t.latency.RecordValue(us) // always in its range
}

// missed counts errors that are no order's: what was due and never begun, and what a
// player could not do.
func (t *tally) missed(cause string, n int64) {
	if n <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors += n
	t.causes[cause] += n
	if s := t.series.of(Labels{Cause: cause}); s != nil {
		s.Count += n
	}
}

// stop ends the clock. The time that a rate is of goes on to the last answer, and where
// the orders were counted it ends there.
func (t *tally) stop(ran time.Duration, counted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	answered := t.last.Sub(t.started)
	t.ran, t.stopped = max(ran, answered), true
	if counted && answered > 0 {
		t.ran = answered
	}
}

func (t *tally) count(n *int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*n++
}

func (t *tally) connected() { t.count(&t.dials) }
func (t *tally) lost()      { t.count(&t.losses) }
func (t *tally) unopened()  { t.count(&t.unready) }

// stray counts a frame that nobody waited for.
func (t *tally) stray(unreadable bool) {
	if unreadable {
		t.count(&t.garbled)
		return
	}
	t.count(&t.strays)
}

// report copies what there is at now. Terminals wait no longer than latencies take to
// copy; they are counted up again afterwards.
func (t *tally) report(now time.Time) Report {
	r, overall, each := t.copy(now)
	if overall != nil {
		r.latency = hdrhistogram.Import(overall)
	}
	for i, s := range each {
		if s != nil {
			r.Series[i].latency = hdrhistogram.Import(s)
		}
	}
	return r
}

// copy is the report without its latencies, and those of all and of each series; errors
// have none.
func (t *tally) copy(now time.Time) (r Report, overall *hdrhistogram.Snapshot, each []*hdrhistogram.Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.started.IsZero() {
		return Report{Codes: map[wire.Code]int64{}, Causes: map[string]int64{}, Orders: map[emulator.OrderKind]int64{}}, nil, nil
	}
	ran := t.ran
	if !t.stopped {
		ran = now.Sub(t.started)
	}
	r = Report{
		Ran: ran, Sent: t.sent, Answered: t.answered, Approved: t.approved, Errors: t.errors,
		Codes: maps.Clone(t.codes), Causes: maps.Clone(t.causes), Orders: maps.Clone(t.orders), Series: t.series.sorted(),
		Dials: t.dials, Lost: t.losses, Strays: t.strays, Garbled: t.garbled, NotSignedOn: t.unready,
	}
	if ran > 0 {
		r.Rate = float64(t.approved) / ran.Seconds()
	}
	each = make([]*hdrhistogram.Snapshot, len(r.Series))
	for i := range r.Series {
		if h := r.Series[i].latency; h != nil {
			each[i] = h.Export()
		}
	}
	return r, t.latency.Export(), each
}
