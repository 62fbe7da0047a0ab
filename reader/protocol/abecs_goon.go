package protocol

import (
	"fmt"
	"strings"
)

// change carries out CNG (section 3.6.2): objects that win over the tables from here on.
func (d *ABECSDevice) change(data string) []byte {
	f := fields{rest: data[3:]}
	f.take(3)
	objects := f.hex(2 * f.number(2))
	switch {
	case d.chip.state != abecsChosen:
		return d.say("CNG" + abecsInvalid)
	case f.short || !wholeTLV(objects):
		return d.say("CNG" + abecsParam)
	}
	d.chip.data = append(d.chip.data, objects...)
	return d.say("CNG" + abecsOK)
}

// goOn carries out GOC (section 3.6.3).
func (d *ABECSDevice) goOn(data string) []byte {
	var job EMVJob
	f := fields{rest: data[3:]}
	f.take(3)
	job.Amount, job.Cashback = int64(f.number(12)), int64(f.number(12))
	job.Hot, job.Online = f.take(1) == "1", f.take(1) == "1"
	f.take(1 + 1 + 2 + 32 + 1) // how to encipher a PIN; risk is managed always
	job.Risk.Floor, job.Risk.Target = f.hexNumber(8), f.number(2)
	job.Risk.Threshold, job.Risk.MaxTarget = f.hexNumber(8), f.number(2)
	own := f.take(f.number(3))
	var tags []byte
	for range 2 {
		f.take(3)
		tags = append(tags, f.hex(2*f.number(3))...)
	}
	switch {
	case d.chip.state != abecsChosen:
		return d.say("GOC" + abecsInvalid)
	case f.short:
		return d.say("GOC" + abecsParam)
	}
	if job.Cashback > 0 {
		job.Type = 0x09
	}
	if kind := (&fields{rest: own}).hex(2); d.chip.app.Acquirer == "01" && len(own) >= 2 {
		job.Type = kind[0]
	}
	return d.proceed("GOC", job, func(e EMVResult) []byte {
		objects := e.objects(tags)
		return d.say("GOC" + abecsOK + block("", fmt.Sprintf("%c%s%s%d%s0%036d%03d%X000", abecsDecision[e.Decision],
			flag(e.Signature), flag(e.PINGood), min(e.PINFails, 9), flag(e.PINLocked), 0, len(objects), objects)))
	})
}

// abecsDecision is GOC_DECISION, and the first of PP_GOXRES.
var abecsDecision = [...]byte{EMVApproved: '0', EMVDeclined: '1', EMVOnline: '2'}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// proceed takes the chip to its first cryptogram.
func (d *ABECSDevice) proceed(name string, job EMVJob, tell func(EMVResult) []byte) []byte {
	job.Step, job.Data = EMVProceed, append(d.chip.data, job.Data...)
	if job.Currency == "" {
		job.Currency = d.chip.money
	}
	for _, acquirer := range []string{d.chip.app.Acquirer, "00"} { // its own first (6.8.4.1)
		for _, k := range d.tables.keys {
			if k.Acquirer == acquirer {
				job.Keys = append(job.Keys, k)
			}
		}
	}
	for _, r := range d.tables.revoked {
		if r.Acquirer == d.chip.app.Acquirer {
			job.Revoked = append(job.Revoked, r)
		}
	}
	d.run(job, func(e EMVResult) []byte {
		if e.Status != EMVOK {
			d.chip = abecsChip{}
			return d.say(name + string(e.Status))
		}
		d.chip.result, d.chip.state = e, abecsDecided
		if e.Decision == EMVOnline {
			d.chip.state = abecsAtHost
		}
		return tell(e)
	})
	return nil
}

