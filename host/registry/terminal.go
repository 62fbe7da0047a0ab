package registry

import (
	"context"
	"fmt"
	"strconv"

	"possim/host/hsm"
	"possim/reader/emv"
)

// DefaultMID is the merchant that every host knows (RULES: defaults).
const DefaultMID = "898100054110001"

// Merchant is a merchant that may accept cards here.
type Merchant struct {
	MID       string // 1 to 15 characters
	Name      string
	DayAmount *int64 // what all its terminals may take a day; nil is no limit
}

// TestTMK is the terminal master key of every terminal that was given no other. It
// is published (it stands in the samples of an open-source UnionPay library) and so
// worthless: it guards play money, and lets host and terminal find each other.
var TestTMK, _ = hsm.ParseKey(hsm.TDES, TestTMKHex)

// TestTMKHex is TestTMK in clear, for what wants it typed.
const TestTMKHex = "258FB0AB70D025CDB99DF2C4D302D646"

// TestSeed is what the keys of the test issuers come from: the RSA keys and certificates
// on their chip cards, and the master keys that a host verifies those cards with. It is
// published and so worthless, as TestTMK is.
const TestSeed emv.Seed = "possim test issuer"

// Terminal is one terminal of a merchant: what is configured of it, and the session
// it has. PutTerminal takes the former alone.
type Terminal struct {
	TID          string // 1 to 8 characters
	MID          string
	DayAmount    *int64           // overrides the host's limit a day; nil leaves it
	TMK          hsm.Key          // the zero key is the registry's own, TestTMK
	BDK          hsm.Key          // base derivation key, for a terminal that has DUKPT keys
	MACAlgorithm hsm.MACAlgorithm // "" is the registry's own, MACECB

	Session
}

// Range is a run of numbered terminals, "00000001" being number 1.
type Range struct {
	MID         string
	First, Last int
}

// PutMerchant registers a merchant, or replaces what was known of it.
func (r *Registry) PutMerchant(m Merchant) error {
	if len(m.MID) == 0 || len(m.MID) > 15 {
		return &EntryError{Entry: "merchant " + m.MID, Field: "mid", Problem: "want 1 to 15 characters"}
	}
	if m.DayAmount != nil && *m.DayAmount < 0 {
		return &EntryError{Entry: "merchant " + m.MID, Field: "day_limit", Problem: "must not be negative"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m.DayAmount = copied(m.DayAmount)
	r.merchants[m.MID] = m
	return nil
}

// PutTerminal registers one terminal, or replaces what was known of it. Its
// merchant must be registered.
func (r *Registry) PutTerminal(t Terminal) error {
	entry := "terminal " + t.TID
	if len(t.TID) == 0 || len(t.TID) > 8 {
		return &EntryError{Entry: entry, Field: "tid", Problem: "want 1 to 8 characters"}
	}
	if t.DayAmount != nil && *t.DayAmount < 0 {
		return &EntryError{Entry: entry, Field: "day_limit", Problem: "must not be negative"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.merchants[t.MID]; !ok {
		return &EntryError{Entry: entry, Field: "mid", Problem: "merchant " + t.MID + " is not registered: register it first"}
	}
	if t.MACAlgorithm != "" {
		if _, err := hsm.ParseMACAlgorithm(string(t.MACAlgorithm)); err != nil {
			return &EntryError{Entry: entry, Field: "mac", Problem: err.Error()}
		}
	}
	if k := t.TMK; !k.Zero() && k.Algorithm() != hsm.TDES {
		return &EntryError{Entry: entry, Field: "tmk", Problem: "want a TDES key: working keys travel under it"}
	}
	t.DayAmount, t.Session = copied(t.DayAmount), Session{}
	r.terminals[terminalKey{t.MID, t.TID}] = t
	return nil
}

// SetTMK replaces TestTMK as the master key of every terminal without its own.
func (r *Registry) SetTMK(k hsm.Key) error {
	if k.Algorithm() != hsm.TDES {
		return fmt.Errorf("TMK: want a TDES key: working keys travel under it")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tmk = k
	return nil
}

// SetBDK has every terminal without a base derivation key of its own derive its keys
// from this one, where its messages name a key serial number (DUKPT, ANSI X9.24).
// The others sign on as before.
func (r *Registry) SetBDK(k hsm.Key) error {
	if a := k.Algorithm(); a != hsm.TDES && a != hsm.AES || a == hsm.TDES && k.Size() != 16 {
		return fmt.Errorf("BDK: want a double-length TDES key or an AES key")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bdk = k
	return nil
}

// SetMACAlgorithm says how terminals whose entry does not say it compute MACs;
// MACECB until then.
func (r *Registry) SetMACAlgorithm(a hsm.MACAlgorithm) error {
	if _, err := hsm.ParseMACAlgorithm(string(a)); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.algorithm = a
	return nil
}

// InjectTMK gives one terminal its own master key while the host runs; a Store
// keeps it. The key an entry names goes before it.
func (r *Registry) InjectTMK(ctx context.Context, mid, tid string, k hsm.Key) error {
	if k.Algorithm() != hsm.TDES {
		return fmt.Errorf("terminal %s: TMK: want a TDES key: working keys travel under it", tid)
	}
	_, err := r.alter(ctx, mid, tid, func(s Session, _ hsm.Key) (Session, hsm.Key) { return s, k })
	return err
}

// PutTerminals registers a run of numbered terminals.
func (r *Registry) PutTerminals(n Range) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := "terminals of " + n.MID
	if _, ok := r.merchants[n.MID]; !ok {
		return &EntryError{Entry: entry, Field: "mid", Problem: "the merchant is not registered: register it first"}
	}
	if n.First < 0 || n.Last < n.First || n.Last > 99_999_999 {
		return &EntryError{Entry: entry, Field: "tid", Problem: "want a run within 00000000 to 99999999"}
	}
	r.ranges = append(r.ranges, n)
	return nil
}

// Merchant returns the entry of a merchant.
func (r *Registry) Merchant(mid string) (Merchant, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, ok := r.merchants[mid]
	m.DayAmount = copied(m.DayAmount)
	return m, ok
}

// Terminal returns the entry of a terminal of this merchant. A terminal that
// exists under another merchant is not found.
func (r *Registry) Terminal(mid, tid string) (Terminal, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	t, ok := r.configured(mid, tid)
	if !ok {
		return Terminal{}, false
	}
	k := terminalKey{mid, tid}
	t.DayAmount, t.Session = copied(t.DayAmount), r.sessions[k]
	if t.TMK.Zero() {
		t.TMK = r.injected[k]
	}
	if t.TMK.Zero() {
		t.TMK = r.tmk
	}
	if t.BDK.Zero() {
		t.BDK = r.bdk
	}
	if t.MACAlgorithm == "" {
		t.MACAlgorithm = r.algorithm
	}
	return t, true
}

// configured is the entry of a terminal, or what the run it is in says of it.
func (r *Registry) configured(mid, tid string) (Terminal, bool) {
	if t, ok := r.terminals[terminalKey{mid, tid}]; ok {
		return t, true
	}
	number, err := strconv.Atoi(tid) // the first character is looked at for a sign
	if err != nil || len(tid) != 8 || tid[0] < '0' || tid[0] > '9' {
		return Terminal{}, false
	}
	for _, n := range r.ranges {
		if n.MID == mid && n.First <= number && number <= n.Last {
			return Terminal{TID: tid, MID: mid}, true
		}
	}
	return Terminal{}, false
}
