package wire

// Class says what a terminal may do after an answer (UnionPay response code table).
type Class byte

// The classes of answers.
const (
	ClassApproved Class = 'A' // done
	ClassRetry    Class = 'B' // failed, may be tried again
	ClassFinal    Class = 'C' // failed, do not try again
	ClassOperator Class = 'D' // failed, the operator must act
	ClassSystem   Class = 'E' // failed by a system fault, do not try again
)

// Text is what a response code means and what a terminal shows for it.
type Text struct {
	Code    Code
	Class   Class
	Chinese string // the display text
	Meaning string // what the code stands for, in Chinese
	English string // what the code stands for, in English
}

// unlisted is shown for a code that the table does not hold (table note 1).
var unlisted = Text{Class: ClassFinal, Chinese: "交易失败", Meaning: "未知应答码", English: "transaction failed (code not in the table)"}

// Explain returns the text of a code; ok is false, and the text says that the
// transaction failed, when the table does not hold the code.
func Explain(c Code) (text Text, ok bool) {
	i, ok := textIndex[c]
	if !ok {
		text = unlisted
		text.Code = c
		return text, false
	}
	return texts[i], true
}

var textIndex = func() map[Code]int {
	m := make(map[Code]int, len(texts))
	for i, t := range texts {
		m[t.Code] = i
	}
	return m
}()

// Display texts several codes share.
const (
	callIssuer   = "交易失败，请联系发卡行"
	keepCard     = "没收卡，请联系收单行"
	tryAgain     = "交易失败，请重试"
	tryLater     = "交易失败，请稍后重试"
	callAcquirer = "交易失败，请联系收单行或银联"
	signOnCheck  = "校验错，请重新签到"
)

