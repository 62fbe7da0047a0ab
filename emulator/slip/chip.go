package slip

import (
	"strings"

	"possim/host/money"
)

// Chip is what a slip says of a chip: the lines of a UnionPay slip for cards that were
// inserted or tapped. Values are hexadecimal, but for texts.
type Chip struct {
	Approves   string // "TC" or "ARQC": which cryptogram it is
	Cryptogram string // 9F26
	TVR        string // 95
	TSI        string // 9B
	Sequence   string // 5F34
	AID        string // 84
	ATC        string // 9F36
	Label      string // 50
	Name       string // 9F12
	Random     string // 9F37
	AIP        string // 82
	CVM        string // 9F34
	IssuerData string // 9F10
	Terminal   string // 9F33
	Waived     Waived
	Limit      money.Amount // up to which no PIN and no signature are asked for; 0 unsaid
}

// Waived says why a cardholder neither signs nor enters a PIN.
type Waived string

// The reasons.
const (
	WaivedNone   Waived = ""       // he signs
	WaivedAmount Waived = "amount" // the amount is below the limit (小额免密免签)
	WaivedDevice Waived = "device" // his own device has verified him
	WaivedCard   Waived = "card"   // the card asks for nothing
)

// waivers are the texts that stand where the signature would (facts of the public slip
// layout: 免签免密).
var waivers = map[Waived][2]string{
	WaivedAmount: {"交易金额未超限额，免密免签", "NO PIN, NO SIGNATURE REQUIRED"},
	WaivedDevice: {"移动设备已验证用户，免密免签", "VERIFIED BY DEVICE, NO SIGNATURE"},
	WaivedCard:   {"本卡免密免签", "NO PIN, NO SIGNATURE REQUIRED"},
}

// chip writes the lines of the chip.
func (p *paper) chip(c *Chip) {
	if c == nil {
		return
	}
	for _, f := range [][2]string{
		{c.Approves, c.Cryptogram}, {"TVR", c.TVR}, {"CSN", c.Sequence}, {"AID", c.AID}, {"ATC", c.ATC}, {"TSI", c.TSI},
		{"APP LABEL", c.Label}, {"APN", c.Name}, {"UNPR NUM", c.Random}, {"AIP", c.AIP}, {"CVMR", c.CVM},
		{"IAD", c.IssuerData}, {"Term Capa", c.Terminal},
	} {
		if strings.TrimSpace(f[1]) != "" {
			p.line(f[0] + ":" + f[1])
		}
	}
	p.rule()
}

// verified writes the signature's place, or why there is none.
func (p *paper) verified(c *Chip) {
	if c == nil || c.Waived == WaivedNone {
		p.signature()
		return
	}
	text := waivers[c.Waived]
	if c.Waived == WaivedAmount && c.Limit.Minor > 0 {
		text[0] = "交易金额未超" + c.Limit.String() + "元，免密免签"
	}
	p.line(text[0])
	p.line(text[1])
}
