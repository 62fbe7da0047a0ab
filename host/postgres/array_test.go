//go:build unix

package postgres

import (
	"fmt"
	"slices"
	"testing"
)

// FuzzElements reads what nobody wrote as an array: it may refuse it, and no more.
func FuzzElements(f *testing.F) {
	var a array
	a.reset(oidText)
	f.Add(slices.Clone(a.bytes()), 0)
	a.reset(oidText)
	a.text("word")
	a.null()
	a.textOrNull("")
	f.Add(slices.Clone(a.bytes()), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > len(b) {
			return
		}
		got := 0
		err := elements(b, n, func(i int, _ []byte) error {
			if i != got {
				return fmt.Errorf("element %d comes as number %d", i, got)
			}
			got++
			return nil
		})
		if err == nil && got != n {
			t.Errorf("got %d elements of %d", got, n)
		}
	})
}

// TestArrays has the server read arrays and write them back.
func TestArrays(t *testing.T) {
	_, url := newDatabase(t)
	store := mustOpen(t, url)
	conn, err := connect(t.Context(), store.config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for name, c := range map[string]struct {
		oid  uint32
		fill func(*array)
		want string
	}{
		"empty":   {oidText, func(*array) {}, "{}"},
		"texts":   {oidText, func(a *array) { a.text(`a "b"`); a.textOrNull(""); a.raw([]byte("世")) }, `{"a \"b\"",NULL,世}`},
		"numbers": {oidInt8, func(a *array) { a.int8(-1 << 63); a.null(); a.int8(1<<63 - 1) }, "{-9223372036854775808,NULL,9223372036854775807}"},
		"yes, no": {oidBool, func(a *array) { a.bool(true); a.bool(false) }, "{t,f}"},
	} {
		var a array
		a.reset(c.oid)
		c.fill(&a)
		got := conn.ExecParams(t.Context(), "SELECT $1::text", [][]byte{a.bytes()}, []uint32{arrayTypes[c.oid]}, binaryForm, nil).Read()
		if got.Err != nil || string(got.Rows[0][0]) != c.want {
			t.Errorf("%s: got %v, %v, want %s", name, got.Rows, got.Err, c.want)
		}
		back := conn.ExecParams(t.Context(), "SELECT $1", [][]byte{a.bytes()}, []uint32{arrayTypes[c.oid]}, binaryForm, binaryForm).Read()
		if back.Err != nil {
			t.Fatal(back.Err)
		}
		var b array
		b.reset(c.oid)
		if err := elements(back.Rows[0][0], int(a.n), func(_ int, e []byte) error {
			if b.raw(e); e == nil {
				b.buf = b.buf[:len(b.buf)-4]
				b.n--
				b.null()
			}
			return nil
		}); err != nil || string(b.bytes()) != string(a.bytes()) {
			t.Errorf("%s: came back as %x, %v, want %x", name, b.bytes(), err, a.bytes())
		}
	}
}
