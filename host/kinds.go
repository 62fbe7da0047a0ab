package host

import "possim/host/wire"

// kind is what a message asks for; a set of kinds says to which a rule applies.
type kind uint32

const (
	sale kind = 1 << iota // wire.Purchase
	qr
	preAuth
	void
	refund
	cancel         // of a pre-authorisation
	completion     // request and notice
	completionVoid // of a completion
	offline        // a sale that the chip approved, told afterwards
	inquiry        // balance
	reversal
	signOn
	signOff
	echo
	report // a status, the end of a download: taken note of
	settlement
	upload
	batchEnd
	script
	download
	other // a request that is not served
	end

	every = end - 1

	pays    = sale | qr | preAuth                                  // limits and status are checked for these
	follows = void | refund | cancel | completion | completionVoid // each names an earlier one
	undoes  = void | cancel | completion | completionVoid          // ... and takes it back, or its place
	orders  = pays | follows | inquiry | offline                   // recorded under a key of their own
	moves   = pays | follows | reversal | offline                  // carry an amount
	sealed  = orders | reversal | script                           // request and answer carry a MAC

	// reversible is what a reversal takes back. Balance, refund, offline sale and
	// completion notice never are (the notice is told by its message type).
	reversible = pays | void | cancel | completion | completionVoid
)

// names are the words of records and logs.
var names = map[kind]string{
	sale: "sale", qr: "qr payment", preAuth: "pre-authorisation", void: "void", refund: "refund",
	cancel: "pre-authorisation cancel", completion: "completion", completionVoid: "completion void",
	offline: "offline sale", inquiry: "balance", reversal: "reversal", signOn: "sign-on", signOff: "sign-off", echo: "echo",
	report: "report", settlement: "settlement", upload: "batch upload", batchEnd: "batch end",
	script: "script result", download: "download", other: "other",
}

// served is what the host does for each kind of message.
var served = map[wire.Kind]kind{
	wire.Purchase: sale, wire.QR: qr, wire.PreAuth: preAuth, wire.Void: void, wire.Refund: refund,
	wire.PreAuthCancel: cancel, wire.Completion: completion, wire.CompletionNotice: completion,
	wire.CompletionVoid: completionVoid, wire.OfflineSale: offline, wire.Balance: inquiry, wire.Reversal: reversal,
	wire.SignOn: signOn, wire.SignOff: signOff, wire.Echo: echo, wire.Status: report,
	wire.Settlement: settlement, wire.BatchUpload: upload, wire.BatchEnd: batchEnd, wire.ScriptResult: script,
	wire.ParameterDownload: download, wire.CAPKQuery: download, wire.CAPKDownload: download,
	wire.AIDQuery: download, wire.AIDDownload: download,
	wire.ParameterEnd: report, wire.CAPKEnd: report, wire.AIDEnd: report,
}

// kindOf says what a message asks for.
func kindOf(m *wire.Message) kind {
	asked, _ := wire.KindOf(m)
	if k, ok := served[asked]; ok {
		return k
	}
	return other
}

// kindNamed is the kind that a record names, 0 for what is no request.
func kindNamed(name string) kind {
	for k, n := range names {
		if n == name {
			return k
		}
	}
	return 0
}

// String names the kind as records and logs do.
func (k kind) String() string { return names[k] }
