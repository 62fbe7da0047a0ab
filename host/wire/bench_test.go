package wire

import (
	"reflect"
	"testing"

	"possim/host/money"
	"possim/reader/card"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// benchMessage is a chip purchase with about twenty fields.
func benchMessage(d *Dialect) Message {
	m := Message{
		MTI: "0200", PAN: "6210947000000021", ProcessingCode: "000000", Amount: 1234, STAN: "000001", Expiry: "2912",
		EntryMode: "051", CardSequence: "001", Condition: "00", PINCapture: "12", Track2: "6210947000000021=29122010000000010",
		TID: "00000001", MID: "898100054110001", Currency: "156", PINBlock: make([]byte, 8), Security: "2600000000000000",
		Chip: make([]byte, 139), Private60: "22000001000501", Private63: "01 ", MAC: make([]byte, 8),
	}
	if d.tpdu > 0 {
		m.TPDU, m.Header = plainTPDU, plainHeader
	}
	return m
}

// BenchmarkEncode and BenchmarkDecode measure the codec; the floor beside them is
// code written for this one message in the UnionPay dialect.
func BenchmarkEncode(b *testing.B) {
	for _, name := range Names() {
		d, _ := ByName(name)
		m := benchMessage(d)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf, _ = d.Encode(buf[:0], &m, nil)
			}
		})
	}
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		m := benchMessage(UnionPay())
		want, _ := UnionPay().Encode(nil, &m, nil)
		var buf []byte
		for b.Loop() {
			buf = floorEncode(buf[:0], &m)
		}
		if string(buf) != string(want) {
			b.Fatalf("the floor writes\n%X, want\n%X", buf, want)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range Names() {
		d, _ := ByName(name)
		m := benchMessage(d)
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var got Message
			for b.Loop() {
				if _, err := d.Decode(frame, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
		if d.tpdu > 0 {
			b.Run("floor", func(b *testing.B) { benchFloorDecode(b, frame, &m) })
		}
	}
}

func benchFloorDecode(b *testing.B, frame []byte, want *Message) {
	b.ReportAllocs()
	var got Message
	for b.Loop() {
		got = Message{}
		floorDecode(frame, &got)
	}
	if got.PAN != want.PAN || got.Track2 != want.Track2 || string(got.MAC) != string(want.MAC) {
		b.Fatal("the floor reads another message")
	}
}

// BenchmarkMoov is moov's own Message on the same spec.
func BenchmarkMoov(b *testing.B) {
	for _, name := range Names() {
		d, _ := ByName(name)
		m := benchMessage(d)
		frame, _ := d.Encode(nil, &m, nil)
		if d.tpdu > 0 {
			frame = frame[tpduSize+headerSize:]
		}
		b.Run("unpack/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := iso8583.NewMessage(d.spec).Unpack(frame); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("pack/"+name, func(b *testing.B) {
			theirs := iso8583.NewMessage(d.spec)
			if err := theirs.Unpack(frame); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := theirs.Pack(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStock is moov's Message in the UnionPay dialect with moov's own BCD instead of
// ours, which refuses a track: that field keeps ours.
func BenchmarkStock(b *testing.B) {
	spec := &iso8583.MessageSpec{Fields: map[int]field.Field{}}
	lengths := map[int]prefix.Prefixer{0: prefix.BCD.Fixed, 2: prefix.BCD.LL, 3: prefix.BCD.LLL}
	for number, f := range UnionPay().spec.Fields {
		own := *f.Spec()
		if packed, ok := own.Enc.(bcd); ok && packed.of != trackData {
			own.Enc = encoding.BCD
		}
		if length, ok := own.Pref.(counted); ok {
			own.Pref = lengths[length.digits]
		}
		if fresh := reflect.New(reflect.TypeOf(f).Elem()).Interface().(field.Field); number != 1 {
			fresh.SetSpec(&own)
			f = fresh
		}
		spec.Fields[number] = f
	}
	m := benchMessage(UnionPay())
	theirs := iso8583.NewMessage(spec)
	theirs.MTI(string(m.MTI))
	fields := m.present()
	for number := fields.first(); number != 0; number = fields.first() {
		fields.Remove(number)
		if err := theirs.BinaryField(number, m.content(number, 64, nil)); err != nil {
			b.Fatal(err)
		}
	}
	frame, err := theirs.Pack()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = theirs.Pack()
		}
	})
	b.Run("unpack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := iso8583.NewMessage(spec).Unpack(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// floorEncode writes benchMessage and no other.
func floorEncode(dst []byte, m *Message) []byte {
	dst = append(append(dst, m.TPDU...), m.Header...)
	dst = floorBCD(dst, string(m.MTI))
	dst = append(dst, 0x70, 0x24, 0x06, 0xC0, 0x20, 0xC0, 0x9A, 0x13)
	dst = append(dst, floorLL(len(m.PAN)))
	dst = floorBCD(dst, string(m.PAN))
	dst = floorBCD(dst, m.ProcessingCode)
	for scale := int64(10_000_000_000); scale > 0; scale /= 100 {
		dst = append(dst, floorLL(int(m.Amount/scale%100)))
	}
	dst = floorBCD(floorBCD(dst, m.STAN), m.Expiry)
	dst = append(floorBCD(dst, m.EntryMode[:2]), m.EntryMode[2]<<4, m.CardSequence[0]&0xF)
	dst = floorBCD(floorBCD(floorBCD(dst, m.CardSequence[1:]), m.Condition), m.PINCapture)
	dst = append(dst, floorLL(len(m.Track2)))
	dst = floorBCD(dst, string(m.Track2))
	dst = append(append(append(dst, m.TID...), m.MID...), m.Currency...)
	dst = append(dst, m.PINBlock...)
	dst = floorBCD(dst, m.Security)
	dst = append(dst, byte(len(m.Chip)/100), floorLL(len(m.Chip)%100))
	dst = append(dst, m.Chip...)
	dst = append(dst, 0, floorLL(len(m.Private60)))
	dst = floorBCD(dst, m.Private60)
	dst = append(dst, 0, floorLL(len(m.Private63)))
	return append(append(dst, m.Private63...), m.MAC...)
}

func floorLL(n int) byte { return byte(n/10<<4 | n%10) }

func floorBCD(dst []byte, s string) []byte {
	for i := 0; i+1 < len(s); i += 2 {
		dst = append(dst, s[i]&0xF<<4|s[i+1]&0xF)
	}
	return dst
}

// floorDecode reads benchMessage and no other.
func floorDecode(frame []byte, m *Message) {
	m.TPDU, m.Header = frame[:5], frame[5:11]
	at := 21
	digits := func(n int) string {
		var out [64]byte
		for i := range n {
			out[i] = trackNibbles[frame[at+i/2]>>(4*(1-i&1))&0xF]
		}
		at += (n + 1) / 2
		return string(out[:n])
	}
	chars := func(n int) string {
		at += n
		return string(frame[at-n : at])
	}
	length := func() int {
		at++
		return int(frame[at-1]>>4)*10 + int(frame[at-1]&0xF)
	}
	m.PAN = card.PAN(digits(length()))
	m.ProcessingCode = digits(6)
	for _, c := range digits(12) {
		m.Amount = m.Amount*10 + int64(c-'0')
	}
	m.STAN, m.Expiry, m.EntryMode, m.CardSequence, m.Condition, m.PINCapture = digits(6), digits(4), digits(3), digits(4), digits(2), digits(2)
	m.Track2 = card.TrackData(digits(length()))
	m.TID, m.MID, m.Currency = chars(8), chars(15), money.Currency(chars(3))
	m.PINBlock = []byte(chars(8))
	m.Security = digits(16)
	m.Chip = []byte(chars(length()*100 + length()))
	m.Private60 = digits(length()*100 + length())
	m.Private63 = chars(length()*100 + length())
	m.MAC = []byte(chars(8))
}

// BenchmarkAddress finds out whose a frame is.
func BenchmarkAddress(b *testing.B) {
	for _, name := range Names() {
		d, _ := ByName(name)
		m := benchMessage(d)
		frame, _ := d.Encode(nil, &m, nil)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a, err := d.Address(frame); a.TID != m.TID || err != nil {
					b.Fatal(a, err)
				}
			}
		})
	}
}
