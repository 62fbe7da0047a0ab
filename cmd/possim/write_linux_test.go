package main

import (
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// TestWrite writes and erases a card at an emulated writer, which holds what was written.
func TestWrite(t *testing.T) {
	r := startEmulated(t, "--protocol", "msr605", "--card", "good")
	url := "serial:" + r.link + "?protocol=msr605"
	foreign := ";6222021001123456=2912101000?"
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"--info", 0, []string{"model 3", "REVU1.00"}},
		{"--card union --yes --verify --coercivity low --json", 0, []string{`"2":"622202******0015"`, `"written":[1,2]`, `"verified":true`}},
		{"--erase 1 --yes --verify", 0, []string{"track 1: 621094******0021", "erased [1]: done, and it reads back"}},
		{"--erase 1 --yes", 0, []string{"track 1: nothing on it"}},
		{"--track2 " + foreign + " --yes", exitUsage, []string{"622202******3456", "--unsafe"}},
		{"--track2 " + foreign + " --yes --unsafe", 0, []string{"track 2: 621094******0021", "written [2]"}},
		{"--card good --yes", exitFailed, []string{"622202******3456", "nothing was written"}},
		{"--erase 2 --yes", exitFailed, []string{"nothing was written"}},
		{"--erase 2 --yes --unsafe", 0, []string{"erased [2]"}},
		{"--card good", exitUsage, []string{"--yes"}},
		{"--card good --erase 2 --yes", exitUsage, []string{"one of the two"}},
		{"--erase 4 --yes", exitUsage, []string{"from 1 to 3"}},
		{"--track2 6222020000000015=29121010? --yes", exitUsage, []string{"sentinels"}},
		{"--yes", exitUsage, []string{"what is to be written"}},
	} {
		code, out, stderr := possim(t, append([]string{"write", "--reader", url}, strings.Fields(c.args)...)...)
		all := out + stderr
		for _, w := range c.want {
			if code != c.code || !strings.Contains(all, w) {
				t.Fatalf("%s: %d, no %q in %s\n%s", c.args, code, w, all, r.log)
			}
		}
		if strings.Contains(all, "6222021001123456") || strings.Contains(r.log.String(), "6222021001123456") {
			t.Errorf("%s shows a number: %s", c.args, all)
		}
	}
	if code, _, stderr := possim(t, "write", "--reader", "serial:"+r.link+"?protocol=uic", "--card", "good", "--yes"); code != exitUsage || !strings.Contains(stderr, "do not write") {
		t.Error(code, stderr)
	}
	silent := startEmulated(t, "--protocol", "uic", "--card", "good")
	if code, _, stderr := possim(t, "write", "--reader", "serial:"+silent.link+"?protocol=msr605", "--card", "good", "--yes"); code != exitWorld || !strings.Contains(stderr, "does not answer") {
		t.Error(code, stderr)
	}
}

// TestWriteAsks: anything but yes writes nothing.
func TestWriteAsks(t *testing.T) {
	before := &reader.Swipe{Tracks: [3]reader.Track{1: {Status: magstripe.StatusOK, Data: "6210947000000021=2912101"}}}
	for answer, agreed := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		a, _, stderr := testApp(answer)
		err := (&writeCard{app: a}).agree(t.Context(), before, [3]card.TrackData{1: "6222020000000015=2912101"})
		if (err == nil) != agreed || !strings.Contains(stderr.String(), "track 2: 621094******0021") {
			t.Errorf("%q: %v\n%s", answer, err, stderr)
		}
	}
}
