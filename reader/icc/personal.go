package icc

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"possim/reader/card"
	"possim/reader/emv"
)

// The files of an application. SFI 11 is the transaction log's, with ten records, as PBOC
// has it: 9F4D is 0B0A.
const (
	sfiTrack  = 1 // track 2, name: nothing that is signed
	sfiKeys   = 2 // certificates
	sfiData   = 3 // all that is signed
	sfiTap    = 4 // one record, made for each tap
	sfiLog    = 11
	logLength = 10
)

// personal is what personalisation puts on a card: records, and where they are.
type personal struct {
	files map[int][][]byte // by SFI; a record is its bytes, template and all
	afl   emv.AFL
	rsa   *emv.ICCKeys // nil without dynamic authentication
	keys  emv.Keys
}

// personalise makes the records and keys of an application. What is signed comes first,
// as the certificates vouch for it.
func (p *Profile) personalise(a *Application) (*personal, error) {
	out := &personal{files: map[int][][]byte{}}
	data := a.signed()
	for _, l := range data {
		if err := out.add(sfiData, l); err != nil {
			return nil, err
		}
	}
	static, err := out.static(a)
	if err != nil {
		return nil, err
	}
	if err := out.certify(p, a, static); err != nil {
		return nil, err
	}
	if err := out.add(sfiTrack, a.track()); err != nil {
		return nil, err
	}
	out.afl = emv.AFL{{SFI: sfiTrack, First: 1, Last: len(out.files[sfiTrack])}}
	if n := len(out.files[sfiKeys]); n > 0 {
		out.afl = append(out.afl, emv.AFLEntry{SFI: sfiKeys, First: 1, Last: n})
	}
	out.afl = append(out.afl, emv.AFLEntry{SFI: sfiData, First: 1, Last: len(data), Signed: len(data)})
	if p.has(FaultStaleData) { // the first record says another usage than what was signed
		b := out.files[sfiData][0]
		b[len(b)-1] ^= 0x01
	}
	out.keys, err = a.Scheme.CardKeys(a.Issuer.Master, a.Holder.PAN, a.Holder.Sequence)
	return out, err
}

// add appends a record. An answer carries 256 bytes, a record two less.
func (o *personal) add(sfi int, l emv.List) error {
	b := emv.Template(emv.TagRecordTemplate, l...).Bytes()
	if len(b) > 254 {
		return fmt.Errorf("record %d of file %d has %d bytes; at most 254: shorten its lists or its key", len(o.files[sfi])+1, sfi, len(b))
	}
	o.files[sfi] = append(o.files[sfi], b)
	return nil
}

// static is what the signatures vouch for: the signed records and the AIP (9F4A is 82).
func (o *personal) static(a *Application) ([]byte, error) {
	var records []emv.Record
	for _, b := range o.files[sfiData] {
		records = append(records, emv.Record{SFI: sfiData, Data: b})
	}
	return emv.StaticData(records, []byte{byte(emv.TagAIP)}, a.AIP[:])
}

// track is what a terminal needs for the message to the host.
func (a *Application) track() emv.List {
	l := emv.List{emv.New(emv.TagTrack2Equivalent, a.track2())}
	if a.Holder.Name != "" {
		l.Add(emv.TagCardholderName, []byte(a.Holder.Name.Reveal()))
	}
	if d := a.Holder.Discretionary.Reveal(); d != "" {
		l.Add(emv.TagTrack1Discretionary, []byte(d))
	}
	return l
}

// track2 is 57: number, D, expiry, service code, discretionary data, F to a whole byte.
func (a *Application) track2() []byte {
	h := a.Holder
	code := h.ServiceCode
	if code == "" {
		code = "201"
	}
	return packed(h.PAN.Reveal() + "D" + h.Expiry.YYMM() + string(code) + h.Discretionary.Reveal())
}

// packed packs digits two a byte, F at the end where they are odd in number.
func packed(s string) []byte {
	b, _ := hex.DecodeString(s + strings.Repeat("F", len(s)%2))
	return b
}

// bcd packs a number into as many bytes.
func bcd(n, size int) []byte { return packed(fmt.Sprintf("%0*d", 2*size, n)) }

