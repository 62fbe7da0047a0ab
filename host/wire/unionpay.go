package wire

import (
	"sync"
)

// UnionPay returns the dialect unionpay, the direct-POS dialect of China UnionPay:
// TPDU (5 bytes), header (6), then MTI, bitmap and fields, numbers packed BCD.
func UnionPay() *Dialect { return unionPay() }

var unionPay = sync.OnceValue(func() *Dialect {
	d := newDialect("unionpay", amend(iso87, unionPayRows), unionPayKinds, coding{
		digits: bcd{right: true}, bits: text{}, content: inUnionPay, length: packedLength,
	})
	others := otherForms(amend(iso87, unionPayRows))
	d.others = &others
	d.tpdu, d.header, d.gbk = tpduSize, headerSize, true
	return d
})

// unionPayRows is where UnionPay's table differs from ISO 8583:1987. The rest
// stands as it is there, in this dialect's packing, so that a field UnionPay does
// not use but another acquirer sends can still be read; none of those was seen.
//
// Lengths are those that the length digits can say where terminals in the field
// exceed the published ones: track data grows when it is encrypted (19 digits of
// PAN give 39 characters, whole blocks 48, whole blocks of characters 96, and of
// track 3 112), field 44 carries text, and the private fields (48: 322, 54: 20, 57 and 58: 100, 60: 17, 61: 29, 62: 512, 63: 163) vary
// from acquirer to acquirer.
var unionPayRows = []row{
	{35, 'z', 2, 99, "track 2 data", "2 磁道数据"},
	{36, 'z', 3, 128, "track 3 data", "3 磁道数据"},
	{44, 's', 2, 99, "additional response data", "附加响应数据"},
	{47, 'b', 3, 999, "additional data, national", "附加数据-国家"},
	{48, 'n', 3, 999, "additional data, private", "附加数据-私有"},
	{54, 's', 3, 999, "balance", "余额"},
	{57, 's', 3, 999, "additional transaction data", "附加交易信息"},
	{58, 's', 3, 999, "electronic purse data", "PBOC 电子钱包标准的交易信息"},
	{59, 's', 3, 999, "code payment and terminal data", "自定义域（扫码、终端信息）"},
	{60, 'n', 3, 999, "type, batch and network code", "自定义域"},
	{61, 'n', 3, 999, "original transaction", "原始信息域"},
	{62, 'b', 3, 999, "keys, parameters and downloads", "自定义域"},
	{63, 's', 3, 999, "operator, scheme and texts", "自定义域"},
}

// inUnionPay is ISO87B's packing with F22 at the left of its two bytes and
// track 3 packed as track 2 is.
func inUnionPay(r row) coder {
	switch {
	case r.number == 22:
		return bcd{}
	case r.kind == 'z':
		return bcd{of: trackData}
	}
	return packed(r)
}
