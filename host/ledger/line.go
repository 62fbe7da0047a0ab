package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A line is a posting as one JSON array, for a store that writes one for every transaction: not half as
// long as the object of AppendJSON, and as open to sqlite3's json_extract or to jq.
//
//	[["key", "owner", "owner:", 24, ...],      the posting's key, and who owns the registers below
//	 seq, "print in base64", "2026-06-01T01:00:00Z", day,
//	 [["rule","da1",value,add,min,max,0],...]   verdicts; null is no bound, 0 at the end that it refused
//	 ["da1",add,"at2=",set,...]                 moves: a register and what was added, or with = set
//	 memo, "undoes", "undo", "refused", "memo in base64"]
//
// A register is two letters for its kind (Kind.code), the place of its owner in the first list, where
// 0 is the posting's key, and @20260601 when its day is not the usual one: the posting's for day-amount
// and day-count, none for the others. The owners are in the order in which they first appear. A number
// behind an owner says how many bytes of the key's beginning belong to its end: a terminal, a merchant and
// a batch are called after what the key begins with.
//
// A memo that is JSON without white space, an object or an array, stands there as it is; another is a
// string, or in base64 when it is not text. In a verdict no bounds, and from the memo on all that is
// empty, are left out at the end; what is empty before is null or "".
//
// Lines of a batch are the elements of an array, each on a line of the text: no line holds a line feed.
// The first element tells a line from those of older files, which begin with the number (oldline.go).

// codes are the kinds in lines. The view kinds of host/sqlite has them too.
var codes = [...]string{
	Balance: "ba", Hold: "ho", DayAmount: "da", DayCount: "dc", Limit: "li", Status: "st", PINTries: "pt", ATC: "at", Rest: "re",
	DebitAmount: "ta", DebitCount: "tc", CreditAmount: "ga", CreditCount: "gc", // taken, given back
	Uses: "us",
}

// code returns the two letters of a kind.
func (k Kind) code() string {
	if !k.Valid() {
		return "??" // nobody reads that
	}
	return codes[k]
}

// usualDay is the day that a register of this kind has in a posting of day d unless a line says another.
func (k Kind) usualDay(d Day) Day {
	if k == DayAmount || k == DayCount {
		return d
	}
	return 0
}

// AppendLine appends the posting as a line.
func (p *Posting) AppendLine(dst []byte) []byte {
	var room [12]owner
	var seats [32]int32
	owners, places := p.owners(room[:0], seats[:0])

	dst = append(dst, "[["...)
	for i := range owners {
		dst = owners[i].appendLine(dst)
	}
	dst = strconv.AppendUint(append(shutLine(dst), ','), p.Seq, 10)
	dst = base64.RawStdEncoding.AppendEncode(append(dst, `,"`...), p.Print[:])
	dst = p.At.AppendFormat(append(dst, `","`...), time.RFC3339Nano)
	dst = strconv.AppendInt(append(dst, `",`...), int64(p.Day), 10)
	dst = append(dst, ",["...)
	for i := range p.Why {
		dst = append(p.Why[i].appendLine(dst, places[i], p.Day), ',')
	}
	dst = append(shutLine(dst), ",["...)
	for i, place := range places[len(p.Why):] {
		mv := &p.Moves[i]
		dst = mv.Reg.appendLine(dst, place, p.Day)
		if mv.Set {
			dst = append(dst, '=')
		}
		dst = append(strconv.AppendInt(append(dst, `",`...), mv.Add, 10), ',')
	}
	return append(p.appendTail(shutLine(dst)), ']')
}

// shutLine closes a list, each of whose elements has a comma behind it.
func shutLine(dst []byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = ']'
		return dst
	}
	return append(dst, ']')
}

// owner is a name in the first list of a line.
type owner struct {
	name string
	tail int   // how many of its last bytes are the first of the posting's key, and are left out
	at   int32 // its place
}

