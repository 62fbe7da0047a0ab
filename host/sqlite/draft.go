package sqlite

import "possim/host/ledger"

// draft is the writer's view of the past: what everybody finds there, and the batch it is deciding on.
type draft struct {
	*past
	row
}

// begin starts a batch behind last.
func (d *draft) begin(last uint64) {
	room := len(d.text) + len(d.text)/4
	d.row = row{first: last + 1, last: last, text: append(make([]byte, 0, room+64), "[]"...)}
}

// add puts a posting into the batch.
func (d *draft) add(p *ledger.Posting) {
	d.text = d.text[:len(d.text)-1]
	if d.last >= d.first {
		d.text = append(d.text, ",\n"...)
	}
	d.text = append(p.AppendLine(d.text), ']')
	d.last = p.Seq
}

// Posting implements ledger.Past.
func (d *draft) Posting(seq uint64) (ledger.Posting, error) {
	if d.first != 0 && seq >= d.first && seq <= d.last {
		return d.row.posting(seq)
	}
	return d.past.Posting(seq)
}
