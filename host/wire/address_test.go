package wire

import "testing"

// TestAddress agrees with Decode, in every dialect, and reads past what is broken behind.
func TestAddress(t *testing.T) {
	for _, name := range Names() {
		d, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		m := Message{MTI: MTIFinancialAnswer, PAN: "6222020000000015", ProcessingCode: "000000", Amount: 1, STAN: "000123", Code: Approved, RRN: "060100000123", TID: "00000042", MID: "898100054110001"}
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := Address{MTI: MTIFinancialAnswer, STAN: "000123", TID: "00000042"}
		if got, err := d.Address(frame); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got, err := d.Address(frame[:len(frame)-1]); err != nil || got != want {
			t.Errorf("%s, cut short behind it: %+v, %v", name, got, err)
		}
		for n := range len(frame) - 20 {
			if got, err := d.Address(frame[:n]); err == nil && got == want {
				t.Errorf("%s: %d bytes are enough", name, n)
			}
		}
		m.TID, m.STAN = "", ""
		if frame, err = d.Encode(nil, &m, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Address(frame); err != nil || got != (Address{MTI: MTIFinancialAnswer}) {
			t.Errorf("%s, without fields: %+v, %v", name, got, err)
		}
	}
}

func TestAddressAnswers(t *testing.T) {
	req := Address{MTIFinancialRequest, "000001", "00000001"}
	for ans, want := range map[Address]bool{
		{MTIFinancialAnswer, "000001", "00000001"}: true,
		{MTIFinancialAnswer, "000001", ""}:         true,
		{MTIFinancialAnswer, "", "00000001"}:       true,
		{MTIFinancialAnswer, "000002", "00000001"}: false,
		{MTIFinancialAnswer, "000001", "00000002"}: false,
		{MTIReversalAnswer, "000001", "00000001"}:  false,
	} {
		if ans.Answers(req) != want {
			t.Errorf("%+v: want %v", ans, want)
		}
	}
}
