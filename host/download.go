package host

import (
	"slices"

	"possim/host/wire"
)

// Downloads is what terminals fetch: keys and application parameters as data
// objects (BER-TLV), each beginning with what it is asked for by. Left nil, each is
// that of PublishedDownloads.
type Downloads struct {
	CAPKs      [][]byte // each with 9F06 (RID) and 9F22 (index) first
	AIDs       [][]byte // each with 9F06 (AID) first
	Parameters []byte   // field 62 of the stripe parameters, as it is sent
}

// listed is how many entries one answer lists. Thirty times a RID, an index and an
// expiry stay well below the 512 bytes of field 62.
const listed = 30

// download answers a query for the list, or for one entry of it.
//
//	query     F62 "100", then 1 and how many came    F62 0 none, 1 all, 2 more follow, 3 last; then what to ask for each
//	download  F62 9F06 (and 9F22)                    F62 1 and the entry, or 0
func (d *deal) download() *Decision {
	kind, _ := wire.KindOf(&d.Message)
	have := d.h.downloads()
	entries := have.AIDs
	if kind == wire.CAPKQuery || kind == wire.CAPKDownload {
		entries = have.CAPKs
	}
	var answer []byte
	var err error
	switch kind {
	case wire.CAPKQuery, wire.AIDQuery:
		answer, err = list(entries, d.Private62)
	case wire.CAPKDownload, wire.AIDDownload:
		answer, err = entry(entries, d.Private62)
	default:
		answer = have.Parameters
	}
	if err != nil {
		d.note = err.Error()
		return d.refuse("format", wire.FormatError)
	}
	dec := d.noted()
	dec.Answer.Private62 = slices.Clone(answer)
	return dec
}

func (h *Host) downloads() Downloads {
	d, other := h.Downloads, PublishedDownloads()
	if d.CAPKs == nil {
		d.CAPKs = other.CAPKs
	}
	if d.AIDs == nil {
		d.AIDs = other.AIDs
	}
	if d.Parameters == nil {
		d.Parameters = other.Parameters
	}
	return d
}

// list is the part of the list that a query asks for.
func list(entries [][]byte, query []byte) ([]byte, error) {
	received, err := wire.ParseListQuery(query)
	if err != nil {
		return nil, err
	}
	l := wire.List{State: wire.ListEmpty}
	if received >= len(entries) {
		return l.Field62(), nil
	}
	last := min(received+listed, len(entries))
	switch {
	case received == 0 && last == len(entries):
		l.State = wire.ListWhole
	case last == len(entries):
		l.State = wire.ListLast
	default:
		l.State = wire.ListMore
	}
	for _, e := range entries[received:last] {
		if l.Objects, err = named(l.Objects, e); err != nil {
			return nil, err
		}
	}
	return l.Field62(), nil
}

// named appends what an entry is asked for by, and the expiry of a key beside it
// (DF05).
func named(dst, e []byte) ([]byte, error) {
	objects, err := wire.ParseTLV(e)
	if err != nil {
		return dst, err
	}
	for _, o := range objects {
		if o.Tag == "9F06" || o.Tag == "9F22" || o.Tag == "DF05" {
			if dst, err = wire.AppendTLV(dst, o.Tag, o.Value); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

// entry is the one that is asked for.
func entry(entries [][]byte, asked []byte) ([]byte, error) {
	want, err := wire.Entries(asked)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		got, err := wire.Entries(e)
		if err != nil {
			return nil, err
		}
		if len(want) == 1 && len(got) > 0 && got[0] == want[0] {
			return wire.List{State: wire.ListWhole, Objects: e}.Field62(), nil
		}
	}
	return wire.List{State: wire.ListEmpty}.Field62(), nil
}
