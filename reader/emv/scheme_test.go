package emv

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"possim/reader/card"
)

// source puts the tags of a vector (t9f02 and so on) into a list. A cvr stands where
// the vector has no 9F10: it is wrapped in a layout that gives it back.
func (v vector) source(t testing.TB) *List {
	var l List
	for name := range v.In {
		if hex, ok := strings.CutPrefix(name, "t"); ok {
			if tag, err := ParseTag(hex); err == nil {
				l.Add(tag, unhex(t, v.in(name)))
			}
		}
	}
	if iad := v.in("tag_9f10"); iad != "" {
		l.Set(TagIAD, unhex(t, iad))
	} else if cvr := unhex(t, v.in("cvr")); len(cvr) == 6 {
		l.Set(TagIAD, append(append([]byte{0x01, 0x10}, cvr...), make([]byte, 10)...))
	} else if len(cvr) == 4 && !l.Has(TagIAD) {
		l.Set(TagIAD, append([]byte{0x06, 0x01, 0x0A}, cvr...))
	}
	return &l
}

func (v vector) keys(t testing.TB) Keys {
	var k Keys
	for name, to := range map[string]*Key{"imk_ac": &k.AC, "imk_smi": &k.MAC, "imk_smc": &k.ENC} {
		if v.in(name) != "" {
			*to = key(t, v.in(name))
		}
	}
	return k
}

func TestSchemes(t *testing.T) {
	schemes := map[string]Scheme{"cvn-001": VisaCVN10, "cvn-002": VisaCVN18, "cvn-003": VisaCVN22, "cvn-004": MastercardCVN16}
	for _, v := range vectors(t, "cvn") {
		s, ok := schemes[v.ID]
		if !ok {
			t.Fatalf("%s (%s) is not exercised", v.ID, v.Alg)
		}
		t.Run(s.Name, func(t *testing.T) {
			k := must[Keys](t)(s.CardKeys(v.keys(t), card.PAN(v.in("pan")), v.in("psn")))
			src := v.source(t)
			arqc := must[[]byte](t)(s.Cryptogram(k, src))
			same(t, "ARQC", arqc, v.out("arqc"))
			src.Set(TagCryptogram, arqc)
			if err := s.Verify(k, src); err != nil {
				t.Error(err)
			}
			answer := Answer{ResponseCode: string(unhex(t, v.in("arpc_rc")))}
			data := must[[]byte](t)(s.IssuerAuthentication(k, src, answer))
			same(t, "ARPC", data[:len(unhex(t, v.out("arpc")))], v.out("arpc"))
			scripts(t, v, s, k, src)
		})
	}
}

func scripts(t *testing.T, v vector, s Scheme, k Keys, src *List) {
	if v.out("command_mac") == "" {
		return
	}
	h := unhex(t, v.in("script_header"))
	apdu := must[[]byte](t)(s.Protect(k, src, Command{h[0], h[1], h[2], h[3], nil}))
	same(t, "header", apdu[:5], v.in("script_header"))
	same(t, "command MAC", apdu[5:], v.out("command_mac"))
	for _, c := range []struct{ current, want string }{{"", v.out("pin_change")}, {v.in("current_pin"), v.out("pin_change_cur")}} {
		apdu := must[[]byte](t)(s.PINChange(k, src, v.in("new_pin"), c.current))
		same(t, "PIN change", apdu, c.want)
		opened := must[Command](t)(s.Open(k, src, apdu))
		if pin := must[string](t)(s.NewPIN(k, src, opened, c.current)); pin != v.in("new_pin") {
			t.Error("the card finds another PIN than the issuer sent")
		}
	}
}

