package wire

import (
	"fmt"

	"possim/reader/card"
)

// QRCode is the payment code a cardholder shows: digits, good once and for a
// minute. It prints like a PAN, first six and last four.
type QRCode string

// String returns the masked form.
func (c QRCode) String() string { return card.Mask(string(c)) }

// Format implements fmt.Formatter so that no verb shows the digits.
func (c QRCode) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// MarshalText implements encoding.TextMarshaler with the masked form.
func (c QRCode) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalYAML implements yaml.Marshaler with the masked form.
func (c QRCode) MarshalYAML() (any, error) { return c.String(), nil }

// Reveal returns the digits in clear, for the wire.
func (c QRCode) Reveal() string { return string(c) }

// Scheme is who stands behind a payment code.
type Scheme string

// The schemes of payment codes.
const (
	SchemeUnionPay Scheme = "UnionPay" // 云闪付: 19 digits that begin with 62
	SchemeWeChat   Scheme = "WeChat"   // 微信支付: 18 digits, 10 to 15
	SchemeAlipay   Scheme = "Alipay"   // 支付宝: 16 to 24 digits, 25 to 30
)

// Chinese returns the scheme's Chinese name.
func (s Scheme) Chinese() string {
	switch s {
	case SchemeUnionPay:
		return "云闪付"
	case SchemeWeChat:
		return "微信支付"
	case SchemeAlipay:
		return "支付宝"
	}
	return string(s)
}

// ParseQRCode takes what a scanner read. A code that no scheme issues is refused;
// the error never shows it.
func ParseQRCode(text string) (QRCode, error) {
	if err := onlyDigits([]byte(text)); err != nil {
		return "", fmt.Errorf("payment code of %d characters: %w", len(text), err)
	}
	if _, ok := QRCode(text).Scheme(); !ok {
		return "", fmt.Errorf("payment code of %d digits: no scheme issues it (UnionPay 19 digits from 62, WeChat 18 from 10 to 15, Alipay 16 to 24 from 25 to 30)", len(text))
	}
	return QRCode(text), nil
}

// Scheme tells whose code it is by its length and first two digits.
func (c QRCode) Scheme() (s Scheme, ok bool) {
	if len(c) < 2 || onlyDigits([]byte(c)) != nil {
		return "", false
	}
	switch n, first := len(c), string(c[:2]); {
	case n == 19 && first == "62":
		return SchemeUnionPay, true
	case n == 18 && first >= "10" && first <= "15":
		return SchemeWeChat, true
	case n >= 16 && n <= 24 && first >= "25" && first <= "30":
		return SchemeAlipay, true
	}
	return "", false
}
