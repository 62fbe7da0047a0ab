package emulator

import (
	"context"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader/magstripe"
)

// Face is the terminal's display and keys, to whoever stands before it.
type Face interface {
	Show(ctx context.Context, s Screen) error
	Ask(ctx context.Context, q Question) (Answer, error)
}

// Screen is one text on the display, in both languages.
type Screen struct {
	Chinese, English string
}

// Text returns both languages on a line each.
func (s Screen) Text() string { return s.Chinese + "\n" + s.English }

// Question is something the terminal must be told before it goes on.
type Question struct {
	Kind   QuestionKind
	Screen Screen
	Amount money.Amount // the amount in question, for AskAmount

	Choices []string // what to choose from, for AskApplication
}

// QuestionKind names a question.
type QuestionKind string

// The questions.
const (
	AskAmount  QuestionKind = "amount"  // asked twice (RULES: amount confirmed twice)
	AskReprint QuestionKind = "reprint" // after a power cut: print the last slip again?
	AskPIN     QuestionKind = "pin"     // the cardholder types it, unseen; nothing typed bypasses it

	AskApplication QuestionKind = "application" // the cardholder chooses one of the card's, or confirms the only one
)

// Answer is what was typed. The zero Answer agrees with the question.
type Answer struct {
	Amount *money.Amount // the amount as typed; nil agrees with the one shown
	Cancel bool          // the cancel key
	PIN    hsm.PIN       // to AskPIN; the zero PIN is none
	Choice int           // to AskApplication: an index into Choices
}

// What the terminal shows. A screen that depends on an answer is made by decided.
var (
	screenAmount     = Screen{"请输入金额", "ENTER AMOUNT"}
	screenAgain      = Screen{"请再次核对金额", "CONFIRM AMOUNT"}
	screenMismatch   = Screen{"两次金额不一致，交易取消", "AMOUNTS DIFFER, CANCELLED"}
	screenCancelled  = Screen{"交易取消", "CANCELLED"}
	screenSwipe      = Screen{"请刷卡", "SWIPE CARD"}
	screenUseChip    = Screen{"芯片卡，请插卡", "CHIP CARD, USE CHIP READER"}
	screenNoCard     = Screen{"未读到卡，交易取消", "NO CARD READ, CANCELLED"}
	screenDialling   = Screen{"正在联机，请稍候", "CONNECTING, PLEASE WAIT"}
	screenUnanswered = Screen{"未收到有效应答", "NO VALID ANSWER"}
	screenHostDown   = Screen{"无法连接主机，交易未发送", "HOST UNREACHABLE, NOTHING SENT"}
	screenReversing  = Screen{"未收到有效应答，正在冲正", "NO VALID ANSWER, REVERSING"}
	screenFault      = Screen{"终端故障，正在冲正", "TERMINAL FAULT, REVERSING"}
	screenReversed   = Screen{"交易已冲正", "REVERSED"}
	screenQueued     = Screen{"冲正未完成，稍后重发", "REVERSAL NOT ACKNOWLEDGED, QUEUED"}
	screenPending    = Screen{"有未完成的冲正，请稍后再试", "REVERSAL PENDING, TRY LATER"}
	screenReprint    = Screen{"上笔签购单可能未打印，重打印？", "LAST SLIP MAY NOT HAVE PRINTED. REPRINT?"}
	screenEchoed     = Screen{"线路正常", "LINE OK"}

	screenSwipeOrInsert = Screen{"请刷卡或插卡", "SWIPE OR INSERT CARD"}
	screenAnyCard       = Screen{"请刷卡、插卡或挥卡", "SWIPE, INSERT OR TAP CARD"}
	screenInsertInstead = Screen{"请插卡或刷卡", "INSERT OR SWIPE CARD INSTEAD"}
	screenTapAgain      = Screen{"请重新挥卡，勿过早移开", "TAP AGAIN, HOLD CARD STILL"}
	screenSeePhone      = Screen{"请查看手机后重新挥卡", "SEE PHONE, THEN TAP AGAIN"}
	screenChoose        = Screen{"请选择应用", "SELECT APPLICATION"}
	screenLastTry       = Screen{"请输入密码，最后一次机会", "ENTER PIN, LAST TRY"}
	screenChipFailed    = Screen{"读芯片失败，请重新插卡", "CHIP NOT READ, INSERT AGAIN"}
	screenFallback      = Screen{"芯片无法读取，请刷卡", "CHIP CANNOT BE READ, SWIPE CARD"}
	screenChipError     = Screen{"芯片卡错误，交易终止", "CHIP ERROR, TRANSACTION ENDED"}
	screenNoApplication = Screen{"不支持此卡", "CARD NOT SUPPORTED"}
	screenCardBlocked   = Screen{"卡片已锁定", "CARD BLOCKED"}
	screenAppBlocked    = Screen{"卡片应用已锁定", "APPLICATION BLOCKED"}
	screenCardRemoved   = Screen{"卡片已移开，交易终止", "CARD REMOVED, TRANSACTION ENDED"}
	screenCardDeclined  = Screen{"卡片拒绝交易，正在冲正", "DECLINED BY CARD, REVERSING"}

	screenInquiry      = Screen{"余额查询", "BALANCE INQUIRY"}
	screenPIN          = Screen{"请输入密码", "ENTER PIN"}
	screenBadCode      = Screen{"付款码无效", "NOT A PAYMENT CODE"}
	screenNoAnswer     = Screen{"未收到有效应答", "NO VALID ANSWER"}
	screenStored       = Screen{"未收到应答，已存储，稍后上送", "NO ANSWER, STORED TO BE SENT AGAIN"}
	screenNoOriginal   = Screen{"原交易不存在", "ORIGINAL TRANSACTION NOT FOUND"}
	screenAlreadyVoid  = Screen{"原交易已撤销", "ALREADY VOIDED"}
	screenNotSupported = Screen{"不支持此交易", "NOT SUPPORTED"}
	screenBatchFull    = Screen{"批次已满，请先结算", "BATCH FULL, SETTLE FIRST"}

	screenSigningOn   = Screen{"正在签到", "SIGNING ON"}
	screenSignedOn    = Screen{"签到成功", "SIGNED ON"}
	screenSignedOff   = Screen{"签退成功", "SIGNED OFF"}
	screenBadKeys     = Screen{"密钥校验错，请重新签到", "WORKING KEYS REFUSED, SIGN ON AGAIN"}
	screenReported    = Screen{"状态已上送", "STATUS REPORTED"}
	screenOperator    = Screen{"操作员签到成功", "OPERATOR SIGNED ON"}
	screenBadOperator = Screen{"操作员号错误", "BAD OPERATOR NUMBER"}
	screenDownloading = Screen{"正在下载参数", "DOWNLOADING"}
	screenDownloaded  = Screen{"下载成功", "DOWNLOAD COMPLETE"}

	screenSettling       = Screen{"正在结算", "SETTLING"}
	screenBalanced       = Screen{"对账平", "SETTLED, BALANCED"}
	screenUnbalanced     = Screen{"对账不平", "SETTLED, NOT BALANCED"}
	screenSettlePending  = Screen{"结算未完成，请重新结算", "SETTLEMENT NOT FINISHED, SETTLE AGAIN"}
	screenOfflinePending = Screen{"有未上送的交易，请稍后再结算", "STORED TRANSACTIONS NOT SENT, SETTLE LATER"}
)

