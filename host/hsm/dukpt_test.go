package hsm

import (
	"crypto/cipher"
	"errors"
	"testing"

	"possim/reader/card"
	"possim/reader/mac"
)

// testdata/dukpt_tdes.json: ANSI X9.24-1:2009 Annex A.4, as openemv/dukpt prints it.
func TestDUKPTTDES(t *testing.T) {
	for _, v := range vectors(t, "dukpt_tdes.json") {
		n := ksn(t, v["ksn"])
		ik, err := InitialKey(tdesKey(t, v["bdk"]), n)
		if err != nil {
			t.Fatal(err)
		}
		if v["ik"] != "" {
			is(t, v["ksn"]+" IK", ik.Reveal(), v["ik"])
			continue
		}
		txn, err := TransactionKey(ik, n)
		if err != nil {
			t.Fatal(err)
		}
		is(t, v["ksn"]+" transaction key", txn.Reveal(), v["txn_key"])
		work := func(u Usage) Key {
			k, err := WorkingKey(ik, n, u, TDES2)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		block, err := ISO0.Encrypt(work(UsePIN), pin(t, v["pin"]), card.PAN(v["pan"]), nil)
		if err != nil {
			t.Fatal(err)
		}
		is(t, v["ksn"]+" PIN block", block, v["enc_pinblock"])
		data := []byte(v["data_ascii"])
		for use, want := range map[Usage]string{UseMACRequest: v["mac_request"], UseMACBoth: v["mac_request"], UseMACResponse: v["mac_response"]} {
			s, err := MACX919.Sealer(work(use))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := s(data)
			is(t, v["ksn"]+" "+use.String(), got[:4], want)
		}
		padded := mac.Zeros.Pad(data, 8)
		cipher.NewCBCEncrypter(work(UseDataRequest).cipher(), make([]byte, 8)).CryptBlocks(padded, padded)
		is(t, v["ksn"]+" data", padded, v["data_request"])
	}
}

// testdata/dukpt_aes.json: the supplement of ANSI X9.24-3:2017, as openemv/dukpt prints it.
func TestDUKPTAES(t *testing.T) {
	for _, v := range vectors(t, "dukpt_aes.json") {
		bdk := aesKey(t, v["bdk"])
		kind := KeyType{AES, bdk.Size()}
		if v["ik"] != "" {
			ik, err := InitialKey(bdk, ksn(t, v["ikid"]+"00000001"))
			if err != nil {
				t.Fatal(err)
			}
			is(t, "IK", ik.Reveal(), v["ik"])
			continue
		}
		n := ksn(t, v["ksn"])
		ik, _ := InitialKey(bdk, n)
		txn, err := TransactionKey(ik, n)
		if err != nil {
			t.Fatal(err)
		}
		is(t, v["ksn"]+" transaction key", txn.Reveal(), v["txn_key"])
		for use, want := range map[Usage]string{UsePIN: v["pin_key"], UseMACRequest: v["cmac_key"], UseDataRequest: v["data_key"]} {
			if want == "" {
				continue
			}
			k, err := WorkingKey(ik, n, use, kind)
			if err != nil {
				t.Fatal(err)
			}
			is(t, v["ksn"]+" "+use.String(), k.Reveal(), want)
			if use == UsePIN && v["enc_pinblock"] != "" {
				is(t, v["ksn"]+" PIN block", encipher4(k, unhex(t, v["pin_field"]), card.PAN(v["pan"])), v["enc_pinblock"])
				if p, err := ISO4.Decrypt(k, unhex(t, v["enc_pinblock"]), card.PAN(v["pan"])); err != nil || p.Reveal() != v["pin"] {
					t.Error(v["ksn"], err)
				}
			}
		}
	}
}

// The rest of the supplement of ANSI X9.24-3:2017 that public projects print: all
// usages (rows as the RustCrypto-based paysec tests print them), other kinds of
// working key, and the update key (openemv/dukpt test/dukpt_aes128_update_key_test.c).
func TestDUKPTAESUsagesAndKinds(t *testing.T) {
	const bdk128, bdk192, bdk256 = "FEDCBA9876543210F1F1F1F1F1F1F1F1", "FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210",
		"FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210F1F1F1F1F1F1F1F1"
	for _, v := range []struct {
		bdk     string
		counter uint32
		use     Usage
		kind    KeyType
		want    string
	}{
		{bdk128, 1, UseKeyEncryption, AES128, "36A724B7BEFA5A25F5E7B5782A4554A2"},
		{bdk128, 1, UsePIN, AES128, "AF8CB133A78F8DC2D1359F18527593FB"},
		{bdk128, 1, UseMACRequest, AES128, "A2DC23DE6FDE0824A2BC321E08E4B8B7"},
		{bdk128, 1, UseMACResponse, AES128, "DBB463945B286C07CD3AD82EE96FD9C9"},
		{bdk128, 1, UseMACBoth, AES128, "85675439D18D7F1158BD8E3EAA3D502B"},
		{bdk128, 1, UseDataRequest, AES128, "A35C412EFD41FDB98B69797C02DCD08F"},
		{bdk128, 1, UseDataResponse, AES128, "16292C6EA8F64C5420A0584BFBC577BE"},
		{bdk128, 1, UseDataBoth, AES128, "A308E080DD15A1B741F1721BF67DE11C"},
		{bdk128, 1, UseDerivation, AES128, "30E54D3C69B22501A7FC43969D81D5C0"},
		{bdk128, 131072, UsePIN, AES128, "AB828BE7B58C7EC5D5ED0D5D320A0C9D"},
		{bdk128, 8675309, UsePIN, AES128, "D1DDA386AA4A556AF0119FDCB5D132C6"},
		{bdk128, 1, UsePIN, TDES2, "630C706D9546E47D4449313F61C4D4AB"},
		{bdk128, 1, UseMACRequest, TDES2, "5D8FD787E8A796D07035FFCA9B5800BB"},
		{bdk128, 1, UseDataRequest, TDES2, "BD44121C223F831446A01EE3A4CB58D2"},
		{bdk128, 1, UsePIN, TDES3, "EA8B3F37EB9B15831167EF2977FD8762D9B5913F35766F6A"},
		{bdk128, 1, UseMACRequest, TDES3, "2A1061A6EAC2C14FAC3758EA07B3648A624B24E942785BF1"},
		{bdk128, 1, UseDataRequest, TDES3, "F716DFBC6B2D2D5825B694EEEE181A013F2F1C09380BBE0C"},
		{bdk192, 1, UsePIN, AES128, "3C318CDBF08322279557201E98DBB3F3"},
		{bdk192, 3, UseMACRequest, AES128, "D2D13AF44E71EB6E8539FFDA3C37A5D6"},
		{bdk192, 0x1FFFF, UseDataRequest, AES128, "35D05CE06C113EC3CFDBD1BB4E1E3CFE"},
		{bdk192, 1, UsePIN, AES192, "C5043EDC7F2C001097974D40FF82A050B64A1AB27879F3DB"},
		{bdk192, 3, UseMACRequest, AES192, "29A29A9C943EAA03D2F5CAD146BA765094C2CF0343C53D1A"},
		{bdk192, 0x1FFFF, UseDataRequest, AES192, "92E250B33BC93E9BF213EA343AD7465758EEB67569C9ED90"},
		{bdk256, 1, UsePIN, AES128, "09C9C432966811D6B2C3336BAC1B1202"},
		{bdk256, 1, UseMACRequest, AES128, "F04A1FABD4176E15490CEC82E217A96D"},
		{bdk256, 8, UseDataRequest, AES128, "8950DD50C254C60E26737CA9229F0F18"},
		{bdk256, 1, UsePIN, AES256, "8C1AB7BEE973829E30242E0BBBDD4946D540C98FC1B5BDCF94790001A23FD502"},
	} {
		n := ksn(t, "123456789012345600000000").With(v.counter)
		ik, err := InitialKey(aesKey(t, v.bdk), n)
		if err != nil {
			t.Fatal(err)
		}
		k, err := WorkingKey(ik, n, v.use, v.kind)
		if err != nil {
			t.Fatal(err)
		}
		is(t, n.String()+" "+v.use.String(), k.Reveal(), v.want)
	}
	update := func(bdk string, kind KeyType, want string) {
		n := ksn(t, "123456789012345600000001")
		ik, _ := InitialKey(aesKey(t, bdk), n)
		k, err := UpdateKey(ik, n, kind)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "update key", k.Reveal(), want)
	}
	update(bdk128, AES128, "9A9770AEE1ACD1B13473D0463A1883B9")
	update(bdk128, TDES2, "4744A5ECBC62B5C4BB76FBEAE1E244A3")
	update(bdk128, TDES3, "AF82BE8533CFCA526DA71708667AD0BBC7A7517504C78C8A")
	update(bdk256, AES256, "AEFB210C136278A1279F7C8815F446DB8EBE2AA910B157AA4E6484D8DE9C4807")
}

