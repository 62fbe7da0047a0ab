package mac_test

import (
	"fmt"

	"possim/reader/mac"
)

// The MAB of a public UnionPay sale, its blocks of eight already XORed into one.
func ExampleECBField() {
	mak, err := mac.NewTDES([]byte("\x31\x32\x15\xFD\xA2\xC4\xAB\x4C"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F64 = %s\n", mac.ECBField(mak, []byte("\x8D\xBA\x29\x33\xC4\xB6\xC3\x79")))
	// Output: F64 = B7133B57
}

func ExampleRetail() {
	key, _ := mac.NewTDES([]byte("\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC\xBA\x98\x76\x54\x32\x10"))
	fmt.Printf("%X\n", mac.Retail(key, []byte("Now is the time for all "), mac.Zeros))
	fmt.Println(key)
	// Output:
	// A1C72E74EA3FA9B6
	// DES key of 16 bytes
}
