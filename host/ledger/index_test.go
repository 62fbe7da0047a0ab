package ledger

import "testing"

// TestNamesThatMeet makes the hashes of two keys the same: each is found all the same, with what
// became of it.
func TestNamesThatMeet(t *testing.T) {
	m := NewMachine(nil)
	if _, err := m.Apply(Tx{Key: "a"}); err != nil {
		t.Fatal(err)
	}
	for _, meets := range []string{"b", "unknown", "late"} {
		m.keys.put(hashName(meets), 1)
		m.tombs.put(hashName(meets), 1)
	}
	for _, tx := range []Tx{{Key: "b", Memo: []byte("mine")}, {Key: "v", Undoes: "b", UndoesSeq: 2}, {Key: "t", Undoes: "late"}} {
		if r, err := m.Apply(tx); err != nil || r.Refused != "" || r.Repeat {
			t.Errorf("%s: got %+v, %v", tx.Key, r, err)
		}
	}
	if p, err := m.Find("b"); err != nil || p.Seq != 2 || string(p.Memo) != "mine" || p.UndoneBy != "v" {
		t.Errorf("got %+v, %v", p, err)
	}
	if r, err := m.Apply(Tx{Key: "b"}); err != nil || !r.Repeat || r.Seq != 2 {
		t.Errorf("the repeat: got %+v, %v", r, err)
	}
	if p, err := m.Find("unknown"); err != ErrNotFound {
		t.Errorf("got %+v, %v", p, err)
	}
	if r, err := m.Apply(Tx{Key: "late"}); err != nil || r.Refused != RuleTombstone {
		t.Errorf("the tombstone: got %+v, %v", r, err)
	}
}
