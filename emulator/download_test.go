package emulator_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/wire"
)

// library is a host's keys and applications, listed by two at a time.
type library struct {
	t     *testing.T
	capks []string // 9F06 and 9F22, hexadecimal
	aids  []string
}

func (l *library) edit(req, ans *wire.Message) {
	kind, _ := wire.KindOf(req)
	var text string
	switch kind {
	case wire.CAPKQuery:
		text = l.list(l.capks, req.Private62)
	case wire.AIDQuery:
		text = l.list(l.aids, req.Private62)
	case wire.CAPKDownload, wire.AIDDownload:
		text = hex.EncodeToString([]byte("1")) + hex.EncodeToString(req.Private62) + "DF050420301231"
	case wire.ParameterDownload:
		text = hex.EncodeToString([]byte("stripe parameters"))
	default:
		return
	}
	body, err := hex.DecodeString(text)
	if err != nil {
		l.t.Fatal(err)
	}
	ans.Private62 = body
}

func (l *library) list(all []string, query []byte) string {
	received, err := wire.ParseListQuery(query)
	if err != nil {
		l.t.Fatal(err)
	}
	state, rest := "1", all[received:]
	switch {
	case len(all) == 0:
		state = "0"
	case len(rest) > 2:
		state, rest = "2", rest[:2]
	case received > 0:
		state = "3"
	}
	return hex.EncodeToString([]byte(state)) + strings.Join(rest, "")
}

func capk(n int) string { return fmt.Sprintf("9F0605A0000003339F2201%02X", n) }

func TestDownloadInPieces(t *testing.T) {
	w := newWorld(t)
	lib := &library{t: t, capks: []string{capk(1), capk(2), capk(3), capk(4), capk(5)}, aids: []string{"9F0608A000000333010101"}}
	w.edit = lib.edit
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Download})
	if out.Result != emulator.Approved || out.Note != "5 CAPKs and 1 AIDs" {
		t.Fatalf("got %+v", out)
	}
	kept := w.saved.Tables
	if kept == nil || len(kept.CAPKs) != 5 || len(kept.AIDs) != 1 || kept.Parameters != hex.EncodeToString([]byte("stripe parameters")) {
		t.Fatalf("kept %+v", kept)
	}
	if want := strings.ToLower(capk(3) + "DF050420301231"); kept.CAPKs[2] != want {
		t.Fatalf("the third key is %s, want %s", kept.CAPKs[2], want)
	}
	var said []string
	for _, m := range w.seen {
		said = append(said, string(m.MTI)+"/"+m.Sub60().Network)
	}
	want := "0800/360 0800/361 0820/372 0820/372 0820/372" + strings.Repeat(" 0800/370", 5) + " 0800/371 0820/382 0800/380 0800/381"
	if got := strings.Join(said, " "); got != want {
		t.Fatalf("on the wire:\n got %s\nwant %s", got, want)
	}
	w.sees(t, "下载成功")
}

func TestDownloadThatBreaksOffChangesNothing(t *testing.T) {
	lib := &library{t: t, capks: []string{capk(1), capk(2), capk(3)}}
	for name, spoil := range map[string]func(req, ans *wire.Message){
		"declined": func(req, ans *wire.Message) {
			if req.Sub60().Network == "370" {
				ans.Code = wire.SystemFault
			}
		},
		"more and more of nothing": func(req, ans *wire.Message) {
			if req.Sub60().Network == "372" {
				ans.Private62 = []byte("2")
			}
		},
		"not TLV": func(req, ans *wire.Message) {
			if req.Sub60().Network == "370" {
				ans.Private62 = []byte{'1', 0x9F}
			}
		},
		"no list at all": func(req, ans *wire.Message) {
			if req.Sub60().Network == "382" {
				ans.Private62 = nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.saved.Tables = &emulator.Tables{Parameters: "old"}
			w.edit = func(req, ans *wire.Message) { lib.edit(req, ans); spoil(req, ans) }
			out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Download})
			if out.Result == emulator.Approved || w.saved.Tables.Parameters != "old" {
				t.Fatalf("got %+v, kept %+v", out, w.saved.Tables)
			}
		})
	}
	w := newWorld(t)
	w.down = true
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Download}); out.Cause != emulator.HostDown {
		t.Fatalf("got %+v", out)
	}
}
