package vpcd_test

import (
	"encoding/hex"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"possim/reader/emv"
	"possim/reader/icc"
	"possim/reader/vpcd/vpcdtest"
)

// node is a node of the tree that cardpeek writes.
type node struct {
	Attrs []struct {
		Name string `xml:"name,attr"`
		Text string `xml:",chardata"`
	} `xml:"attr"`
	Nodes []node `xml:"node"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Text
		}
	}
	return ""
}

// values collects what stands under an id: the values in hex, in order.
func (n node) values(id string) []string {
	var out []string
	if n.attr("id") == id && n.attr("val") != "" {
		out = append(out, strings.TrimPrefix(n.attr("val"), "8:"))
	}
	for _, c := range n.Nodes {
		out = append(out, c.values(id)...)
	}
	return out
}

// find returns the nodes with a label.
func (n node) find(label string) []node {
	var out []node
	if n.attr("label") == label {
		out = append(out, n)
	}
	for _, c := range n.Nodes {
		out = append(out, c.find(label)...)
	}
	return out
}

// judgeCardpeek: cardpeek knows EMV by itself. It reads the PSE, the applications with
// all of their records, the counters and the log.
func judgeCardpeek(t *testing.T, d *vpcdtest.Daemon) {
	home := t.TempDir()
	peek := cardpeek(t, home, "1\n1\n0\n", home, "os.exit()") // its first run asks to make its folder
	scripts := filepath.Join(home, ".cardpeek", "scripts")
	if _, err := os.Stat(filepath.Join(scripts, "emv.lua")); err != nil {
		t.Fatalf("%v\n%s", err, peek)
	}
	for _, p := range profiles(t) {
		t.Run(p.Name, func(t *testing.T) {
			c := chip(t, p)
			sellOffline(t, c, &p)
			defer d.Insert(t, c).Remove(t)
			tree := filepath.Join(t.TempDir(), "tree.xml")
			said := cardpeek(t, home, "", scripts, `ui.question=function() return 1 end dofile("emv.lua") ui.save_view("`+tree+`") os.exit()`)
			raw, err := os.ReadFile(tree)
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if strings.Contains(said, "ERROR") {
				t.Errorf("cardpeek says:\n%s", said)
			}
			var root node
			if err := xml.Unmarshal([]byte(strings.Replace(string(raw), ` type="UTF-8"`, "", 1)), &root); err != nil {
				t.Fatal(err)
			}
			for _, a := range p.Applications {
				compare(t, root, a)
			}
		})
	}
}

// compare holds what cardpeek read against what the card should have.
func compare(t *testing.T, root node, a icc.Application) {
	t.Helper()
	var seen node
	for _, n := range root.find("application") {
		if n.attr("id") == strings.ToUpper("#"+hex.EncodeToString(a.AID)) {
			seen = n
		}
	}
	h := a.Holder
	for id, want := range map[string]string{
		"5A": h.PAN.Reveal(), "5F24": "291231", "5F34": h.Sequence, "82": "7D00", "9F36": "0002", "9F13": "0000", "9F17": "03",
		"50": hex.EncodeToString([]byte(a.Label)), "5F20": hex.EncodeToString([]byte(h.Name.Reveal())),
		"57": h.PAN.Reveal() + "D2912201", "8C": hex.EncodeToString(a.CDOL1.Bytes()), "8E": hex.EncodeToString(a.CVM.Bytes()),
		"9F4F": hex.EncodeToString(a.LogFormat.Bytes()),
	} {
		got := seen.values(id)
		if len(got) == 0 || !strings.HasPrefix(strings.ToUpper(got[0]), strings.ToUpper(want)) {
			t.Errorf("%X: cardpeek read another %s than the profile's, or none (%d of them)", a.AID, id, len(got))
		}
	}
	log := seen.find("log file")
	if len(log) != 1 {
		t.Fatalf("%X: cardpeek found %d logs", a.AID, len(log))
	}
	records, amounts := log[0].find("record"), log[0].find("Amount, Authorized")
	if len(records) != 1 || len(amounts) != 1 || amounts[0].attr("alt") != "12.34" {
		t.Errorf("%X: the log it read has %d records with %d amounts; want one of 12.34", a.AID, len(records), len(amounts))
	}
}

// sellOffline puts a transaction of 12.34 into the log of each application.
func sellOffline(t *testing.T, c *icc.Card, p *icc.Profile) {
	t.Helper()
	for _, a := range p.Applications {
		s := session{TB: t, transmit: func(apdu []byte) []byte { return must(c.Transmit(t.Context(), apdu)) }, a: a}
		s.open()
		if l := s.generate(byte(emv.TC), a.CDOL1); emv.CID(l.Value(emv.TagCID)[0]).Type() != emv.TC {
			t.Fatal("the card does not sell offline")
		}
	}
	c.Reset()
}

// cardpeek runs the program without a display. At the end of its input it would print
// its prompt for ever, so that its time and its output are bounded.
func cardpeek(t *testing.T, home, input, dir, lua string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", `timeout 60 cardpeek -c -r "$1" -e "$2" 2>&1 | head -c 500000`, "sh", "pcsc://"+vpcdtest.Reader, lua)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, append(os.Environ(), "HOME="+home), strings.NewReader(input)
	out, _ := cmd.CombinedOutput()
	return string(out)
}
