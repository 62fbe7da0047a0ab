package emulator

import (
	"time"

	"possim/emulator/kernel"
	"possim/host/wire"
	"possim/reader/emv"
)

// EMV is what an acquirer tells a terminal about chips. What the terminal downloads
// (CAPKs and AIDs) is taken before what stands here.
type EMV struct {
	Applications []kernel.Application // DefaultApplications when left out
	CAPKs        emv.CAPKs            // without its authority's, a card's signatures fail
	Country      string               // 9F1A, ISO 3166 numeric; "156" when ""
	Contactless  kernel.Contactless   // what it takes of taps, where no downloaded application says
	CardWait     time.Duration        // how long a card may take over an answer; 10 s when 0
}

// chipTries is how many failed chip reads make a stripe acceptable (RULES: the terminal).
const chipTries = 3

// The terminal action codes that the applications of DefaultApplications share: online
// for whatever went wrong, and a decline for a service the card is not for. They are
// those of the parameters that the catalog's host hands out.
var (
	tacDefault = emv.TVR{0xD8, 0x40, 0x00, 0xA8, 0x00}
	tacOnline  = emv.TVR{0xD8, 0x40, 0x04, 0xF8, 0x00}
	tacDenial  = emv.TVR{0x00, 0x10, 0x00, 0x00, 0x00}
)

// DefaultApplications returns what a terminal takes out of the box: any application of
// UnionPay, Visa, Mastercard, American Express, JCB and Discover, every sale online.
// Versions are those of the payment systems' terminal tables as public terminals have them.
func DefaultApplications() []kernel.Application {
	var all []kernel.Application
	for _, a := range []struct {
		rid     emv.RID
		rest    []byte
		version [2]byte
	}{
		{emv.RIDUnionPay, []byte{0x01, 0x01}, [2]byte{0x00, 0x30}},
		{emv.RIDVisa, []byte{0x10, 0x10}, [2]byte{0x00, 0x96}},
		{emv.RIDVisa, []byte{0x20, 0x10}, [2]byte{0x00, 0x96}},
		{emv.RIDMastercard, []byte{0x10, 0x10}, [2]byte{0x00, 0x02}},
		{emv.RIDMastercard, []byte{0x30, 0x60}, [2]byte{0x00, 0x02}},
		{emv.RIDAmex, []byte{0x01}, [2]byte{0x00, 0x01}},
		{emv.RIDJCB, []byte{0x10, 0x10}, [2]byte{0x02, 0x00}},
		{emv.RIDDiscover, []byte{0x30, 0x10}, [2]byte{0x00, 0x01}},
	} {
		all = append(all, kernel.Application{
			AID: append(a.rid[:len(a.rid):len(a.rid)], a.rest...), Partial: true, Version: a.version[:],
			Default: tacDefault, Online: tacOnline, Denial: tacDenial,
		})
	}
	return all
}

// kernel makes the level 2 kernel of one order.
func (x *txn) kernel() *kernel.Kernel {
	k := &kernel.Kernel{
		Type: 0x22, Capabilities: x.capabilities(), More: moreCapabilities, Country: x.country(),
		Applications: x.applications(), CAPKs: x.capks(), Contactless: x.EMV.Contactless,
		Random: x.Random, Choose: x.chooseApplication,
		Data: emv.List{
			emv.New(emv.TagTerminalID, []byte(x.TID)), emv.New(emv.TagMerchantID, []byte(x.MID)),
			emv.New(emv.TagIFDSerial, []byte(x.TID)), emv.New(emv.TagMerchantName, []byte(merchantText(x.MerchantName))),
		},
	}
	if x.PINEntry {
		k.PIN = x.typePIN
	}
	return k
}

// merchantText is 9F4E: ans, twenty characters here, as the cards' logs keep it.
func merchantText(name string) string {
	out := make([]byte, 0, 20)
	for _, r := range name {
		if r >= ' ' && r <= '~' && len(out) < 20 {
			out = append(out, byte(r))
		}
	}
	for len(out) < 20 {
		out = append(out, ' ')
	}
	return string(out)
}

func (x *txn) country() string {
	if x.EMV.Country == "" {
		return "156"
	}
	return x.EMV.Country
}

// capabilities is 9F33: an online PIN needs a key to encipher it under.
func (x *txn) capabilities() emv.Capabilities {
	c := emv.Capabilities{}.With(emv.CanStripe, emv.CanChip, emv.CanSignature, emv.CanNoCVM, emv.CanSDA, emv.CanDDA, emv.CanCDA)
	if x.PINEntry {
		c.Set(emv.CanPlainPIN, emv.CanEncipheredPIN)
	}
	if x.PINEntry && x.enciphersPINs() {
		c.Set(emv.CanOnlinePIN)
	}
	return c
}

// moreCapabilities is 9F40: goods and services, inquiries, a number pad, a printer and a
// display that show Latin letters.
var moreCapabilities = emv.MoreCapabilities{}.With(emv.HasGoods, emv.HasServices, emv.HasInquiry, emv.HasNumericKeys,
	emv.HasCommandKeys, emv.HasFunctionKeys, emv.HasPrintAttendant, emv.HasPrintCardholder, emv.HasDisplayAttendant,
	emv.HasDisplayCardholder, emv.HasCodeTable1)

// transactionTypes is 9C by kind: the first two digits of the processing code (EMV Book 3
// Annex A), whatever else an acquirer makes of field 3.
var transactionTypes = map[wire.Kind]byte{wire.Balance: 0x31, wire.PreAuth: 0x03}

// chipTransaction is what the kernel is told of the order. Only a sale that the host can
// be told of afterwards may end offline: the dialect has a message for it, and there is a
// key to keep the card's number under until then.
func (x *txn) chipTransaction() kernel.Transaction {
	_, offline := x.Dialect.Transaction(wire.OfflineSale)
	if _, err := x.drawer(); err != nil {
		offline = false
	}
	amount := x.out.Amount
	if amount.Currency == "" {
		amount.Currency = x.Currency
	}
	return kernel.Transaction{
		Amount: amount, Type: transactionTypes[x.form.kind], At: x.now(), Sequence: uint32(x.state.LastSTAN%999_999 + 1),
		ForceOnline: !offline || x.form.kind != wire.Purchase,
	}
}