// texts is the public UnionPay terminal table of response codes, classes and
// display texts. English is ours: the table has none. 45 is from the switch's own
// table, as public lists have it; its display text is ours.
var texts = []Text{
	{"00", 'A', "交易成功", "承兑或交易成功", "approved"},
	{"01", 'C', callIssuer, "查发卡行", "refer to card issuer"},
	{"02", 'C', callIssuer, "可电话向发卡行查询", "refer to card issuer by telephone"},
	{"03", 'C', "商户未登记", "无效商户", "invalid merchant"},
	{"04", 'D', keepCard, "没收卡", "pick up card"},
	{"05", 'C', callIssuer, "发卡行不予承兑", "do not honour"},
	{"06", 'E', callIssuer, "发卡行故障", "issuer fault"},
	{"07", 'D', keepCard, "特殊条件下没收卡", "pick up card, special condition"},
	{"09", 'B', tryAgain, "请求正在处理中", "request in progress"},
	{"12", 'C', tryAgain, "无效交易", "invalid transaction"},
	{"13", 'B', "交易金额超限，请重试", "无效金额", "invalid amount"},
	{"14", 'B', "无效卡号，请联系发卡行", "无效卡号", "invalid card number"},
	{"15", 'C', "此卡不能受理", "无此发卡方", "no such issuer"},
	{"19", 'C', callIssuer, "刷卡读取数据有误，可重新刷卡", "card data read wrong, swipe again"},
	{"20", 'C', callIssuer, "无效应答", "invalid response"},
	{"21", 'C', callIssuer, "不做任何处理", "no action taken"},
	{"22", 'C', "操作有误，请重试", "状态与中心不符，可重新签到", "suspected malfunction, sign on again"},
	{"23", 'C', callIssuer, "不可接受的交易费", "unacceptable fee"},
	{"25", 'C', callIssuer, "未能找到文件上记录", "original not found"},
	{"30", 'C', tryAgain, "格式错误", "format error"},
	{"31", 'C', "此卡不能受理", "银联不支持的银行", "bank not supported"},
	{"33", 'D', "过期卡，请联系发卡行", "过期的卡，可以没收", "expired card, pick up"},
	{"34", 'D', keepCard, "有作弊嫌疑", "suspected fraud"},
	{"35", 'D', keepCard, "受卡方与代理方联系", "contact acquirer"},
	{"36", 'D', "此卡有误，请换卡重试", "受限制的卡（止付）", "restricted card, payment stopped"},
	{"37", 'D', keepCard, "受卡方呼叫代理方安全部门", "call acquirer security"},
	{"38", 'D', "密码错误次数超限", "超过允许的PIN试输入", "PIN tries exceeded, pick up"},
	{"39", 'C', callIssuer, "无贷记账户", "no credit account"},
	{"40", 'C', callIssuer, "请求的功能尚不支持", "function not supported"},
	{"41", 'D', keepCard, "挂失卡", "lost card"},
	{"42", 'B', "交易失败，请联系发卡方", "无此账户", "no such account"},
	{"43", 'D', keepCard, "被窃卡", "stolen card"},
	{"44", 'C', callIssuer, "无此投资账户", "no investment account"},
	{"45", 'C', "请使用芯片", "不允许降级使用", "chip card: use the chip"},
	{"51", 'C', "余额不足，请查询", "资金不足", "insufficient funds"},
	{"52", 'C', callIssuer, "无此支票账户", "no checking account"},
	{"53", 'C', callIssuer, "无此储蓄卡账户", "no savings account"},
	{"54", 'C', "过期卡，请联系发卡行", "过期的卡", "expired card"},
	{"55", 'C', "密码错，请重试", "不正确的PIN", "wrong PIN"},
	{"56", 'C', callIssuer, "无此卡记录", "no card record"},
	{"57", 'C', callIssuer, "不允许持卡人进行的交易", "not permitted to cardholder"},
	{"58", 'C', "终端无效，请联系收单行或银联", "不允许终端进行的交易", "not permitted to terminal"},
	{"59", 'C', callIssuer, "有作弊嫌疑", "suspected fraud"},
	{"60", 'C', callIssuer, "受卡方与代理方联系", "contact acquirer"},
	{"61", 'C', "金额太大", "超出金额限制", "exceeds amount limit"},
	{"62", 'C', callIssuer, "受限制的卡", "restricted card"},
	{"63", 'C', callIssuer, "侵犯安全", "security violation"},
	{"64", 'C', callIssuer, "原始金额不正确", "original amount incorrect"},
	{"65", 'C', "超出取款次数限制", "超出消费次数限制", "exceeds count limit"},
	{"66", 'C', callAcquirer, "受卡方呼叫受理方安全部门", "call acquirer security"},
	{"67", 'C', "没收卡", "捕捉（没收卡）", "pick up card at ATM"},
	{"68", 'C', "交易超时，请重试", "收到的回答太迟", "answer received too late"},
	{"75", 'C', "密码错误次数超限", "允许的输入PIN次数超限", "PIN tries exceeded"},
	{"77", 'D', "请向网络中心签到", "批次与网络中心不一致", "batch differs, sign on again"},
	{"79", 'C', "POS终端重传脱机数据", "脱机对账不平", "offline totals differ, upload again"},
	{"90", 'C', tryLater, "日期切换正在处理", "cut-over in progress"},
	{"91", 'C', tryLater, "发卡行或网络中心不能操作", "issuer or switch inoperative"},
	{"92", 'C', tryLater, "金融机构或中间网络设施找不到或无法达到", "no route to institution"},
	{"93", 'C', callIssuer, "交易违法，不能完成", "violation of law"},
	{"94", 'C', tryLater, "重复交易", "duplicate transaction"},
	{"95", 'C', tryLater, "调节控制错", "reconciliation error"},
	{"96", 'C', tryLater, "系统异常、失效", "system malfunction"},
	{"97", 'D', "终端未登记，请联系收单行或银联", "POS终端号找不到", "terminal not registered"},
	{"98", 'E', "交易超时，请重试", "银联收不到发卡行应答", "no answer from issuer"},
	{"99", 'B', signOnCheck, "PIN格式错", "PIN block format error"},
	{"A0", 'B', signOnCheck, "MAC鉴别失败", "MAC verification failed"},
	// The terminal's own, of a chip (EMV Book 4 Annex A6): no host sends them.
	{"Y1", 'A', "脱机交易成功", "脱机批准", "approved offline"},
	{"Y3", 'A', "脱机交易成功", "不能联机，脱机批准", "unable to go online, approved offline"},
	{"Z1", 'C', "脱机交易失败", "脱机拒绝", "declined offline"},
	{"Z3", 'C', "脱机交易失败", "不能联机，脱机拒绝", "unable to go online, declined offline"},
}
