package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/host/hsm"
)

// shelf is a Store in memory that can fail.
type shelf struct {
	mu   sync.Mutex
	rows map[[2]string]string
	fail error
}

func (s *shelf) SaveTerminal(_ context.Context, mid, tid, state string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	if s.rows == nil {
		s.rows = map[[2]string]string{}
	}
	s.rows[[2]string{mid, tid}] = state
	return nil
}

func (s *shelf) LoadTerminals(_ context.Context, each func(mid, tid, state string) error) error {
	for k, v := range s.rows {
		if err := each(k[0], k[1], v); err != nil {
			return err
		}
	}
	return nil
}

func testKeys(t *testing.T, seed byte) hsm.WorkingKeys {
	t.Helper()
	w, err := hsm.DoubleAndTrack.Make(bytes.NewReader(bytes.Repeat([]byte{seed, seed + 1, 3}, 100)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var (
	ctx     = context.Background()
	signing = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	master  = must(hsm.ParseMaster(strings.Repeat("5A", 32)))
)

func must(k hsm.Key, err error) hsm.Key {
	if err != nil {
		panic(err)
	}
	return k
}

func signOn(t *testing.T, r *Registry, seed byte) Session {
	t.Helper()
	s, err := r.SignOn(ctx, DefaultMID, "00000001", testKeys(t, seed), signing)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBatches: the open batch again, a new one only after settlement.
func TestBatches(t *testing.T) {
	r := New()
	close := func(batch int) {
		if err := r.CloseBatch(ctx, DefaultMID, "00000001", batch); err != nil {
			t.Fatal(err)
		}
	}
	close(0)
	for i, step := range []struct {
		close int // before the sign-on
		want  int
	}{{-1, 1}, {-1, 1}, {1, 2}, {1, 2}, {3, 2}, {2, 3}} {
		if step.close >= 0 {
			close(step.close)
		}
		if s := signOn(t, r, byte(i)); s.Batch != step.want || s.Closed {
			t.Errorf("step %d: got batch %d (closed %v), want %d", i, s.Batch, s.Closed, step.want)
		}
	}
	last := Session{Batch: 999_999, Closed: true}
	if s := last.next(hsm.WorkingKeys{}, signing); s.Batch != 1 {
		t.Errorf("after 999999 comes %d", s.Batch)
	}
	if other, _ := r.Terminal(DefaultMID, "00000002"); other.Batch != 0 || !other.Working.TAK.Zero() {
		t.Error("another terminal has a session too")
	}
	if err := r.SignOff(ctx, DefaultMID, "00000001"); err != nil {
		t.Fatal(err)
	}
	if s, _ := r.Terminal(DefaultMID, "00000001"); !s.Working.TAK.Zero() || s.Batch != 3 {
		t.Errorf("after sign-off: %+v", s.Session)
	}
}

// TestSessionsSurvive: a new registry over the same store.
func TestSessionsSurvive(t *testing.T) {
	s := &shelf{}
	before := New()
	if err := before.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	injected := must(hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210"))
	if err := before.InjectTMK(ctx, DefaultMID, "00000001", injected); err != nil {
		t.Fatal(err)
	}
	signOn(t, before, 1)
	if err := before.CloseBatch(ctx, DefaultMID, "00000001", 1); err != nil {
		t.Fatal(err)
	}
	after := New()
	if err := after.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	got, _ := after.Terminal(DefaultMID, "00000001")
	want := testKeys(t, 1)
	if !got.Working.TPK.Equal(want.TPK) || !got.Working.TAK.Equal(want.TAK) || !got.Working.TDK.Equal(want.TDK) ||
		!got.TMK.Equal(injected) || got.Batch != 1 || !got.Closed || !got.KeyedAt.Equal(signing) {
		t.Errorf("got %+v", got)
	}
	if s := signOn(t, after, 2); s.Batch != 2 {
		t.Errorf("got batch %d", s.Batch)
	}
	all := fmt.Sprint(s.rows)
	for _, k := range []hsm.Key{want.TPK, want.TAK, want.TDK, injected} {
		if strings.Contains(strings.ToUpper(all), fmt.Sprintf("%X", k.Reveal())) {
			t.Errorf("a key is in the store in clear")
		}
	}
}

func TestKeepRefuses(t *testing.T) {
	s := &shelf{}
	r := New()
	_ = r.Keep(ctx, s, master)
	signOn(t, r, 1)
	if err := New().Keep(ctx, s, hsm.Key{}); err == nil {
		t.Error("keys without a master key")
	}
	wrong := must(hsm.ParseMaster(strings.Repeat("5B", 32)))
	if err := New().Keep(ctx, s, wrong); !errors.Is(err, hsm.ErrUnwrap) || !strings.Contains(err.Error(), "00000001") {
		t.Errorf("got %v", err)
	}
	moved := &shelf{rows: map[[2]string]string{{DefaultMID, "00000002"}: s.rows[[2]string{DefaultMID, "00000001"}]}}
	if err := New().Keep(ctx, moved, master); !errors.Is(err, hsm.ErrUnwrap) {
		t.Errorf("keys of another terminal: %v", err)
	}
	bad := &shelf{rows: map[[2]string]string{{DefaultMID, "00000001"}: "{"}}
	if err := New().Keep(ctx, bad, master); err == nil {
		t.Error("a broken row")
	}
}

// TestSaveFails: what is not in the store does not count.
func TestSaveFails(t *testing.T) {
	s := &shelf{fail: errors.New("disk full")}
	r := New()
	_ = r.Keep(ctx, s, master)
	if _, err := r.SignOn(ctx, DefaultMID, "00000001", testKeys(t, 1), signing); err == nil {
		t.Fatal("signed on")
	}
	if got, _ := r.Terminal(DefaultMID, "00000001"); got.Batch != 0 || !got.Working.TAK.Zero() {
		t.Errorf("got %+v", got.Session)
	}
	s.fail = nil
	if got := signOn(t, r, 1); got.Batch != 1 {
		t.Errorf("got batch %d", got.Batch)
	}
}

// TestWithoutMaster: batch numbers survive, keys do not.
func TestWithoutMaster(t *testing.T) {
	s := &shelf{}
	r := New()
	_ = r.Keep(ctx, s, hsm.Key{})
	signOn(t, r, 1)
	after := New()
	if err := after.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	if got, _ := after.Terminal(DefaultMID, "00000001"); got.Batch != 1 || !got.Working.TAK.Zero() {
		t.Errorf("got %+v", got.Session)
	}
}

// TestSignOnRaces: many sign-ons, offs and settlements of few terminals at once.
func TestSignOnRaces(t *testing.T) {
	r := New()
	_ = r.Keep(ctx, &shelf{}, master)
	keys := testKeys(t, 7)
	var wg sync.WaitGroup
	for i := range 64 {
		tid := fmt.Sprintf("%08d", i%4+1)
		wg.Go(func() {
			s, err := r.SignOn(ctx, DefaultMID, tid, keys, signing.Add(time.Duration(i)))
			if err != nil {
				t.Error(err)
			}
			_ = r.CloseBatch(ctx, DefaultMID, tid, s.Batch)
			_ = r.SignOff(ctx, DefaultMID, tid)
		})
	}
	wg.Wait()
	for i := range 4 {
		got, _ := r.Terminal(DefaultMID, fmt.Sprintf("%08d", i+1))
		if got.Batch < 1 || got.Batch > 16 || !got.Closed {
			t.Errorf("terminal %d: %+v", i+1, got.Session)
		}
	}
}

// TestTMKs: the entry's before the injected before the registry's.
func TestTMKs(t *testing.T) {
	a, b, c := must(hsm.MakeKey(hsm.TDES, 16, bytes.NewReader(bytes.Repeat([]byte{1}, 32)))), must(hsm.MakeKey(hsm.TDES, 16, bytes.NewReader(bytes.Repeat([]byte{4}, 32)))), must(hsm.MakeKey(hsm.TDES, 16, bytes.NewReader(bytes.Repeat([]byte{7}, 32))))
	r := New()
	want := func(k hsm.Key) {
		t.Helper()
		if got, ok := r.Terminal(DefaultMID, "00000001"); !ok || !got.TMK.Equal(k) {
			t.Errorf("got %v, want %v", got.TMK, k)
		}
	}
	want(TestTMK)
	if err := r.SetTMK(a); err != nil {
		t.Fatal(err)
	}
	want(a)
	if err := r.InjectTMK(ctx, DefaultMID, "00000001", b); err != nil {
		t.Fatal(err)
	}
	want(b)
	if err := r.PutTerminal(Terminal{TID: "00000001", MID: DefaultMID, TMK: c}); err != nil {
		t.Fatal(err)
	}
	want(c)
	if TestTMK.Size() != 16 {
		t.Errorf("the test TMK is %v", TestTMK)
	}
	aes := must(hsm.ParseKey(hsm.AES, strings.Repeat("00", 16)))
	if r.SetTMK(aes) == nil || r.InjectTMK(ctx, DefaultMID, "00000001", aes) == nil || r.PutTerminal(Terminal{TID: "1", MID: DefaultMID, TMK: aes}) == nil {
		t.Error("an AES key passes for a TMK")
	}
	if r.PutTerminal(Terminal{TID: "1", MID: DefaultMID, MACAlgorithm: "md5"}) == nil {
		t.Error("an unknown MAC algorithm passes")
	}
}

func TestCodes(t *testing.T) {
	r := New()
	pan := "6222020000000015"
	if err := r.PutCard(Card{PAN: "6222020000000015"}); err != nil {
		t.Fatal(err)
	}
	for scheme, form := range map[Scheme]struct {
		prefix string
		length int
	}{UnionPay: {"62", 19}, WeChat: {"13", 18}, Alipay: {"28", 18}} {
		code, err := IssueCode(scheme, "6222020000000015", signing)
		if err != nil || len(code) != form.length || !strings.HasPrefix(code, form.prefix) || strings.Contains(code, pan[6:12]) {
			t.Errorf("%s: got %s, %v", scheme, code, err)
		}
		got, age, ok := r.CodeOwner(code, signing.Add(61*time.Second))
		if !ok || got != "6222020000000015" || age != 61*time.Second {
			t.Errorf("%s: got %s, %s, %v", scheme, got, age, ok)
		}
		if _, age, _ = r.CodeOwner(code, signing.Add(-3*time.Second)); age != -3*time.Second {
			t.Errorf("%s: got %s", scheme, age)
		}
		wrong := code[:len(code)-1] + string('0'+(code[len(code)-1]-'0'+1)%10)
		if _, _, ok := r.CodeOwner(wrong, signing); ok {
			t.Errorf("%s: a wrong check digit passes", scheme)
		}
		if _, _, ok := New().CodeOwner(code, signing); ok {
			t.Errorf("%s: a code of a card that is not there", scheme)
		}
	}
	if _, err := IssueCode("cash", "6222020000000015", signing); err == nil {
		t.Error("a scheme that is none")
	}
	for _, code := range []string{"", "62", "6211111111111111111", "62111111111111111x1"} {
		if _, _, ok := r.CodeOwner(code, signing); ok {
			t.Errorf("%q has an owner", code)
		}
	}
}

// TestChecksAreChecked: the error names the key and not what it holds.
func TestChecksAreChecked(t *testing.T) {
	single := must(hsm.ParseKey(hsm.TDES, "0123456789ABCDEF"))
	for name, c := range map[string]Checks{
		"pvv": {PVV: "98765"}, "cvn": {CVN: "98765"}, "cvk": {CVK: single}, "place": {CVN: "987", CVNAt: 17}, "index": {PVKIndex: 10},
	} {
		err := New().PutCard(Card{PAN: "6222020000000015", Checks: c})
		if err == nil || strings.Contains(err.Error(), "987") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	pin, _ := hsm.ParsePIN("246813")
	c := Card{PAN: "6222020000000015", Checks: Checks{PIN: pin, CVN: "987"}}
	if err := New().PutCard(c); err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%v %+v %#v %+v", c, c, c, c.Checks); strings.Contains(s, "246813") || strings.Contains(s, "987") {
		t.Errorf("PIN or CVN prints: %s", s)
	}
}

// TestMACAlgorithm: an entry's own goes before the registry's.
func TestMACAlgorithm(t *testing.T) {
	r := New()
	got := func(tid string) hsm.MACAlgorithm {
		terminal, ok := r.Terminal(DefaultMID, tid)
		if !ok {
			t.Fatalf("terminal %s is not there", tid)
		}
		return terminal.MACAlgorithm
	}
	if err := r.PutTerminal(Terminal{TID: "00000001", MID: DefaultMID, MACAlgorithm: hsm.MACX919}); err != nil {
		t.Fatal(err)
	}
	if got("00000002") != hsm.MACECB {
		t.Errorf("before: %s", got("00000002"))
	}
	if err := r.SetMACAlgorithm(hsm.MACCMAC); err != nil {
		t.Fatal(err)
	}
	if got("00000001") != hsm.MACX919 || got("00000002") != hsm.MACCMAC {
		t.Errorf("got %s and %s", got("00000001"), got("00000002"))
	}
	if r.SetMACAlgorithm("md5") == nil {
		t.Error("md5 was taken")
	}
}
