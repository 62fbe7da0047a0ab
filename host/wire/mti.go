package wire

// MTI is a message type indicator, four digits (ISO 8583:1987).
type MTI string

// The message types this terminal and host exchange.
const (
	MTIAuthRequest      MTI = "0100"
	MTIAuthAnswer       MTI = "0110"
	MTIFinancialRequest MTI = "0200"
	MTIFinancialAnswer  MTI = "0210"
	MTIAdvice           MTI = "0220"
	MTIAdviceAnswer     MTI = "0230"
	MTIReversal         MTI = "0400"
	MTIReversalAnswer   MTI = "0410"
	MTIReversalAdvice   MTI = "0420" // ISO 8583:1987, taken as a reversal
	MTIBatch            MTI = "0320" // UnionPay: upload of a batch
	MTIBatchAnswer      MTI = "0330"
	MTISettlement       MTI = "0500"
	MTISettlementAnswer MTI = "0510"
	MTIScript           MTI = "0620" // UnionPay: result of an issuer's script
	MTIScriptAnswer     MTI = "0630"
	MTINetwork          MTI = "0800"
	MTINetworkAnswer    MTI = "0810"
	MTINotice           MTI = "0820" // UnionPay: echo, sign-off, status
	MTINoticeAnswer     MTI = "0830"
)

// Answer returns the type that answers m: 0200 gives 0210, and so does 0201, which
// repeats it. It returns "" for anything that is not a request.
func (m MTI) Answer() MTI {
	if len(m) != 4 || m[2] < '0' || m[2] > '8' || (m[2]-'0')%2 != 0 {
		return ""
	}
	return m[:2] + MTI([]byte{m[2] + 1, m[3] &^ 1})
}

// First returns the type of the message that m repeats: 0200 for 0201 (ISO
// 8583:1987: an odd last digit marks a repeat).
func (m MTI) First() MTI {
	if len(m) != 4 {
		return m
	}
	return m[:3] + MTI([]byte{m[3] &^ 1})
}
