package host

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/host/wire"
)

// publishedSums are the check sums published beside the keys.
var publishedSums = map[string]string{
	"08": "EE23B616C95C02652AD18860E48787C079E8E85A",
	"09": "A075306EAB0045BAF72CDD33B3B678779DE1F527",
	"0A": "C88BE6B2417C4F941C9371EA35A377158767E4E3",
	"0B": "BD331F9996A490B33C13441066A09AD3FEB5F66C",
}

func TestPublishedDownloads(t *testing.T) {
	for index, modulus := range publishedCAPKs {
		b, err := hex.DecodeString(unionPayRID + index + modulus + "03")
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%X", sha1.Sum(b)); got != publishedSums[index] {
			t.Errorf("key %s: check sum %s, want %s", index, got, publishedSums[index])
		}
	}
	d := PublishedDownloads()
	for i, e := range d.CAPKs {
		tlvs, err := wire.ParseTLV(e)
		names, _ := wire.Entries(e)
		if err != nil || len(tlvs) != 8 || len(names) != 1 || names[0].AID != unionPayRID {
			t.Errorf("key %d: %v, %+v", i, err, names)
		}
		if got := strings.ToUpper(hex.EncodeToString(tlvs[7].Value)); got != publishedSums[names[0].Index] {
			t.Errorf("key %s: DF03 is %s", names[0].Index, got)
		}
	}
	for i, e := range d.AIDs {
		tlvs, err := wire.ParseTLV(e)
		if err != nil || len(tlvs) != 16 || fmt.Sprintf("%X", []byte(tlvs[0].Value)) != publishedAIDs[i] {
			t.Errorf("application %d: %v, %d objects", i, err, len(tlvs))
		}
	}
	w := newWorld(t)
	tx, _ := wire.UnionPay().Transaction(wire.CAPKQuery)
	m := wire.Message{TID: "00000001", MID: "898100054110001", Private62: []byte("100")}
	tx.Start(&m)
	l, err := wire.ParseList(w.h.Decide(t.Context(), Request{Message: m}).Answer.Private62)
	if names, _ := wire.Entries(l.Objects); err != nil || l.State != wire.ListWhole || len(names) != 4 {
		t.Errorf("a host without anything else lists %v, %v", names, err)
	}
	w.h.Downloads.CAPKs = [][]byte{}
	if l, err := wire.ParseList(w.h.Decide(t.Context(), Request{Message: m}).Answer.Private62); err != nil || l.State != wire.ListEmpty {
		t.Errorf("a host with no keys lists %c, %v", l.State, err)
	}
}
