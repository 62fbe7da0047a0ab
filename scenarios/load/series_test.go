package load_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"possim/host/wire"
	"possim/scenarios/load"
)

// mixedRun is a run of 100 orders of one terminal at a stub, one every 100 ms. Of ten, the
// first is lost, the second declined after 30 ms, the others approved after 5 ms.
func mixedRun(t *testing.T) (r load.Report) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			switch c.number % 10 {
			case 1:
				c.stream.Close()
			case 2:
				time.AfterFunc(30*time.Millisecond, func() { c.reply(c.answer(wire.InsufficientFunds)) })
			default:
				time.AfterFunc(5*time.Millisecond, func() { c.reply(c.answer(wire.Approved)) })
			}
		})
		mix, err := load.ParseMix("sale=1,balance=1")
		if err != nil {
			t.Fatal(err)
		}
		r = b.run(load.Config{Terminals: 1, Count: 100, Rate: 10, Mix: mix})
	})
	return r
}

// sum adds up the series that have these labels; "" is any.
func sum(r *load.Report, kind, code, cause string) (n int64) {
	for _, s := range r.Series {
		if (kind == "" || kind == string(s.Kind)) && (code == "" || code == string(s.Code)) && (cause == "" || cause == s.Cause) {
			n += s.Count
		}
	}
	return n
}

// TestSeries: each order stands in one series, which has the latencies of its own.
func TestSeries(t *testing.T) {
	r := mixedRun(t)
	if r.Unlisted() != 0 || sum(&r, "", "", "") != 100 || sum(&r, "", "51", "") != 10 || sum(&r, "", "", "connection-lost") != 10 || sum(&r, "", "00", "") != 80 {
		t.Errorf("%+v", r)
	}
	for kind, n := range r.Orders {
		if sum(&r, string(kind), "", "") != n {
			t.Errorf("%d of %s, want %d", sum(&r, string(kind), "", ""), kind, n)
		}
	}
	for i, s := range r.Series {
		took := map[wire.Code]time.Duration{"00": 5 * time.Millisecond, "51": 30 * time.Millisecond}[s.Code]
		if p := s.Percentile(100); p < took || p > took*101/100 || s.Percentile(50) < took*99/100 {
			t.Errorf("%+v took up to %s, want %s", s.Labels, p, took)
		}
		if i > 0 && fmt.Sprint(r.Series[i-1].Kind, r.Series[i-1].Cause, r.Series[i-1].Code) >= fmt.Sprint(s.Kind, s.Cause, s.Code) {
			t.Errorf("%+v comes after %+v", s.Labels, r.Series[i-1].Labels)
		}
	}
}

// TestSeriesText: a line each, in columns; none where there is nothing to tell apart.
func TestSeriesText(t *testing.T) {
	const one = `{"sent":3,"answered":3,"approved":3,"codes":{"00":3},"latencies_us":[[1000,3]],"series":[{"kind":"sale","code":"00","count":3,"sent":3,"approved":3,"latencies_us":[[1000,3]]}]}`
	for text, want := range map[string]string{
		one: "",
		strings.NewReplacer(`"series":[`, `"errors":12,"series":[{"cause":"behind","count":2},{"kind":"void","cause":"no-answer","count":10},`).Replace(one): `
series    kind  code  cause      count     p50     p99     max
          -     -     behind         2       -       -       -
          sale  00    -              3  1.00ms  1.00ms  1.00ms
          void  -     no-answer     10       -       -       -
`,
	} {
		var r load.Report
		var b strings.Builder
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if _, got, _ := strings.Cut(b.String(), "codes     00 3"); got != want && got != "\n"+want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