// goOnExtended carries out GOX (section 3.7.3). Nobody types a PIN.
func (d *ABECSDevice) goOnExtended(p map[uint16]string) []byte {
	for _, must := range []uint16{speAcquirer, spePIN, speKeyIndex} {
		if p[must] == "" {
			return d.say("GOX" + abecsMandatory)
		}
	}
	job := EMVJob{Currency: p[speCurrency], Data: []byte(p[speEMV])}
	options := p[speGOX] + "00"
	job.Hot, job.Online = options[0] == '1', options[1] == '1'
	risk := p[speRisk]
	if risk == "" {
		risk = strings.Repeat("\x00", 10)
	}
	f := fields{rest: zeros(p[speAmount], 12) + zeros(p[speCashback], 12) + fmt.Sprintf("%X", risk)}
	job.Amount, job.Cashback = int64(f.number(12)), int64(f.number(12))
	job.Risk.Floor, job.Risk.Target = f.hexNumber(8), int(f.hexNumber(2))
	job.Risk.Threshold, job.Risk.MaxTarget = f.hexNumber(8), int(f.hexNumber(2))
	job.Type = abecsType(p, job.Cashback)
	switch {
	case d.chip.state != abecsChosen:
		return d.say("GOX" + abecsInvalid)
	case f.short || !wholeTLV(job.Data):
		return d.say("GOX" + abecsParam)
	}
	return d.proceed("GOX", job, func(e EMVResult) []byte {
		var a abecsAnswer
		a.add(ppGOX, fmt.Sprintf("%c%s%s000", abecsDecision[e.Decision], flag(e.Signature), flag(e.PINGood)))
		addObjects(&a, p, e)
		return d.sayAll("GOX", a)
	})
}

// finishChip carries out FNC (section 3.6.4).
func (d *ABECSDevice) finishChip(data string) []byte {
	f := fields{rest: data[3:]}
	f.take(3)
	how := f.take(1)
	f.take(1) // kind of issuer
	job := EMVJob{Code: f.take(2), Answered: how != "1"}
	job.Answer = f.hex(2 * f.number(3))
	f.take(f.number(3))
	f.take(3)
	tags := f.hex(2 * f.number(3))
	if f.short || !wholeTLV(job.Answer) {
		return d.say("FNC" + abecsParam)
	}
	job.Approved = how == "9" || how == "0" && job.Code == "00"
	return d.finish("FNC", job, func(e EMVResult) []byte {
		decision, objects := "0", e.objects(tags)
		switch {
		case e.Decision != EMVApproved && job.Answered && !job.Approved:
			decision = "2"
		case e.Decision != EMVApproved:
			decision = "1"
		}
		return d.say("FNC" + abecsOK + block("", fmt.Sprintf("%s%03d%X%02d%X000", decision, len(objects), objects, len(e.Scripts), e.Scripts)))
	})
}

// finish tells the card what the acquirer said. One that decided by itself has nothing to
// be told.
func (d *ABECSDevice) finish(name string, job EMVJob, tell func(EMVResult) []byte) []byte {
	switch d.chip.state {
	case abecsDecided:
		return tell(d.chip.result)
	case abecsAtHost:
	default:
		return d.say(name + abecsInvalid)
	}
	job.Step = EMVFinish
	d.run(job, func(e EMVResult) []byte {
		d.chip.state, d.chip.result = abecsDecided, e
		if e.Status != EMVOK {
			d.chip = abecsChip{}
			return d.say(name + string(e.Status))
		}
		return tell(e)
	})
	return nil
}

// finishExtended carries out FCX (section 3.7.4).
func (d *ABECSDevice) finishExtended(p map[uint16]string) []byte {
	how := (p[speFCX] + " ")[0]
	job := EMVJob{Code: p[speCode], Answered: how != '2', Approved: how == '0', Answer: []byte(p[speEMV])}
	switch {
	case p[speFCX] == "", job.Answered && job.Code == "":
		return d.say("FCX" + abecsMandatory)
	case how < '0' || how > '2', !wholeTLV(job.Answer):
		return d.say("FCX" + abecsParam)
	}
	return d.finish("FCX", job, func(e EMVResult) []byte {
		var a abecsAnswer
		a.add(ppFCX, flag(e.Decision != EMVApproved)+"00")
		addObjects(&a, p, e)
		a.addSome(ppScripts, string(e.Scripts))
		return d.sayAll("FCX", a)
	})
}

// getData carries out GED (section 3.7.2).
func (d *ABECSDevice) getData(p map[uint16]string) []byte {
	switch {
	case p[speTags] == "":
		return d.say("GED" + abecsMandatory)
	case d.chip.state == abecsNoChip:
		return d.say("GED" + abecsInvalid)
	}
	var a abecsAnswer
	addObjects(&a, p, d.chip.result)
	return d.sayAll("GED", a)
}
