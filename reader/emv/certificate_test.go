package emv

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"possim/reader/card"
)

// published is testdata/certificates.json: cards whose certificates and signatures
// others published, with what they recovered from them.
func published(t testing.TB, name string) func(field string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/certificates.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return func(field string) []byte {
		t.Helper()
		v, ok := all[name][field]
		if !ok {
			t.Fatalf("%s has no %s", name, field)
		}
		if field == "pan" || strings.HasSuffix(field, "_id") || field == "pin" || strings.HasSuffix(field, "_expires") {
			return []byte(v)
		}
		return unhex(t, v)
	}
}

func authority(t testing.TB, get func(string) []byte) CAPK {
	t.Helper()
	k, ok := PublicCAPKs().Find(RID(get("rid")), get("index")[0])
	if !ok {
		t.Fatal("the authority's key does not ship")
	}
	return k
}

// A Visa test card: issuer certificate whole, ICC certificate and signed static data up
// to the static data, which was not published.
func TestRecoverVisa(t *testing.T) {
	get := published(t, "visa")
	pan := card.PAN(get("pan"))
	cert := Certificate{get("issuer"), get("issuer_remainder"), get("issuer_exponent")}
	issuer := must[IssuerKey](t)(authority(t, get).Recover(cert, pan))
	if !bytes.Equal(issuer.Modulus, get("issuer_modulus")) || issuer.Issuer != string(get("issuer_id")) ||
		issuer.Expires.YYMM() != string(get("issuer_expires")) || !bytes.Equal(issuer.Serial[:], get("issuer_serial")) {
		t.Errorf("issuer key: %+v", issuer)
	}
	r := must[recovered](t)(issuer.recover("9F46", get("icc"), formatICC))
	icc := must[PublicKey](t)(Certificate{get("icc"), get("icc_remainder"), get("icc_exponent")}.join(r, 16))
	if !bytes.Equal(icc.Modulus, get("icc_modulus")) {
		t.Errorf("ICC modulus %X", icc.Modulus)
	}
	r = must[recovered](t)(issuer.recover("93", get("ssad"), formatStatic))
	if !bytes.Equal(r.body[2:4], get("dac")) {
		t.Errorf("DAC %X", r.body[2:4])
	}
	if _, err := issuer.VerifyStatic(get("ssad"), []byte("other data")); err == nil {
		t.Error("signed static data vouches for other data")
	}
}

// A Mastercard test card, with a CDA signature whose transaction was not published but
// for its unpredictable number.
func TestRecoverMastercard(t *testing.T) {
	get := published(t, "mastercard")
	cert := Certificate{get("issuer"), nil, get("issuer_exponent")}
	issuer := must[IssuerKey](t)(authority(t, get).Recover(cert, card.PAN(get("pan"))))
	r := must[recovered](t)(issuer.recover("9F46", get("icc"), formatICC))
	icc := must[PublicKey](t)(Certificate{get("icc"), get("icc_remainder"), get("icc_exponent")}.join(r, 16))
	if !bytes.Equal(icc.Modulus, get("icc_modulus")) {
		t.Errorf("ICC modulus %X", icc.Modulus)
	}
	d := must[Dynamic](t)(ICCKey{PublicKey: icc}.VerifyDynamic(get("sdad"), get("un")))
	if !bytes.Equal(d.Number, get("number")) {
		t.Errorf("dynamic number %X", d.Number)
	}
	_, rest, _ := dynamicNumber(must[recovered](t)(icc.recover("9F4B", get("sdad"), formatDynamic)).body[3:])
	if rest[0] != get("cid")[0] || !bytes.Equal(rest[1:9], get("cryptogram")) || !bytes.Equal(rest[9:29], get("data_hash")) {
		t.Errorf("CDA data %X", rest[:29])
	}
}

