package ledger

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// postingJSON is what AppendJSON writes, for reading.
type postingJSON struct {
	Seq     uint64    `json:"seq"`
	Key     Key       `json:"key"`
	Print   string    `json:"print"`
	At      time.Time `json:"at"`
	Day     Day       `json:"day"`
	Undoes  Key       `json:"undoes"`
	Undo    Undo      `json:"undo"`
	Refused string    `json:"refused"`
	Why     []struct {
		Rule string `json:"rule"`
		regJSON
		Value int64  `json:"value"`
		Add   int64  `json:"add"`
		Min   *int64 `json:"min"`
		Max   *int64 `json:"max"`
		OK    bool   `json:"ok"`
	} `json:"why"`
	Moves  []moveJSON `json:"moves"`
	Memo   string     `json:"memo"`
	Memo64 []byte     `json:"memo64"`
}

type moveJSON struct {
	regJSON
	Add int64  `json:"add"`
	Set *int64 `json:"set"`
}

type regJSON struct {
	Kind  Kind   `json:"kind"`
	Owner string `json:"owner"`
	Day   Day    `json:"day"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Posting) UnmarshalJSON(text []byte) error {
	var j postingJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	return p.from(&j)
}

// ReadJSON reads an array that Machine.AppendJSON wrote.
func ReadJSON(text []byte) ([]Posting, error) {
	var list []postingJSON
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	postings := make([]Posting, len(list))
	for i := range list {
		if err := postings[i].from(&list[i]); err != nil {
			return nil, err
		}
	}
	return postings, nil
}

// ReadMoves reads an array that AppendMoves wrote.
func ReadMoves(text []byte) ([]Move, error) {
	var list []moveJSON
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	return moves(list), nil
}

// from takes over what was read.
func (p *Posting) from(j *postingJSON) error {
	*p = Posting{
		Seq: j.Seq, Key: j.Key, Undoes: j.Undoes, Undo: j.Undo,
		At: j.At.UTC(), Day: j.Day, Refused: j.Refused, Memo: j.Memo64,
	}
	digest, err := hex.DecodeString(j.Print)
	if err != nil || len(digest) != len(p.Print) {
		return fmt.Errorf("ledger: posting %d: print %q is not %d bytes in hex", j.Seq, j.Print, len(p.Print))
	}
	copy(p.Print[:], digest)
	if j.Memo != "" {
		p.Memo = []byte(j.Memo)
	}
	for _, v := range j.Why {
		p.Why = append(p.Why, Verdict{
			Guard: Guard{Rule: v.Rule, Reg: Reg(v.regJSON), Add: v.Add, Min: bound(v.Min), Max: bound(v.Max)},
			Value: v.Value, OK: v.OK,
		})
	}
	p.Moves = moves(j.Moves)
	return nil
}

func moves(list []moveJSON) (all []Move) {
	for _, m := range list {
		mv := Move{Reg: Reg(m.regJSON), Add: m.Add}
		if m.Set != nil {
			mv.Add, mv.Set = *m.Set, true
		}
		all = append(all, mv)
	}
	return all
}

func bound(n *int64) Bound {
	if n == nil {
		return Bound{}
	}
	return At(*n)
}
