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
	return parseMTI([]byte{m[0], m[1], m[2] + 1, m[3] &^ 1})
}

// First returns the type of the message that m repeats: 0200 for 0201 (ISO
// 8583:1987: an odd last digit marks a repeat).
func (m MTI) First() MTI {
	if len(m) != 4 || m[3]&1 == 0 {
		return m
	}
	return parseMTI([]byte{m[0], m[1], m[2], m[3] &^ 1})
}

// exchanged are the message types above, so that one that is read is not made anew.
var exchanged = func() map[string]MTI {
	all := map[string]MTI{}
	for _, m := range []MTI{
		MTIAuthRequest, MTIFinancialRequest, MTIAdvice, MTIReversal, MTIReversalAdvice, MTIBatch, MTISettlement, MTIScript, MTINetwork, MTINotice,
		MTIAuthAnswer, MTIFinancialAnswer, MTIAdviceAnswer, MTIReversalAnswer, MTIBatchAnswer, MTISettlementAnswer, MTIScriptAnswer, MTINetworkAnswer, MTINoticeAnswer,
	} {
		all[string(m)] = m
	}
	return all
}()

func parseMTI(digits []byte) MTI {
	if m, ok := exchanged[string(digits)]; ok {
		return m
	}
	return MTI(digits)
}