func TestDUKPTRefuses(t *testing.T) {
	tdes, aes := tdesKey(t, canary), aesKey(t, canary)
	short, long := ksn(t, "FFFF9876543210E00001"), ksn(t, "123456789012345600000001")
	for name, f := range map[string]func() (Key, error){
		"KSN of 11 bytes":         func() (Key, error) { return InitialKey(tdes, make(KSN, 11)) },
		"BDK of another family":   func() (Key, error) { return InitialKey(aes, short) },
		"BDK of another family 2": func() (Key, error) { return InitialKey(tdes, long) },
		"single-length BDK":       func() (Key, error) { return InitialKey(tdesKey(t, canary[:16]), short) },
		"no BDK":                  func() (Key, error) { return InitialKey(Key{}, long) },
		"counter 0":               func() (Key, error) { return TransactionKey(tdes, short.With(0)) },
		"counter 0 of AES":        func() (Key, error) { return WorkingKey(aes, long.With(0), UsePIN, AES128) },
		"usage of AES":            func() (Key, error) { return WorkingKey(tdes, short, UseKeyEncryption, TDES2) },
		"kind of AES":             func() (Key, error) { return WorkingKey(tdes, short, UsePIN, AES128) },
		"stronger":                func() (Key, error) { return WorkingKey(aes, long, UsePIN, AES192) },
		"stronger HMAC":           func() (Key, error) { return WorkingKey(aes, long, UseMACRequest, HMAC256) },
		"no such kind":            func() (Key, error) { return WorkingKey(aes, long, UsePIN, KeyType{AES, 8}) },
		"no such usage":           func() (Key, error) { return WorkingKey(aes, long, 0x7777, AES128) },
		"reserved usage":          func() (Key, error) { return WorkingKey(aes, long, useInitialKey, AES128) },
		"update key of TDES":      func() (Key, error) { return UpdateKey(tdes, short, TDES2) },
		"update key under TDES":   func() (Key, error) { return UpdateKey(tdes, long, TDES2) },
		"IK of another family":    func() (Key, error) { return TransactionKey(aes, short) },
	} {
		if k, err := f(); err == nil || !k.Zero() || leaks(err.Error()) {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	if k, err := WorkingKey(aes, long, UseMACRequest, HMAC128); err != nil || k.Algorithm() != HMAC || k.Size() != 16 {
		t.Error(err)
	}
}

func TestKSN(t *testing.T) {
	// The order of ANSI X9.24-1:2009 A.4.3 and of the supplement of X9.24-3:2017.
	for _, v := range [][]string{
		{"FFFF9876543210E00000", "FFFF9876543210E00001", "FFFF9876543210E00002"},
		{"FFFF9876543210EFF800", "FFFF9876543210EFF801", "FFFF9876543210EFF802", "FFFF9876543210EFF804", "FFFF9876543210EFF808"},
		{"FFFF9876543210EFFC00", "FFFF9876543210F00000"},
		{"12345678901234560001FFFE", "123456789012345600020000", "123456789012345600020001"},
		{"1234567890123456FFFE2000", "1234567890123456FFFE4000", "1234567890123456FFFE8000", "1234567890123456FFFF0000"},
	} {
		n := ksn(t, v[0])
		for _, want := range v[1:] {
			var err error
			if n, err = n.Next(); err != nil || n.String() != want {
				t.Fatalf("got %v, %v, want %s", n, err, want)
			}
		}
	}
	for _, last := range []string{"FFFF9876543210FFF800", "1234567890123456FFFF0000", "FFFF9876543210FFFFFF", "1234567890123456FFFFFFFF"} {
		if n, err := ksn(t, last).Next(); !errors.Is(err, ErrKSNExhausted) {
			t.Errorf("after %s: %v, %v", last, n, err)
		}
	}
	if _, err := make(KSN, 3).Next(); err == nil {
		t.Error("a KSN of 3 bytes went on")
	}
	if n := ksn(t, "FFFF9876543210F00000").With(1); n.String() != "FFFF9876543210E00001" || n.Counter() != 1 {
		t.Error(n)
	}
	for _, bad := range []string{"", "FFFF", "FFFF9876543210E0000G", "FFFF9876543210E000001"} {
		if _, err := ParseKSN(bad); err == nil {
			t.Error(bad)
		}
	}
}
