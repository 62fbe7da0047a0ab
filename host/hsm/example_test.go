package hsm_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"

	"possim/host/hsm"
)

// A terminal signs on: F62 of the answer opens under its TMK, and F64 and F52 of
// the next sale are made with what was in it.
func Example() {
	tmk, _ := hsm.ParseKey(hsm.TDES, "258FB0AB70D025CDB99DF2C4D302D646")
	f62, _ := hex.DecodeString("46F161A743497B32EAC760DF5EA57DF5900ECCE3" + "977731A7EA402DDF0000000000000000CFF1592A")
	keys, err := hsm.OpenWorkingKeys(tmk, f62)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("TPK:", keys.TPK)
	fmt.Println("TAK:", keys.TAK)

	pin, _ := hsm.ParsePIN("123456")
	f52, _ := hsm.ISO0.Encrypt(keys.TPK, pin, "6210947000000021", nil)
	fmt.Printf("F52: %X\n", f52)

	seal, _ := hsm.MACECB.Sealer(keys.TAK)
	f64, _ := seal([]byte("from the MTI through F63"))
	fmt.Printf("F64: %s\n", f64)
	// Output:
	// TPK: TDES-128 key, KCV 900ECC
	// TAK: TDES-64 key, KCV CFF159
	// F52: 0BC415260F12F644
	// F64: 4F701976
}

// The host's side of a sign-on with 60.3 = 004. A key that does not come across
// whole refuses all three.
func ExampleLayout_Build() {
	random := rand.NewChaCha8([32]byte{}) // a host in earnest hands in crypto/rand's
	tmk, _ := hsm.MakeKey(hsm.TDES, 16, random)
	layout, _ := hsm.LayoutFor("004")
	keys, _ := layout.Make(random)
	f62, _ := layout.Build(tmk, keys)
	fmt.Println(len(f62), "bytes")

	f62[37] ^= 1
	_, err := hsm.OpenWorkingKeys(tmk, f62)
	fmt.Println(err)
	fmt.Println(errors.Is(err, hsm.ErrKCV))
	// Output:
	// 60 bytes
	// working keys: TAK: the check value does not match; sign on again, and compare the TMK if it persists
	// true
}

// A TMK arrives as a TR-31 block (the example of ANSI X9.143:2021, 8.1).
func ExampleOpenKeyBlock() {
	kbpk, _ := hsm.ParseKey(hsm.AES, "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6")
	key, header, err := hsm.OpenKeyBlock(kbpk, "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557")
	fmt.Println(header.Usage, key, err)
	// Output: P0 AES-128 key, KCV 08793E <nil>
}

// Transaction 1 of ANSI X9.24-1:2009 A.4.2.
func ExampleWorkingKey() {
	bdk, _ := hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210")
	ksn, _ := hsm.ParseKSN("FFFF9876543210E00000")
	initial, _ := hsm.InitialKey(bdk, ksn) // injected into the terminal

	ksn, _ = ksn.Next()
	key, _ := hsm.WorkingKey(initial, ksn, hsm.UsePIN, hsm.TDES2)
	pin, _ := hsm.ParsePIN("1234")
	block, _ := hsm.ISO0.Encrypt(key, pin, "4012345678909", nil)
	fmt.Printf("%v %X\n", ksn, block)
	// Output: FFFF9876543210E00001 1B9C1845EB993A7A
}

// A key at rest opens only where it was put.
func ExampleWrap() {
	master, _ := hsm.ParseMaster("603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4")
	tmk, _ := hsm.ParseKey(hsm.TDES, "258FB0AB70D025CDB99DF2C4D302D646")
	stored, _ := hsm.Wrap(master, tmk, "10000001", "TMK")

	back, _ := hsm.Unwrap(master, stored, "10000001", "TMK")
	fmt.Println(back.Equal(tmk))
	_, err := hsm.Unwrap(master, stored, "10000002", "TMK")
	fmt.Println(err)
	// Output:
	// true
	// key at rest (10000002 TMK): it does not open: another master key, wrapped for another place, or changed
}