// owners appends the posting's key and the owners of its registers, each once, and the place among them
// of each verdict's and each move's.
func (p *Posting) owners(owners []owner, places []int32) ([]owner, []int32) {
	owners = append(owners, owner{name: string(p.Key)})
	var at int32
	for i := range p.Why {
		owners, at = place(owners, p.Why[i].Reg.Owner)
		places = append(places, at)
	}
	for i := range p.Moves {
		owners, at = place(owners, p.Moves[i].Reg.Owner)
		places = append(places, at)
	}
	return owners, places
}

// place returns a name's place among owners, to which it is appended when it is not there.
func place(owners []owner, name string) ([]owner, int32) {
	for i := range owners {
		if owners[i].name == name {
			return owners, owners[i].at
		}
	}
	last := &owners[len(owners)-1]
	at := last.at + 1
	if last.tail > 0 {
		at++
	}
	return append(owners, owner{name: name, tail: keyTail(name, owners[0].name), at: at}), at
}

// leastTail is the shortest end of an owner's name that is worth leaving out.
const leastTail = 4

// keyTail returns the length of the part behind an owner's first colon where the key begins with it, or 0.
func keyTail(name, key string) int {
	tail := len(name) - strings.IndexByte(name, ':') - 1
	if tail < leastTail || tail == len(name) || tail > len(key) || name[len(name)-tail:] != key[:tail] {
		return 0
	}
	return tail
}

// appendLine appends the owner and a comma.
func (o *owner) appendLine(dst []byte) []byte {
	if o.tail == 0 {
		return append(appendString(dst, o.name), ',')
	}
	dst = appendString(dst, o.name[:len(o.name)-o.tail])
	return append(strconv.AppendInt(append(dst, ','), int64(o.tail), 10), ',')
}

// appendLine appends the register but for its closing quotation mark.
func (r *Reg) appendLine(dst []byte, place int32, day Day) []byte {
	code := r.Kind.code()
	if dst = append(dst, '"', code[0], code[1]); place < 10 {
		dst = append(dst, '0'+byte(place))
	} else {
		dst = strconv.AppendInt(dst, int64(place), 10)
	}
	if r.Day == r.Kind.usualDay(day) {
		return dst
	}
	return strconv.AppendInt(append(dst, '@'), int64(r.Day), 10)
}

func (v *Verdict) appendLine(dst []byte, place int32, day Day) []byte {
	dst = appendString(append(dst, '['), v.Rule)
	dst = v.Reg.appendLine(append(dst, ','), place, day)
	dst = strconv.AppendInt(append(dst, `",`...), v.Value, 10)
	dst = strconv.AppendInt(append(dst, ','), v.Add, 10)
	if v.Min.Set || v.Max.Set || !v.OK {
		dst = v.Min.AppendNext(dst)
	}
	if v.Max.Set || !v.OK {
		dst = v.Max.AppendNext(dst)
	}
	if !v.OK {
		dst = append(dst, ",0"...)
	}
	return append(dst, ']')
}

// AppendNext appends the bound as the next element of a list of JSON, null where there is none.
func (b Bound) AppendNext(dst []byte) []byte {
	if !b.Set {
		return append(dst, ",null"...)
	}
	return strconv.AppendInt(append(dst, ','), b.N, 10)
}

// appendTail appends what few postings have but for the memo, as far as there is any.
func (p *Posting) appendTail(dst []byte) []byte {
	end := len(dst)
	text := utf8.Valid(p.Memo)
	switch dst = append(dst, ','); {
	case len(p.Memo) == 0 || !text:
		dst = append(dst, `""`...)
	case isCompact(p.Memo):
		dst = append(dst, p.Memo...)
		end = len(dst)
	default:
		dst = appendString(dst, p.Memo)
		end = len(dst)
	}
	for _, s := range [...]string{string(p.Undoes), string(p.Undo), p.Refused} {
		if dst = appendString(append(dst, ','), s); s != "" {
			end = len(dst)
		}
	}
	if !text {
		dst = base64.StdEncoding.AppendEncode(append(dst, `,"`...), p.Memo)
		return append(dst, '"')
	}
	return dst[:end]
}