// signed is the records that are authenticated offline: what a terminal decides by.
func (a *Application) signed() []emv.List {
	h := a.Holder
	first := emv.List{emv.New(emv.TagPAN, packed(h.PAN.Reveal())), emv.New(emv.TagExpirationDate, lastDay(h.Expiry))}
	if !h.Effective.Absent() {
		first.Add(emv.TagEffectiveDate, append(packed(h.Effective.YYMM()), 0x01))
	}
	if h.Sequence != "" {
		first.Add(emv.TagPANSequence, packed(h.Sequence))
	}
	first.Add(emv.TagCVMList, a.CVM.Bytes())
	first.Add(emv.TagIACDefault, a.IACDefault[:])
	first.Add(emv.TagIACDenial, a.IACDenial[:])
	first.Add(emv.TagIACOnline, a.IACOnline[:])
	first.Add(emv.TagIssuerCountry, bcd(int(a.Country), 2))
	first.Add(emv.TagSDATagList, []byte{byte(emv.TagAIP)})
	first.Add(emv.TagAUC, a.AUC[:]) // last, so that stale data changes its last bit
	second := emv.List{emv.New(emv.TagCDOL1, a.CDOL1.Bytes()), emv.New(emv.TagCDOL2, a.CDOL2.Bytes()),
		emv.New(emv.TagCardVersion, []byte{byte(a.Version >> 8), byte(a.Version)}),
		emv.New(emv.TagApplicationCurrency, bcd(int(a.Currency), 2)), emv.New(emv.TagApplicationCurrencyExponent, []byte{a.Exponent})}
	if h.ServiceCode != "" {
		second.Add(emv.TagServiceCode, packed("0"+string(h.ServiceCode)))
	}
	if len(a.DDOL) > 0 {
		second.Add(emv.TagDDOL, a.DDOL.Bytes())
	}
	if a.Risk.UpperVelocity > 0 {
		second.Add(emv.TagLowerOfflineLimit, []byte{a.Risk.LowerVelocity})
		second.Add(emv.TagUpperOfflineLimit, []byte{a.Risk.UpperVelocity})
	}
	return []emv.List{first, append(second, a.Extra...)}
}

// lastDay is 5F24: a card is good through the last day of its month.
func lastDay(e card.Expiry) []byte {
	day := time.Date(e.Year, e.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return append(packed(e.YYMM()), bcd(day, 1)...)
}

// certify makes the card's keys, and the records of certificates. Each has a record of
// its own: one of 1984 bits fills it.
func (o *personal) certify(p *Profile, a *Application, static []byte) error {
	if !a.dynamic() && !a.AIP.Has(emv.AIPSDA) {
		return nil
	}
	issuer := a.Issuer.Certificate
	if p.has(FaultWrongCertificate) {
		issuer.Data = append([]byte(nil), issuer.Data...)
		issuer.Data[len(issuer.Data)/2] ^= 0xFF
	}
	lists := []emv.List{append(issuer.IssuerObjects()[1:], emv.New(emv.TagCAPKIndex, []byte{a.Issuer.Authority.Index})),
		issuer.IssuerObjects()[:1]}
	if a.AIP.Has(emv.AIPSDA) {
		ssad, err := a.Issuer.RSA.SignStatic([2]byte{0xDA, 0xC1}, static)
		if err != nil {
			return err
		}
		lists = append(lists, emv.List{emv.New(emv.TagSSAD, ssad)})
	}
	if a.dynamic() {
		var err error
		o.rsa, err = a.Issuer.NewICCKeys(emv.ICCProfile{Seed: p.Seed, PAN: a.Holder.PAN, Sequence: a.Holder.Sequence,
			Bits: a.Bits, Static: static, PINKey: a.PINKey, Ring: p.Ring})
		if err != nil {
			return err
		}
		c := o.rsa.Certificate.ICCObjects()
		lists = append(lists, c[:1], c[1:])
		if a.PINKey {
			c = o.rsa.PINCertificate.PINObjects()
			lists = append(lists, c[:1], c[1:])
		}
	}
	for _, l := range lists {
		if err := o.add(sfiKeys, l); err != nil {
			return err
		}
	}
	return nil
}
