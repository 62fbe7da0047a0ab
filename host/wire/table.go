package wire

// A row describes one field: what it holds, not how an encoding writes it.
type row struct {
	number  int
	kind    byte // n digits, x sign and digits, s characters, z track data, b bytes
	vary    int  // 0 fixed, 2 LLVAR, 3 LLLVAR
	most    int  // characters, digits or bytes: exactly when fixed, at most otherwise
	name    string
	chinese string
}

// iso87 is ISO 8583:1987 as its users have it (jPOS's GenericPackager definitions
// iso87ascii.xml and iso87binary.xml give the same kinds and lengths). Field 65, a
// third bitmap, is left out. Field 55 holds EMV data, as everywhere today.
var iso87 = []row{
	{2, 'n', 2, 19, "primary account number", "主账号"},
	{3, 'n', 0, 6, "processing code", "交易处理码"},
	{4, 'n', 0, 12, "amount, transaction", "交易金额"},
	{5, 'n', 0, 12, "amount, settlement", "清算金额"},
	{6, 'n', 0, 12, "amount, cardholder billing", "持卡人扣账金额"},
	{7, 'n', 0, 10, "transmission date and time", "交易传输时间"},
	{8, 'n', 0, 8, "amount, cardholder billing fee", "持卡人扣账手续费"},
	{9, 'n', 0, 8, "conversion rate, settlement", "清算汇率"},
	{10, 'n', 0, 8, "conversion rate, cardholder billing", "持卡人扣账汇率"},
	{11, 'n', 0, 6, "system trace audit number", "受卡方系统跟踪号"},
	{12, 'n', 0, 6, "time, local transaction", "受卡方所在地时间"},
	{13, 'n', 0, 4, "date, local transaction", "受卡方所在地日期"},
	{14, 'n', 0, 4, "date, expiration", "卡有效期"},
	{15, 'n', 0, 4, "date, settlement", "清算日期"},
	{16, 'n', 0, 4, "date, conversion", "兑换日期"},
	{17, 'n', 0, 4, "date, capture", "受理日期"},
	{18, 'n', 0, 4, "merchant type", "商户类型"},
	{19, 'n', 0, 3, "acquiring institution country code", "受理机构国家代码"},
	{20, 'n', 0, 3, "PAN extended country code", "主账号国家代码"},
	{21, 'n', 0, 3, "forwarding institution country code", "发送机构国家代码"},
	{22, 'n', 0, 3, "point of service entry mode", "服务点输入方式码"},
	{23, 'n', 0, 3, "card sequence number", "卡序列号"},
	{24, 'n', 0, 3, "network international identifier", "网络国际标识"},
	{25, 'n', 0, 2, "point of service condition code", "服务点条件码"},
	{26, 'n', 0, 2, "point of service PIN capture code", "服务点 PIN 获取码"},
	{27, 'n', 0, 1, "authorization identification response length", "授权标识应答码长度"},
	{28, 'x', 0, 9, "amount, transaction fee", "交易手续费"},
	{29, 'x', 0, 9, "amount, settlement fee", "清算手续费"},
	{30, 'x', 0, 9, "amount, transaction processing fee", "交易处理费"},
	{31, 'x', 0, 9, "amount, settlement processing fee", "清算处理费"},
	{32, 'n', 2, 11, "acquiring institution identification code", "受理方标识码"},
	{33, 'n', 2, 11, "forwarding institution identification code", "发送机构标识码"},
	{34, 's', 2, 28, "primary account number, extended", "扩展主账号"},
	{35, 'z', 2, 37, "track 2 data", "2 磁道数据"},
	{36, 'z', 3, 104, "track 3 data", "3 磁道数据"},
	{37, 's', 0, 12, "retrieval reference number", "检索参考号"},
	{38, 's', 0, 6, "authorization identification response", "授权标识应答码"},
	{39, 's', 0, 2, "response code", "应答码"},
	{40, 's', 0, 3, "service restriction code", "服务限制码"},
	{41, 's', 0, 8, "card acceptor terminal identification", "受卡机终端标识码"},
	{42, 's', 0, 15, "card acceptor identification code", "受卡方标识码"},
	{43, 's', 0, 40, "card acceptor name and location", "受卡方名称地址"},
	{44, 's', 2, 25, "additional response data", "附加响应数据"},
	{45, 's', 2, 76, "track 1 data", "1 磁道数据"},
	{46, 's', 3, 999, "additional data, ISO", "附加数据-ISO"},
	{47, 's', 3, 999, "additional data, national", "附加数据-国家"},
	{48, 's', 3, 999, "additional data, private", "附加数据-私有"},
	{49, 's', 0, 3, "currency code, transaction", "交易货币代码"},
	{50, 's', 0, 3, "currency code, settlement", "清算货币代码"},
	{51, 's', 0, 3, "currency code, cardholder billing", "持卡人账户货币代码"},
	{52, 'b', 0, 8, "PIN data", "个人标识码数据"},
	{53, 'n', 0, 16, "security related control information", "安全控制信息"},
	{54, 's', 3, 120, "additional amounts", "附加金额"},
	{55, 'b', 3, 999, "integrated circuit card data", "IC 卡数据域"},
	{56, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{57, 's', 3, 999, "reserved, national", "保留-国家"},
	{58, 's', 3, 999, "reserved, national", "保留-国家"},
	{59, 's', 3, 999, "reserved, national", "自定义域"},
	{60, 's', 3, 999, "reserved, private", "自定义域"},
	{61, 's', 3, 999, "reserved, private", "原始信息域"},
	{62, 's', 3, 999, "reserved, private", "自定义域"},
	{63, 's', 3, 999, "reserved, private", "自定义域"},
	{64, 'b', 0, 8, "message authentication code", "报文鉴别码"},
	{66, 'n', 0, 1, "settlement code", "清算码"},
	{67, 'n', 0, 2, "extended payment code", "扩展支付码"},
	{68, 'n', 0, 3, "receiving institution country code", "接收机构国家代码"},
	{69, 'n', 0, 3, "settlement institution country code", "清算机构国家代码"},
	{70, 'n', 0, 3, "network management information code", "网络管理信息码"},
	{71, 'n', 0, 4, "message number", "报文编号"},
	{72, 'n', 0, 4, "message number, last", "最后报文编号"},
	{73, 'n', 0, 6, "date, action", "动作日期"},
	{74, 'n', 0, 10, "credits, number", "贷记笔数"},
	{75, 'n', 0, 10, "credits, reversal number", "冲正贷记笔数"},
	{76, 'n', 0, 10, "debits, number", "借记笔数"},
	{77, 'n', 0, 10, "debits, reversal number", "冲正借记笔数"},
	{78, 'n', 0, 10, "transfers, number", "转账笔数"},
	{79, 'n', 0, 10, "transfers, reversal number", "冲正转账笔数"},
	{80, 'n', 0, 10, "inquiries, number", "查询笔数"},
	{81, 'n', 0, 10, "authorizations, number", "授权笔数"},
	{82, 'n', 0, 12, "credits, processing fee amount", "贷记处理费金额"},
	{83, 'n', 0, 12, "credits, transaction fee amount", "贷记手续费金额"},
	{84, 'n', 0, 12, "debits, processing fee amount", "借记处理费金额"},
	{85, 'n', 0, 12, "debits, transaction fee amount", "借记手续费金额"},
	{86, 'n', 0, 16, "credits, amount", "贷记总金额"},
	{87, 'n', 0, 16, "credits, reversal amount", "冲正贷记金额"},
	{88, 'n', 0, 16, "debits, amount", "借记总金额"},
	{89, 'n', 0, 16, "debits, reversal amount", "冲正借记金额"},
	{90, 'n', 0, 42, "original data elements", "原始数据元"},
	{91, 's', 0, 1, "file update code", "文件修改编码"},
	{92, 's', 0, 2, "file security code", "文件安全码"},
	{93, 's', 0, 6, "response indicator", "应答标识"},
	{94, 's', 0, 7, "service indicator", "服务标识"},
	{95, 's', 0, 42, "replacement amounts", "替换金额"},
	{96, 'b', 0, 16, "message security code", "报文安全码"},
	{97, 'x', 0, 17, "amount, net settlement", "净清算金额"},
	{98, 's', 0, 25, "payee", "收款人"},
	{99, 'n', 2, 11, "settlement institution identification code", "清算机构标识码"},
	{100, 'n', 2, 11, "receiving institution identification code", "接收机构标识码"},
	{101, 's', 2, 17, "file name", "文件名"},
	{102, 's', 2, 28, "account identification 1", "账户标识 1"},
	{103, 's', 2, 28, "account identification 2", "账户标识 2"},
	{104, 's', 3, 100, "transaction description", "交易描述"},
	{105, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{106, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{107, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{108, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{109, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{110, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{111, 's', 3, 999, "reserved, ISO", "保留-ISO"},
	{112, 's', 3, 999, "reserved, national", "保留-国家"},
	{113, 's', 3, 999, "reserved, national", "保留-国家"},
	{114, 's', 3, 999, "reserved, national", "保留-国家"},
	{115, 's', 3, 999, "reserved, national", "保留-国家"},
	{116, 's', 3, 999, "reserved, national", "保留-国家"},
	{117, 's', 3, 999, "reserved, national", "保留-国家"},
	{118, 's', 3, 999, "reserved, national", "保留-国家"},
	{119, 's', 3, 999, "reserved, national", "保留-国家"},
	{120, 's', 3, 999, "reserved, private", "保留-私有"},
	{121, 's', 3, 999, "reserved, private", "保留-私有"},
	{122, 's', 3, 999, "reserved, private", "保留-私有"},
	{123, 's', 3, 999, "reserved, private", "保留-私有"},
	{124, 's', 3, 999, "reserved, private", "保留-私有"},
	{125, 's', 3, 999, "reserved, private", "保留-私有"},
	{126, 's', 3, 999, "reserved, private", "保留-私有"},
	{127, 's', 3, 999, "reserved, private", "保留-私有"},
	{128, 'b', 0, 8, "message authentication code", "报文鉴别码"},
}

// amend returns rows with some of them replaced.
func amend(rows, changes []row) []row {
	byNumber := make(map[int]row, len(changes))
	for _, c := range changes {
		byNumber[c.number] = c
	}
	amended := make([]row, len(rows))
	for i, r := range rows {
		amended[i] = r
		if c, ok := byNumber[r.number]; ok {
			amended[i] = c
		}
	}
	return amended
}