func TestPBOC(t *testing.T) {
	all := vectors(t, "pboc")
	if len(all) != 3 {
		t.Fatalf("%d PBOC vectors, of which 3 are exercised", len(all))
	}
	v := all[0]
	k := must[Keys](t)(PBOCCVN01.CardKeys(v.keys(t), card.PAN(v.in("pan")), v.in("psn")))
	sent := unhex(t, v.in("data"))
	src := must[List](t)(cryptogramDOL.Split(sent[:cryptogramDOL.Length()]))
	src.Add(TagIAD, unhex(t, v.in("t9f10")))
	same(t, "data", must[[]byte](t)(PBOCCVN01.Data(src)), v.in("data"))
	arqc := must[[]byte](t)(PBOCCVN01.Cryptogram(k, src))
	same(t, "ARQC", arqc, v.out("arqc"))
	src.Add(TagCryptogram, arqc)
	data := must[[]byte](t)(PBOCCVN01.IssuerAuthentication(k, src, Answer{ResponseCode: v.in("arc_ascii")}))
	same(t, "ARPC", data[:8], v.out("arpc"))

	v = all[1]
	atc := binary.BigEndian.Uint16(unhex(t, v.in("t9f36")))
	sk := must[Key](t)(SessionPBOC(key(t, v.in("udk_ac")), atc))
	same(t, "session key", sk.Reveal(), v.out("sk"))
	terminal := must[List](t)(cryptogramDOL[:8].Split(unhex(t, v.in("cdol_part"))))
	terminal.Add(TagAIP, unhex(t, v.in("t82")))
	// The card's answer to GENERATE AC, format 1: CID, ATC, cryptogram, 9F10.
	gac := must[List](t)(Parse(unhex(t, v.in("gac_response"))))[0].Value
	terminal.Add(TagATC, gac[1:3])
	terminal.Add(TagCryptogram, gac[3:11])
	terminal.Add(TagIAD, gac[11:])
	if err := PBOCCVN01.Verify(Keys{AC: key(t, v.in("udk_ac"))}, terminal); err != nil {
		t.Error(err)
	}

	v = all[2]
	sk = must[Key](t)(SessionPBOC(key(t, v.in("udk_mac")), binary.BigEndian.Uint16(unhex(t, v.in("t9f36")))))
	same(t, "script key", sk.Reveal(), v.out("sk"))
}

// The published script vectors, by the steps they were published for: the PIN block,
// its encipherment, and the MAC over header and enciphered data.
func TestScripts(t *testing.T) {
	for _, v := range vectors(t, "script") {
		t.Run(v.ID, func(t *testing.T) {
			kind := v.Alg[strings.LastIndexByte(v.Alg, '(')+1 : len(v.Alg)-1]
			s := map[string]Scheme{"mc": MastercardCVN16, "vis": VisaCVN10, "ccd": CommonCore}[kind]
			current := v.in("current_pin")
			k := must[Keys](t)(s.CardKeys(v.keys(t), card.PAN(v.in("pan")), v.in("psn")))
			block := must[[]byte](t)(s.pinBlock(k, v.in("new_pin"), current))
			same(t, "PIN block", block, v.out("pin_block"))
			src := List{New(TagATC, []byte{0xFF, 0xFF}), New(TagCryptogram, unhex(t, "ABCDEF1234567890"))}
			enc := must[Key](t)(s.scriptKey(k.ENC, src))
			data := must[[]byte](t)(s.Conceal.Encipher(enc, block))
			same(t, "enciphered", data, v.out("encrypted"))
			clear := must[[]byte](t)(s.Conceal.Decipher(enc, data))
			same(t, "deciphered", clear, v.out("pin_block"))
			key := must[Key](t)(s.scriptKey(k.MAC, src))
			// The publisher signs with a header of its own making: Lc is 10 whatever follows.
			header := []byte{0x84, 0x24, 0x00, 0x02, 0x10}
			if current != "" {
				header[3] = 0x01
			}
			same(t, "MAC", must[[]byte](t)(ScriptMAC(key, append(header, data...), 8)), v.out("mac"))
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	v := vectors(t, "cvn")[0]
	k := must[Keys](t)(VisaCVN10.CardKeys(v.keys(t), card.PAN(v.in("pan")), v.in("psn")))
	src := v.source(t)
	src.Add(TagCryptogram, unhex(t, v.out("arqc")))
	for _, tag := range []Tag{TagAmountAuthorised, TagAmountOther, TagTVR, TagATC, TagIAD, TagCryptogram} {
		changed := append(List(nil), *src...)
		value := append([]byte(nil), changed.Value(tag)...)
		value[len(value)-1] ^= 1
		changed.Set(tag, value)
		if err := VisaCVN10.Verify(k, changed); !errors.Is(err, ErrCryptogram) {
			t.Errorf("%s changed: %v", tag, err)
		}
	}
	answer := must[[]byte](t)(VisaCVN10.IssuerAuthentication(k, src, Answer{ResponseCode: "00"}))
	if a, err := VisaCVN10.VerifyIssuer(k, src, answer); err != nil || a.ResponseCode != "00" {
		t.Error(a, err)
	}
	answer[9] = '5'
	if _, err := VisaCVN10.VerifyIssuer(k, src, answer); !errors.Is(err, ErrCryptogram) {
		t.Error("a changed response code passes:", err)
	}
}
