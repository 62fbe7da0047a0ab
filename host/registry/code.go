package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"possim/reader/card"
)

// Scheme is whose payment code it is.
type Scheme string

// The schemes, and how their codes begin: 62, 10 to 15, 25 to 30.
const (
	UnionPay Scheme = "unionpay" // 19 digits
	WeChat   Scheme = "wechat"   // 18 digits
	Alipay   Scheme = "alipay"   // 16 to 24 digits; 18 here
)

// codeForms is what IssueCode makes for each scheme: its first digits, and its length.
var codeForms = []struct {
	scheme Scheme
	prefix string
	length int
}{{UnionPay, "62", 19}, {WeChat, "13", 18}, {Alipay, "28", 18}}

// clockDigits count seconds, modulo 11.5 days: no code of a card comes twice within
// the time in which anybody asks.
const (
	clockDigits  = 6
	clockModulus = 1_000_000
	refDigits    = 9
)

// IssueCode makes the payment code that the holder of a card shows at a time. A real
// wallet draws it and keeps a table; here the code says itself whose it is and when
// it was shown, so that whoever shows it need not talk to the host:
//
//	62 | 6 digits of the clock, in seconds | 1 zero (UnionPay) | 9 digits that name the card | Luhn digit
//
// The reference is a hash of the PAN and no secret.
func IssueCode(s Scheme, pan card.PAN, at time.Time) (string, error) {
	for _, f := range codeForms {
		if f.scheme != s {
			continue
		}
		zeros := strings.Repeat("0", f.length-len(f.prefix)-clockDigits-refDigits-1)
		code := f.prefix + fmt.Sprintf("%0*d", clockDigits, at.Unix()%clockModulus) + zeros + reference(pan)
		check, err := card.CheckDigit(code)
		return code + string(rune(check)), err
	}
	return "", fmt.Errorf("payment code: there is no scheme %q; want unionpay, wechat or alipay", s)
}

// CodeOwner says whose payment code it is and how old it is; an age below zero is a
// clock ahead of this one. ok is false for a code that IssueCode did not make, or
// not for a card of this registry.
func (r *Registry) CodeOwner(code string, now time.Time) (pan card.PAN, age time.Duration, ok bool) {
	for _, f := range codeForms {
		if len(code) != f.length || !strings.HasPrefix(code, f.prefix) || !card.PAN(code).LuhnValid() {
			continue
		}
		r.mu.RLock()
		pan, ok = r.codes[code[f.length-1-refDigits:f.length-1]]
		r.mu.RUnlock()
		shown := int64(0)
		for _, c := range code[len(f.prefix):][:clockDigits] {
			shown = shown*10 + int64(c-'0')
		}
		seconds := ((now.Unix()-shown)%clockModulus + clockModulus) % clockModulus
		if seconds > clockModulus/2 {
			seconds -= clockModulus
		}
		return pan, time.Duration(seconds) * time.Second, ok
	}
	return "", 0, false
}

// reference names a card in its codes.
func reference(pan card.PAN) string {
	sum := sha256.Sum256([]byte("possim payment code:" + pan.Reveal()))
	return fmt.Sprintf("%0*d", refDigits, binary.BigEndian.Uint64(sum[:])%1_000_000_000)
}