// screenPINAgain follows a wrong PIN; told is what the host says of it.
func screenPINAgain(told string) Screen {
	s := Screen{"密码错，请重新输入", "WRONG PIN, ENTER AGAIN"}
	if left := triesLeft(told); left != "" {
		s.Chinese, s.English = s.Chinese+"，还可输入"+left+"次", s.English+", TRIES LEFT: "+left
	} else if told != "" {
		s.Chinese, s.English = s.Chinese+"（"+told+"）", s.English+" ("+told+")"
	}
	return s
}

// screenOriginal shows what an order is about to undo or to finish.
func screenOriginal(e Entry) Screen {
	amount := amountOf(e.Amount, e.Currency).String()
	return Screen{"原交易 " + e.STAN + " " + e.PAN + " " + amount, "ORIGINAL " + e.STAN + " " + e.PAN + " " + amount}
}

// screenBalance tells what a card may spend.
func screenBalance(a money.Amount) Screen {
	return Screen{"余额 " + a.String(), "BALANCE " + a.String()}
}

// reversing is the screen while a reversal goes out.
func reversing(c Cause) Screen {
	switch c {
	case TerminalFault:
		return screenFault
	case CardDeclined:
		return screenCardDeclined
	}
	return screenReversing
}

// readScreens says what a failed read is called, by what the reader measured.
var readScreens = map[magstripe.Verdict]Screen{
	magstripe.VerdictTooFast: {"刷卡过快，请重新刷卡", "SWIPED TOO FAST, SWIPE AGAIN"},
	magstripe.VerdictTooSlow: {"刷卡过慢，请重新刷卡", "SWIPED TOO SLOWLY, SWIPE AGAIN"},
	magstripe.VerdictWorn:    {"磁条信号弱，请重新刷卡", "WEAK STRIPE, SWIPE AGAIN"},
	magstripe.VerdictPartial: {"刷卡不完整，请重新刷卡", "PARTIAL SWIPE, SWIPE AGAIN"},
}

// screenUnreadable stands for every other verdict.
var screenUnreadable = Screen{"读卡失败，请重新刷卡", "CANNOT READ CARD, SWIPE AGAIN"}

func unread(v magstripe.Verdict) Screen {
	if s, ok := readScreens[v]; ok {
		return s
	}
	return screenUnreadable
}

// decided is the screen for an answer of the host: the code, the text of the
// response code table and what the code stands for.
func decided(c wire.Code) Screen {
	text, _ := wire.Explain(c)
	if c == wire.Approved {
		return Screen{text.Chinese, "APPROVED"}
	}
	return Screen{string(c) + " " + text.Chinese + "（" + text.Meaning + "）", string(c) + " DECLINED: " + text.English}
}

// refused is the screen for an answer that declines, with what else it says.
func refused(ans *wire.Message) Screen {
	s := decided(ans.Code)
	if told := texts(ans); told != "" {
		s.Chinese, s.English = s.Chinese+" "+told, s.English+" - "+told
	}
	return s
}
