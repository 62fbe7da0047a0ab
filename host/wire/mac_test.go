package wire

import (
	"bytes"
	"testing"
)

// TestWithMAC carries a MAC in each form and each dialect, in field 64 and in 128.
func TestWithMAC(t *testing.T) {
	eight, four := []byte("B7133B57"), []byte{0x28, 0x4C, 0x79, 0xDC}
	for _, tt := range []struct {
		dialect string
		form    MACForm
		mac     []byte
		wire    string
	}{
		{"unionpay", MACEight, eight, "4237313333423537"}, {"unionpay", MACFour, four, "284C79DC"}, {"unionpay", MACHex, eight, "34323337333133333333343233353337"},
		{"iso87bcd", MACEight, eight, "4237313333423537"}, {"iso87bcd", MACFour, four, "284C79DC"}, {"iso87bcd", MACHex, eight, "34323337333133333333343233353337"},
		{"iso87ascii", MACEight, eight, "34323337333133333333343233353337"}, {"iso87ascii", MACFour, four, "3238344337394443"}, {"iso87ascii", MACHex, eight, "34323337333133333333343233353337"},
	} {
		own, _ := ByName(tt.dialect)
		d := own.WithMAC(tt.form)
		for _, number := range []int{64, 128} {
			m := Message{MTI: "0200", STAN: "000001"}
			if number == 128 {
				m.NetworkCode = "301"
			}
			var sealed []byte
			frame, err := d.Encode(nil, &m, func(mab []byte) ([]byte, error) {
				sealed = bytes.Clone(mab)
				return tt.mac, nil
			})
			if err != nil || !bytes.HasSuffix(frame, unhex(t, tt.wire)) {
				t.Errorf("%s %d, field %d: got %X, %v, want %s at its end", tt.dialect, tt.form, number, frame, err, tt.wire)
				continue
			}
			var back Message
			mab, err := d.Decode(frame, &back)
			if err != nil || !bytes.Equal(back.MAC, tt.mac) || !bytes.Equal(mab, sealed) || !back.Present(number) {
				t.Errorf("%s %d, field %d: %X came back over %X, %v", tt.dialect, tt.form, number, back.MAC, mab, err)
			}
			if again, err := d.Encode(nil, &back, nil); err != nil || !bytes.Equal(again, frame) {
				t.Errorf("%s %d, field %d: got %X, %v", tt.dialect, tt.form, number, again, err)
			}
		}
	}
	if _, err := UnionPay().WithMAC(MACFour).Encode(nil, &Message{MTI: "0200"}, func([]byte) ([]byte, error) { return eight, nil }); err == nil {
		t.Error("eight bytes fit into four")
	}
}
