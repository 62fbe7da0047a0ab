package postgres

import (
	"encoding/binary"

	"possim/host/ledger"
)

// The arrays that possim.append is given, in their order.
const (
	wKeys = iota
	wUndoes
	wUndo
	wUndid
	wRefused
	wHolds
	wRegs
	wAfters
	wRests
	wBodies
	wMemos
	wFallen
	wUndoers
	arrays // how many there are
)

var elementTypes = [arrays]uint32{
	wKeys: oidText, wUndoes: oidText, wUndo: oidText, wUndid: oidInt8, wRefused: oidText, wHolds: oidBool, wRegs: oidText, wAfters: oidText, wRests: oidInt8,
	wBodies: oidText, wMemos: oidBytes, wFallen: oidInt8, wUndoers: oidInt8,
}

var arrayTypes = map[uint32]uint32{oidBool: oidBoolArray, oidInt8: oidInt8Array, oidText: oidTextArray, oidBytes: oidBytesArray}

// The statements that a writer prepares, and the types of their parameters.
var (
	beginTurn  = statement{"begin", "BEGIN ISOLATION LEVEL READ COMMITTED", nil}
	holdBook   = statement{"hold", "SELECT FROM possim.book FOR UPDATE", nil}
	fetch      = statement{"fetch", "SELECT * FROM possim.fetch($1,$2,$3,$4)", []uint32{oidInt8, oidText, oidTextArray, oidTextArray}}
	chain      = statement{"chain", "SELECT * FROM possim.chain($1)", []uint32{oidTextArray}}
	appendAll  = statement{"append", "SELECT possim.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)", appendTypes()}
	commitTurn = statement{"commit", "COMMIT", nil}

	statements = []statement{beginTurn, holdBook, fetch, chain, appendAll, commitTurn}
)

type statement struct {
	name, sql string
	types     []uint32
}

func appendTypes() []uint32 {
	types := []uint32{oidInt8, oidText, oidBool, oidTextArray}
	for _, t := range elementTypes {
		types = append(types, arrayTypes[t])
	}
	return types
}

// draft is what possim.append is given: filled, sent and emptied again.
type draft struct {
	arrays [arrays]array
}

func (d *draft) reset() {
	for i := range d.arrays {
		d.arrays[i].reset(elementTypes[i])
	}
}

func (d *draft) postings() int { return int(d.arrays[wKeys].n) }

// post adds a posting, but for its body and its registers; undid is the one whose inverse it posted, 0
// for none.
func (d *draft) post(p *ledger.Posting, undid uint64, holds bool) {
	a := &d.arrays
	a[wKeys].text(string(p.Key))
	a[wUndoes].textOrNull(string(p.Undoes))
	a[wUndo].textOrNull(string(p.Undo))
	a[wUndid].int8OrNull(undid)
	a[wRefused].textOrNull(p.Refused)
	a[wHolds].bool(holds)
	a[wMemos].raw(p.Memo)
}

// fall says who has a posting undone from now on, 0 for nobody.
func (d *draft) fall(seq, undoneBy uint64) {
	d.arrays[wFallen].int8(int64(seq))
	d.arrays[wUndoers].int8OrNull(undoneBy)
}

// params are the parameters of possim.append, for postings that follow what is in the cache.
func (d *draft) params(c *cache, looked bool, untouched *array) [][]byte {
	flag := []byte{0}
	if looked {
		flag[0] = 1
	}
	params := append(make([][]byte, 0, arrays+4), int8Param(c.at), c.keyParam(), flag, untouched.bytes())
	for i := range d.arrays {
		params = append(params, d.arrays[i].bytes())
	}
	return params
}

func int8Param(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