// A recorded purchase with a card whose authority is the publisher's own: the whole way
// from AFL and records to DDA and the enciphered PIN.
func TestWholeChain(t *testing.T) {
	get := published(t, "emvpt")
	ca := CAPK{RID: RID(get("rid")), Index: get("index")[0], PublicKey: PublicKey{get("capk_mod"), []byte{3}}}
	gpo := must[List](t)(Parse(get("gpo")))[0].Value
	afl := must[AFL](t)(ParseAFL(gpo[2:]))
	if afl[2] != (AFLEntry{SFI: 3, First: 1, Last: 2, Signed: 1}) {
		t.Fatalf("AFL %v", afl)
	}
	var records List
	for _, name := range []string{"rec_icc", "rec_issuer", "rec_static"} {
		records = append(records, must[List](t)(Parse(get(name))).Inside(TagRecordTemplate)...)
	}
	if tag, twice := records.Duplicate(); twice {
		t.Fatalf("%s twice", tag)
	}
	pan := card.PAN(get("pan"))
	static := must[[]byte](t)(StaticData([]Record{{3, get("rec_static")}}, records.Value(TagSDATagList), gpo[:2]))
	issuer := must[IssuerKey](t)(ca.Recover(IssuerCertificate(records), pan))
	icc := must[ICCKey](t)(issuer.Recover(ICCCertificate(records), static, pan))
	ddol := must[DOL](t)(ParseDOL(records.Value(TagDDOL)))
	sent := ddol.Build(List{New(TagUnpredictableNumber, get("ia_un"))})
	answer := must[List](t)(Parse(get("ia")))[0].Value
	d := must[Dynamic](t)(icc.VerifyDynamic(answer, sent))
	if len(d.Number) < 2 {
		t.Errorf("dynamic number %X", d.Number)
	}
	if _, err := issuer.Recover(ICCCertificate(records), append(static, 0), pan); err == nil {
		t.Error("the certificate vouches for other static data")
	}
	block := must[[]byte](t)(PINBlock2(string(get("pin"))))
	data := must[[]byte](t)(icc.EncipherPIN(block, get("challenge"), bytes.NewReader(get("padding"))))
	if !bytes.Equal(data, get("verify")) {
		t.Errorf("enciphered PIN %X", data)
	}
}

// DDA and CDA of one card; the CDA signature with its CDOL1 data and answer.
func TestVerifyCombined(t *testing.T) {
	get := published(t, "combined")
	icc := ICCKey{PublicKey: PublicKey{get("modulus"), []byte{3}}}
	must[Dynamic](t)(icc.VerifyDynamic(get("dda"), get("dda_un")))
	answer := List{New(TagSDAD, get("cda"))}.Append(get("answer"))
	data := must[[]byte](t)(CombinedData(answer, get("cdol1")))
	d := must[Dynamic](t)(icc.VerifyCombined(get("cda"), get("cda_un"), data))
	if d.CID.Type() != TC || len(d.Cryptogram) != 8 {
		t.Errorf("CDA: %v, cryptogram %X", d.CID, d.Cryptogram)
	}
	data[0] ^= 1
	if _, err := icc.VerifyCombined(get("cda"), get("cda_un"), data); err == nil {
		t.Error("CDA vouches for another amount")
	}
	if _, err := icc.VerifyCombined(get("cda"), []byte{1, 2, 3, 4}, data); err == nil {
		t.Error("CDA vouches for another unpredictable number")
	}
}

// Every published certificate, damaged in any byte, is refused, and says where.
func TestDamagedCertificates(t *testing.T) {
	get := published(t, "emvpt")
	ca := CAPK{PublicKey: PublicKey{get("capk_mod"), []byte{3}}}
	records := must[List](t)(Parse(get("rec_issuer"))).Inside(TagRecordTemplate)
	good := IssuerCertificate(records)
	for i := range good.Data {
		bad := good
		bad.Data = bytes.Clone(good.Data)
		bad.Data[i] ^= 0x01
		_, err := ca.Recover(bad, "")
		var where *SignatureError
		if !errors.As(err, &where) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for what, bad := range map[string]Certificate{
		"no remainder":     {good.Data, nil, good.Exponent},
		"short remainder":  {good.Data, good.Remainder[1:], good.Exponent},
		"other remainder":  {good.Data, bytes.Repeat([]byte{1}, len(good.Remainder)), good.Exponent},
		"another exponent": {good.Data, good.Remainder, []byte{5}},
		"long exponent":    {good.Data, good.Remainder, []byte{1, 0, 1}},
		"nothing":          {},
		"short":            {good.Data[1:], good.Remainder, good.Exponent},
	} {
		if _, err := ca.Recover(bad, ""); err == nil {
			t.Errorf("%s passes", what)
		}
	}
	if _, err := ca.Recover(good, "4761739001010010"); err == nil {
		t.Error("the issuer's certificate serves another issuer's card")
	}
}
