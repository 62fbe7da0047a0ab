package load_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/load"
)

// TestPool: numbers of the test range with check digits, none twice.
func TestPool(t *testing.T) {
	seen := map[card.PAN]bool{}
	for _, c := range pool(t, load.MostCards) {
		id, err := card.ParseTrack2(c.Track2)
		if err != nil {
			t.Fatal(err)
		}
		if !card.IsTest(id.PAN) || !id.PAN.LuhnValid() || seen[id.PAN] {
			t.Fatalf("%s is no card of a pool", id.PAN)
		}
		seen[id.PAN] = true
	}
	for _, n := range []int{-1, 0, load.MostCards + 1} {
		if _, err := load.Pool(n); err == nil {
			t.Errorf("a pool of %d", n)
		}
	}
}

func TestParseMixRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "kind=weight", "sale": "kind=weight", "sale=1,sale=2": "twice", "gift=1": "the kinds are",
		"sale=-1": "whole number", "sale=x": "whole number", "sale=0": "nothing would be sent",
	} {
		if _, err := load.ParseMix(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestThresholds judges a run of 100 orders: 90 approved in an instant, 6 declined, 4 lost.
func TestThresholds(t *testing.T) {
	var r load.Report
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			switch {
			case c.number <= 4:
				c.stream.Close()
			case c.number <= 10:
				c.reply(c.answer(wire.InsufficientFunds))
			default:
				c.reply(c.answer(wire.Approved))
			}
		})
		r = b.run(load.Config{Terminals: 1, Count: 100, Duration: 0, Rate: 10})
	})
	for text, want := range map[string]bool{
		"errors>0": true, "errors>4": false, "errors >= 4": true, "errors<4%": false, "errors<=4%": true, "errors>3%": true,
		"approved<91%": true, "approved<90%": false, "approved<99": true, "declined>5": true, "declined>6": false,
		"answered<96": false, "answered<=96": true, "sent<100": false, "rate<9": false, "rate<100": true,
		"p99>50ms": false, "p50<1ms": true, "max>1s": false, "p99.9>=0s": true,
	} {
		limit, err := load.ParseThreshold(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if how, crossed := limit.Crossed(&r); crossed != want || !strings.HasPrefix(how, text) {
			t.Errorf("%s: %v (%s), want %v", text, crossed, how, want)
		}
	}
	for _, text := range []string{"p99", "p99>", "p99>50", "p101>1s", "px>1s", "errors>x", "errors>-1", "rate<5%", "approved<101%", "speed>1", "p99>-1s", "p99=50ms"} {
		if limit, err := load.ParseThreshold(text); err == nil {
			t.Errorf("%s is taken: %+v", text, limit)
		}
	}
	for _, text := range []string{"p99>50ms", "approved<0%"} {
		limit, err := load.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, crossed := limit.Crossed(&load.Report{}); !crossed {
			t.Errorf("%s: nothing happened, and that is a success", text)
		}
	}
}

// TestReportJSON: the names of the contract, and nothing that is no number.
func TestReportJSON(t *testing.T) {
	b, err := json.Marshal(load.Report{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rate", "p50_ms", "p99_ms", "sent", "answered", "errors", "codes"} {
		if !strings.Contains(string(b), `"`+name+`":`) {
			t.Errorf("%s lacks %s", b, name)
		}
	}
}
