package scenarios

import (
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/wire"
	"possim/scenarios/fault"
)

// messageTypes are what a fault may wait for and a message expectation name.
var messageTypes = []string{
	string(wire.MTIAuthRequest), string(wire.MTIAuthAnswer),
	string(wire.MTIFinancialRequest), string(wire.MTIFinancialAnswer),
	string(wire.MTIAdvice), string(wire.MTIAdviceAnswer),
	string(wire.MTIBatch), string(wire.MTIBatchAnswer),
	string(wire.MTIReversal), string(wire.MTIReversalAnswer),
	string(wire.MTISettlement), string(wire.MTISettlementAnswer),
	string(wire.MTIScript), string(wire.MTIScriptAnswer),
	string(wire.MTINetwork), string(wire.MTINetworkAnswer),
	string(wire.MTINotice), string(wire.MTINoticeAnswer),
}

// faultKinds is what a fault may do, one at a time.
var faultKinds = []string{string(fault.Drop), string(fault.Delay), string(fault.Garble), string(fault.Tamper),
	string(fault.Alter), string(fault.Duplicate), string(fault.Refuse)}

// fault reads {on: "0210", drop: 1, after: 2}.
func (p *parser) fault(n *yaml.Node) (Fault, bool) {
	f := Fault{Pos: Pos{n.Line, n.Column}}
	kinds, times := 0, 0
	kind := func(k fault.Kind) func(*yaml.Node) {
		return func(v *yaml.Node) {
			kinds++
			f.Do, f.Times = k, p.count(v, string(k), 1, 1_000_000)
		}
	}
	before := len(p.errs)
	ok := p.mapping(n, "a fault", fields{
		"on":                    func(v *yaml.Node) { f.On = p.choice(v, "message type", append(messageTypes, fault.Connect)...) },
		string(fault.Drop):      kind(fault.Drop),
		string(fault.Garble):    kind(fault.Garble),
		string(fault.Duplicate): kind(fault.Duplicate),
		string(fault.Refuse):    kind(fault.Refuse),
		string(fault.Delay): func(v *yaml.Node) {
			kinds++
			f.Do, f.Times, f.Delay = fault.Delay, 1, p.duration(v, "delay", time.Millisecond)
		},
		string(fault.Tamper): func(v *yaml.Node) {
			kinds++
			p.choice(v, "part to tamper with", "mac")
			f.Do, f.Times = fault.Tamper, 1
		},
		string(fault.Alter): func(v *yaml.Node) {
			kinds++
			f.Do, f.Times, f.Fields = fault.Alter, 1, p.altered(v)
		},
		"times": func(v *yaml.Node) { times = p.count(v, "times", 1, 1_000_000) },
		"after": func(v *yaml.Node) { f.After = p.count(v, "after", 0, 1_000_000) },
	})
	p.probe.of(n).require("on")
	p.probe.of(n).group("oneOf", faultKinds...)
	if !ok || len(p.errs) > before {
		return f, false
	}
	switch {
	case f.On == "":
		p.fail(n, "the fault does not say what it waits for: add on: with a message type such as %s, or on: %s", strconv.Quote("0210"), fault.Connect)
	case kinds != 1:
		p.fail(n, "a fault does one thing: drop, delay, garble, tamper, alter, duplicate or refuse")
	case times > 0 && f.Do != fault.Delay && f.Do != fault.Tamper && f.Do != fault.Alter:
		p.fail(n, "times: belongs to delay, tamper and alter; %s has its own number", f.Do)
	case (f.On == fault.Connect) != (f.Do == fault.Refuse):
		p.fail(n, "refuse goes with on: connect, every other fault with a message type")
	default:
		if times > 0 {
			f.Times = times
		}
		return f, true
	}
	return f, false
}
