package icc

import "encoding/binary"

// status is SW1 SW2 (ISO/IEC 7816-4, 5.6; EMV Book 3, 6.3.5).
type status uint16

// The status words this card gives.
const (
	swOK             status = 0x9000
	swMore           status = 0x6100 // and the number of bytes GET RESPONSE fetches
	swInvalidated    status = 0x6283
	swFailed         status = 0x6300
	swTries          status = 0x63C0 // and the tries that are left
	swWrongLength    status = 0x6700
	swPINBlocked     status = 0x6983
	swNoPIN          status = 0x6984
	swConditions     status = 0x6985
	swNoMAC          status = 0x6987
	swWrongMAC       status = 0x6988
	swWrongData      status = 0x6A80
	swNotSupported   status = 0x6A81 // of SELECT: the card is blocked (EMV Book 1, 12.2.2)
	swNoFile         status = 0x6A82
	swNoRecord       status = 0x6A83
	swWrongP1P2      status = 0x6A86
	swNoData         status = 0x6A88
	swWrongLe        status = 0x6C00 // and the right one
	swNoInstruction  status = 0x6D00
	swNoClass        status = 0x6E00
	swNothingCertain status = 0x6F00
)

// response is what a command gives before the transport shapes it.
type response struct {
	data []byte
	sw   status
}

func word(sw status) response { return response{sw: sw} }

func ok(data []byte) response { return response{data, swOK} }

// bytes returns data and status word.
func (r response) bytes() []byte {
	return binary.BigEndian.AppendUint16(append([]byte(nil), r.data...), uint16(r.sw))
}
