package wire

// unionPayKinds is UnionPay's table of transactions.
//
// Which are reversed: those that move money when they are approved, except a
// refund, which a person sorts out, and a notice, which is sent again until it is
// answered: that of a completion, and that of a sale the chip approved offline. A balance inquiry moves nothing. Which are sealed: the financial ones,
// reversals and script results; management, settlement and upload carry no MAC.
//
// KindOf takes the first that fits, so a code comes before a card, and what field
// 25 or 60.1 narrows after what leaves them open.
var unionPayKinds = []Transaction{
	{Kind: QR, Chinese: "扫码支付", Request: MTIFinancialRequest, Processing: "000000", Condition: "00", Type: "22", Network: "000", EntryMode: "032", Reversible: true, Sealed: true, Financial: true},
	{Kind: Purchase, Chinese: "消费", Request: MTIFinancialRequest, Processing: "000000", Condition: "00", Type: "22", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: Void, Chinese: "消费撤销", Request: MTIFinancialRequest, Processing: "200000", Condition: "00", Type: "23", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: Refund, Chinese: "退货", Request: MTIAdvice, Processing: "200000", Condition: "00", Type: "25", Network: "000", Sealed: true, Financial: true},
	{Kind: PreAuth, Chinese: "预授权", Request: MTIAuthRequest, Processing: "030000", Condition: "06", Type: "10", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: PreAuthCancel, Chinese: "预授权撤销", Request: MTIAuthRequest, Processing: "200000", Condition: "06", Type: "11", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: Completion, Chinese: "预授权完成（请求）", Request: MTIFinancialRequest, Processing: "000000", Condition: "06", Type: "20", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: CompletionNotice, Chinese: "预授权完成（通知）", Request: MTIAdvice, Processing: "000000", Condition: "06", Type: "24", Network: "000", Sealed: true, Financial: true},
	{Kind: OfflineSale, Chinese: "离线结算", Request: MTIAdvice, Processing: "000000", Condition: "00", Type: "30", Network: "000", Sealed: true, Financial: true},
	{Kind: CompletionVoid, Chinese: "预授权完成撤销", Request: MTIFinancialRequest, Processing: "200000", Condition: "06", Type: "21", Network: "000", Reversible: true, Sealed: true, Financial: true},
	{Kind: Balance, Chinese: "余额查询", Request: MTIFinancialRequest, Processing: "310000", Condition: "00", Type: "01", Network: "000", Sealed: true, Financial: true},
	{Kind: Reversal, Chinese: "冲正", Request: MTIReversal, Sealed: true},

	{Kind: SignOn, Chinese: "签到", Request: MTINetwork, Type: "00", Network: "003", networks: "001 004 005"},
	{Kind: SignOff, Chinese: "签退", Request: MTINotice, Type: "00", Network: "002"},
	{Kind: Echo, Chinese: "回响测试", Request: MTINotice, Type: "00", Network: "301"},
	{Kind: Status, Chinese: "状态上送", Request: MTINotice, Type: "00", Network: "362"},
	{Kind: Settlement, Chinese: "批结算", Request: MTISettlement, Type: "00", Network: "201", alone: true},
	{Kind: BatchUpload, Chinese: "批上送", Request: MTIBatch, Type: "00", Network: "201", networks: "203 204 205 206 208 209"},
	{Kind: BatchEnd, Chinese: "批上送结束", Request: MTIBatch, Type: "00", Network: "207", networks: "202"},
	{Kind: ScriptResult, Chinese: "脚本结果通知", Request: MTIScript, Type: "00", Network: "951", Sealed: true, alone: true},

	{Kind: ParameterDownload, Chinese: "终端参数下载", Request: MTINetwork, Type: "00", Network: "360"},
	{Kind: ParameterEnd, Chinese: "终端参数下载结束", Request: MTINetwork, Type: "00", Network: "361"},
	{Kind: CAPKQuery, Chinese: "公钥查询", Request: MTINotice, Type: "00", Network: "372", networks: "373"},
	{Kind: CAPKDownload, Chinese: "公钥下载", Request: MTINetwork, Type: "00", Network: "370"},
	{Kind: CAPKEnd, Chinese: "公钥下载结束", Request: MTINetwork, Type: "00", Network: "371"},
	{Kind: AIDQuery, Chinese: "AID 参数查询", Request: MTINotice, Type: "00", Network: "382"},
	{Kind: AIDDownload, Chinese: "AID 参数下载", Request: MTINetwork, Type: "00", Network: "380"},
	{Kind: AIDEnd, Chinese: "AID 参数下载结束", Request: MTINetwork, Type: "00", Network: "381"},
}

// iso87Kinds is the same for ISO 8583:1987, where field 60 is optional and field 70
// says what a network management message wants. Its messages are UnionPay's where
// the standard has them; uploads, downloads and script results it has not.
var iso87Kinds = func() []Transaction {
	var kinds []Transaction
	for _, t := range unionPayKinds {
		switch t.Kind {
		case SignOn:
			t.Code70 = "001"
		case SignOff:
			t.Request, t.Code70 = MTINetwork, "002"
		case Echo: // no terminal's batch is in it
			t = Transaction{Kind: Echo, Chinese: t.Chinese, Request: MTINetwork, Code70: "301"}
		case PreAuth: // a plain authorisation, with no field 60, is one too
			t.also = "00"
		}
		if !onlyUnionPay[t.Kind] {
			kinds = append(kinds, t)
		}
	}
	return kinds
}()

var onlyUnionPay = map[Kind]bool{
	Status: true, BatchUpload: true, BatchEnd: true, ScriptResult: true,
	ParameterDownload: true, ParameterEnd: true, CAPKQuery: true, CAPKDownload: true, CAPKEnd: true,
	AIDQuery: true, AIDDownload: true, AIDEnd: true,
}
