package wire

// sub60Parts shows field 60, as far as it goes.
func sub60Parts(s string) []ShownPart {
	sub := ParseSub60(s)
	values, sizes := sub.parts()
	var parts []ShownPart
	read := 0
	for i, value := range values {
		if *value == "" {
			break
		}
		read += sizes[i]
		parts = append(parts, ShownPart{Label: "60." + string(rune('1'+i)), Name: sub60Names[i], Value: *value, Means: sub60Means[i][*value]})
	}
	if rest := s[min(read, len(s)):]; rest != "" && len(parts) > 0 {
		parts = append(parts, ShownPart{Label: "60", Name: "rest", Value: rest})
	}
	return parts
}

var sub60Names = []string{
	"transaction type 交易类型码", "batch 批次号", "network code 网络管理信息码", "terminal reads 终端读取能力",
	"chip condition IC卡条件代码", "partial approval 支持部分扣款", "account type 账户类型",
}

// sub60Means is UnionPay's table of field 60.
var sub60Means = []map[string]string{
	{
		"00": "management 管理", "01": "balance 余额查询", "03": "points 积分查询", "07": "signature upload 电子签名上送", "10": "pre-authorisation 预授权",
		"11": "pre-authorisation cancel 预授权撤销", "20": "completion 预授权完成（请求）", "21": "completion void 预授权完成撤销",
		"22": "sale 消费", "23": "void 消费撤销", "24": "completion notice 预授权完成（通知）", "25": "refund 退货", "27": "chip refund 脱机退货",
		"30": "offline settlement 离线结算", "32": "adjustment 结算调整", "34": "tip adjustment 追加小费", "36": "offline chip sale 脱机消费",
		"40": "load 圈存", "45": "load 圈存", "46": "cash load 现金充值", "47": "non-account load 非指定账户圈存", "48": "stripe load 磁条卡充值",
		"49": "stripe load 磁条卡充值", "51": "cash load void 现金充值撤销", "53": "reservation void 预约消费撤销", "54": "reservation sale 预约消费",
	},
	nil,
	{
		"000": "financial 金融交易", "001": "sign-on, single-length keys 签到（单倍长）", "002": "sign-off 签退", "003": "sign-on, double-length keys 签到（双倍长）",
		"004": "sign-on, with a track key 签到（含磁道密钥）", "005": "sign-on 签到", "201": "settlement 批结算", "202": "batch end, not balanced 批上送结束（不平）",
		"203": "chip transactions 成功的IC卡联机交易", "204": "chip notices IC卡通知交易", "205": "chip transactions, not balanced IC卡联机交易（不平）",
		"206": "chip notices, not balanced IC卡通知交易（不平）", "207": "batch end 批上送结束（平）", "208": "load confirmation 圈存确认", "209": "load confirmation 圈存确认",
		"301": "echo 回响测试", "360": "parameters 参数下载", "361": "parameters end 参数下载结束", "362": "status 状态上送", "364": "TMS", "365": "TMS",
		"370": "CAPK download 公钥下载", "371": "CAPK download end 公钥下载结束", "372": "CAPK query 公钥查询", "373": "CAPK query, SM2 国密公钥查询",
		"380": "AID download IC卡参数下载", "381": "AID download end IC卡参数下载结束", "382": "AID query IC卡参数查询", "390": "blacklist 黑名单下载",
		"394": "contactless parameters 非接参数下载", "395": "contactless parameters end 非接参数下载结束", "401": "cashier sign-on 收银员签到",
		"800": "signature upload 电子签名上送", "951": "script result 脚本结果",
	},
	{"0": "unknown", "2": "stripe only 仅磁条", "5": "contact chip 接触IC", "6": "contactless and contact chip 接触/非接IC"},
	{"0": "unused, or not known", "1": "the transaction before was no chip's, or a chip that could be read", "2": "the chip could not be read before"},
	{"0": "no", "1": "yes"},
	{"000": "default"},
}
