package emulator

import (
	"context"
	"encoding/hex"
	"fmt"

	"possim/host/wire"
)

// Tables is what a terminal has downloaded, as hexadecimal of what the host sent.
type Tables struct {
	Parameters string   `json:"parameters,omitempty"`
	CAPKs      []string `json:"capks,omitempty"` // TLV of each key
	AIDs       []string `json:"aids,omitempty"`  // TLV of each application's parameters
}

// list is one kind of table that is fetched in pieces: the host is asked what it
// has, then for each entry, then told that this was all.
type list struct {
	query, fetch, end wire.Kind
}

var (
	capks = list{wire.CAPKQuery, wire.CAPKDownload, wire.CAPKEnd}
	aids  = list{wire.AIDQuery, wire.AIDDownload, wire.AIDEnd}
)

// download fetches parameters, CAPKs and AIDs. They replace what was there in one
// durable write at the end; a download that breaks off changes nothing.
func (t *Terminal) download(ctx context.Context, l *line) (Outcome, error) {
	if err := t.Face.Show(ctx, screenDownloading); err != nil {
		return Outcome{}, err
	}
	d := &downloading{t: t, l: l}
	d.tables.Parameters = d.parameters(ctx)
	d.tables.CAPKs = d.all(ctx, capks)
	d.tables.AIDs = d.all(ctx, aids)
	if d.over {
		return d.out, d.err
	}
	if err := t.commit(func(s *State) { s.Tables = &d.tables }); err != nil {
		return d.out, err
	}
	d.out.Result = Approved
	d.out.Note = fmt.Sprintf("%d CAPKs and %d AIDs", len(d.tables.CAPKs), len(d.tables.AIDs))
	return d.out, t.Face.Show(ctx, screenDownloaded)
}

// downloading is a download under way; the first message that fails ends it.
type downloading struct {
	t      *Terminal
	l      *line
	tables Tables
	out    Outcome
	over   bool
	err    error
}

// send sends one message and returns F62 of its answer.
func (d *downloading) send(ctx context.Context, k wire.Kind, f62 []byte) []byte {
	if d.over {
		return nil
	}
	ans, out, over, err := d.t.manage(ctx, d.l, k, func(m *wire.Message) error {
		m.Private62 = f62
		return nil
	})
	d.out, d.over, d.err = out, over || err != nil, err
	if d.over {
		return nil
	}
	return ans.Private62
}

// broken ends the download over an answer that cannot be right.
func (d *downloading) broken(ctx context.Context, err error) {
	d.over, d.out.Note = true, err.Error()
	d.out, d.err = d.t.refuse(ctx, d.out, Unreadable, screenNoAnswer)
}

func (d *downloading) parameters(ctx context.Context) string {
	got := d.send(ctx, wire.ParameterDownload, nil)
	d.send(ctx, wire.ParameterEnd, nil)
	return hex.EncodeToString(got)
}

// all asks what there is, fetches each entry, and says that it is done.
func (d *downloading) all(ctx context.Context, l list) (got []string) {
	for _, e := range d.entries(ctx, l) {
		name, err := entryTLV(e)
		if err != nil {
			d.broken(ctx, err)
			return nil
		}
		answer, err := wire.ParseList(d.send(ctx, l.fetch, name))
		if d.over {
			return nil
		}
		if err != nil {
			d.broken(ctx, err)
			return nil
		}
		if answer.State != wire.ListEmpty {
			got = append(got, hex.EncodeToString(answer.Objects))
		}
	}
	d.send(ctx, l.end, nil)
	return got
}

// entries asks until the host has named all it has.
func (d *downloading) entries(ctx context.Context, l list) (all []wire.Entry) {
	for {
		ask, err := wire.ListQuery62(len(all))
		if err != nil {
			d.broken(ctx, err)
			return nil
		}
		part, err := wire.ParseList(d.send(ctx, l.query, ask))
		if d.over {
			return nil
		}
		var more []wire.Entry
		if err == nil {
			more, err = wire.Entries(part.Objects)
		}
		if err == nil && part.State == wire.ListMore && len(more) == 0 {
			err = fmt.Errorf("the host says that more follows and names nothing")
		}
		if err != nil {
			d.broken(ctx, err)
			return nil
		}
		if all = append(all, more...); part.State != wire.ListMore {
			return all
		}
	}
}

// entryTLV names an entry to fetch: 9F06, and 9F22 of a key.
func entryTLV(e wire.Entry) ([]byte, error) {
	aid, err := hex.DecodeString(e.AID)
	if err != nil {
		return nil, err
	}
	tlv, err := wire.AppendTLV(nil, "9F06", aid)
	if err != nil || e.Index == "" {
		return tlv, err
	}
	index, err := hex.DecodeString(e.Index)
	if err != nil {
		return nil, err
	}
	return wire.AppendTLV(tlv, "9F22", index)
}
