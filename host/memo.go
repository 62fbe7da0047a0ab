package host

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
)

// encode is the record as encoding/json writes it, to the byte, without the reflection:
// there is one a posting, and the book keeps it: it has no spare room. It cannot fail: a
// record is strings and numbers.
func (r *record) encode() []byte {
	b := memos.Get().(*memo)
	defer memos.Put(b)
	*b = (*b)[:0]
	b.text(`{"kind":`, r.Kind)
	b.optional(`,"mti":`, string(r.MTI))
	b.optional(`,"f3":`, r.F3)
	b.number(`,"amount":`, r.Amount)
	b.optional(`,"currency":`, string(r.Currency))
	b.optional(`,"stan":`, r.STAN)
	b.optional(`,"tid":`, r.TID)
	b.optional(`,"mid":`, r.MID)
	b.optional(`,"batch":`, r.Batch)
	b.optional(`,"entry":`, r.Entry)
	b.optional(`,"card":`, r.Card)
	b.optional(`,"pan":`, r.PAN)
	b.optional(`,"time":`, r.Time)
	b.optional(`,"date":`, r.Date)
	b.optional(`,"sent":`, r.Sent)
	b.number(`,"day":`, int64(r.Day))
	b.optional(`,"rule":`, r.Rule)
	b.optional(`,"code":`, string(r.Code))
	b.optional(`,"scan":`, r.Scan)
	b.optional(`,"of":`, string(r.Of))
	if r.Balance != nil {
		b.number(`,"balance":`, *r.Balance)
	}
	if r.Tries != nil {
		b.number(`,"tries":`, *r.Tries)
	}
	b.optional(`,"totals":`, r.Totals)
	if r.Chip != nil {
		chip, _ := json.Marshal(r.Chip)
		*b = append(append(*b, `,"chip":`...), chip...)
	}
	b.optional(`,"results":`, r.Results)
	*b = append(*b, '}')
	return bytes.Clone(*b)
}

// memos are where records are written, before they are as long as they are.
var memos = sync.Pool{New: func() any { return new(memo) }}

// A memo is a record on its way into text.
type memo []byte

func (b *memo) number(name string, n int64) { *b = strconv.AppendInt(append(*b, name...), n, 10) }

// optional leaves out what is empty.
func (b *memo) optional(name, value string) {
	if value != "" {
		b.text(name, value)
	}
}

// quotes are the bytes that do not stand for themselves in encoding/json's text.
var quotes = func() (all [256]bool) {
	for c := range all {
		all[c] = c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, byte(c)) >= 0
	}
	return all
}()

func (b *memo) text(name, value string) {
	*b = append(*b, name...)
	for i := range len(value) {
		if quotes[value[i]] {
			quoted, _ := json.Marshal(value)
			*b = append(*b, quoted...)
			return
		}
	}
	*b = append(append(append(*b, '"'), value...), '"')
}
