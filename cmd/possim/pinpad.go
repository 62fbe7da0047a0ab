package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"time"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/protocol"
)

// pinpad is the level 2 kernel of an emulated pinpad, which has its tables and no keys to
// type a PIN at.
type pinpad struct {
	random  io.Reader
	counter uint32 // 9F41
	kernel  *kernel.Kernel
	job     protocol.EMVJob // of the first part
	version []byte          // 9F09 of the application that was chosen
}

// do does one part of a transaction.
func (p *pinpad) do(ctx context.Context, chip reader.Transceiver, job protocol.EMVJob) (protocol.EMVResult, error) {
	var r kernel.Result
	var err error
	switch job.Step {
	case protocol.EMVSelect:
		p.counter++
		p.kernel, p.job = p.kernelOf(job), job
		if r, err = p.kernel.Identify(ctx, chip, p.transaction(job)); err == nil {
			p.version = versionFor(job.Applications[p.chosen(r)], r)
		}
	case protocol.EMVProceed:
		p.extend(job)
		r, err = p.kernel.Proceed(ctx, p.transaction(job), func(a *kernel.Application) {
			a.Version = p.version
			a.FloorLimit, a.Threshold, a.Target, a.MaxTarget = job.Risk.Floor, job.Risk.Threshold, job.Risk.Target, job.Risk.MaxTarget
		})
	case protocol.EMVFinish:
		r, err = p.kernel.Finish(ctx, answerOf(job))
	}
	if ctx.Err() != nil || err == nil {
		return p.result(r), err
	}
	return protocol.EMVResult{Status: protocol.EMVProblems}, nil // tables and parameters that no kernel takes
}

// answerOf is what the acquirer said, as a kernel wants it. A code that does not say what
// the client does gives way to one that does.
func answerOf(job protocol.EMVJob) kernel.HostAnswer {
	a := kernel.HostAnswer{Code: job.Code}
	a.F55, _ = emv.Parse(job.Answer) // the pinpad has seen to it
	switch {
	case !job.Answered:
		return kernel.HostAnswer{}
	case job.Approved && !kernel.Approves(a.Code):
		a.Code = "00"
	case !job.Approved && kernel.Approves(a.Code):
		a.Code = "05"
	}
	return a
}

// kernelOf sets a kernel up by the tables. Of what is the terminal's and not an
// application's the first says it.
func (p *pinpad) kernelOf(job protocol.EMVJob) *kernel.Kernel {
	first := job.Applications[0]
	k := &kernel.Kernel{Type: first.TerminalType, Country: first.Country, Random: p.random}
	copy(k.Capabilities[:], first.Capabilities)
	copy(k.More[:], first.More)
	k.Data = emv.List{
		emv.New(emv.TagMerchantID, []byte(first.Merchant)), emv.New(emv.TagMCC, bcd(first.MCC)),
		emv.New(emv.TagTerminalID, []byte(first.Terminal)),
	}
	overrule(k, job.Data)
	for _, a := range job.Applications {
		app := kernel.Application{AID: a.AID, Partial: true, Version: a.Versions[0], FloorLimit: a.Floor, DDOL: a.DDOL, TDOL: a.TDOL}
		copy(app.Default[:], a.Default)
		copy(app.Denial[:], a.Denial)
		copy(app.Online[:], a.Online)
		k.Applications = append(k.Applications, app)
	}
	return k
}

// overrule has what the client says of the terminal win over the tables.
func overrule(k *kernel.Kernel, data []byte) {
	l, _ := emv.Parse(data)
	copy(k.Capabilities[:], l.Value(emv.TagTerminalCapabilities))
	copy(k.More[:], l.Value(emv.TagAdditionalCapabilities))
	if v := l.Value(emv.TagTerminalType); len(v) == 1 {
		k.Type = v[0]
	}
	if v := l.Value(emv.TagTerminalCountry); len(v) == 2 {
		k.Country = hex.EncodeToString(v)[1:]
	}
}

// extend gives the kernel what comes with the amount: keys, what is revoked, and whether
// the number is on the list.
func (p *pinpad) extend(job protocol.EMVJob) {
	k := p.kernel
	overrule(k, job.Data)
	for _, c := range job.Keys {
		k.CAPKs = append(k.CAPKs, emv.CAPK{RID: c.RID, Index: c.Index, PublicKey: emv.PublicKey{Modulus: c.Modulus, Exponent: c.Exponent}})
	}
	k.Revoked = func(rid emv.RID, index byte, serial [3]byte) bool {
		for _, r := range job.Revoked {
			if emv.RID(r.RID) == rid && r.Index == index && r.Serial == serial {
				return true
			}
		}
		return false
	}
	k.Hot = func(card.PAN, string) bool { return job.Hot }
}

// transaction is what a job says of one. Amounts are in the currency of the first
// application, unless the client names one.
func (p *pinpad) transaction(job protocol.EMVJob) kernel.Transaction {
	if job.Step == protocol.EMVSelect {
		p.job = job
	}
	currency := job.Currency
	if currency == "" {
		currency = p.job.Applications[0].Currency
	}
	at, err := time.Parse("060102150405", p.job.Date+p.job.Time)
	if err != nil {
		at = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	data, _ := emv.Parse(job.Data)
	return kernel.Transaction{
		Amount: money.Amount{Minor: job.Amount, Currency: money.Currency(currency)}, Other: job.Cashback,
		Type: job.Type, At: at, Sequence: p.counter, ForceOnline: job.Online, Data: data,
	}
}

// bcd packs an even number of digits; what is none is nothing.
func bcd(digits string) []byte {
	out := make([]byte, len(digits)/2)
	for i := range out {
		out[i] = (digits[2*i]-'0')<<4 | (digits[2*i+1]-'0')&0x0F
	}
	return out
}

// result is what the kernel made of it, as a pinpad tells it.
func (p *pinpad) result(r kernel.Result) protocol.EMVResult {
	out := protocol.EMVResult{
		Status: statusOf(r), PAN: r.PAN, Track2: r.Track2, Sequence: r.Sequence, Signature: r.Signature,
		Application: p.chosen(r), Label: r.Application.Label, Scripts: r.Scripts, Pick: objectsOf(r),
		Service: digitsIn(r, emv.TagServiceCode, 3), Country: digitsIn(r, emv.TagIssuerCountry, 3), Expiry: digitsIn(r, emv.TagExpirationDate, 6),
		Holder: string(bytes.TrimSpace(r.Data.Value(emv.TagCardholderName))),
	}
	if r.Application.Table <= 1 {
		out.Preferred = r.Application.Name
	}
	switch r.Decision {
	case kernel.Online:
		out.Decision = protocol.EMVOnline
	case kernel.Declined:
		out.Decision = protocol.EMVDeclined
	}
	return out
}

// chosen is which of the tables' applications the card was read with.
func (p *pinpad) chosen(r kernel.Result) int {
	for i, a := range p.job.Applications {
		if bytes.HasPrefix(r.Application.AID, a.AID) {
			return i
		}
	}
	return 0
}

// versionFor is which of an application's three versions counts: the card's, or the first
// (6.8.4.1).
func versionFor(a protocol.EMVApplication, r kernel.Result) []byte {
	for _, v := range a.Versions {
		if bytes.Equal(v, r.Data.Value(emv.TagCardVersion)) {
			return v
		}
	}
	return a.Versions[0]
}

// digitsIn is the last digits of a number of the card's.
func digitsIn(r kernel.Result, tag emv.Tag, n int) string {
	v := r.Data.Value(tag)
	if len(v) < (n+1)/2 {
		return ""
	}
	text := hex.EncodeToString(v)
	return text[len(text)-n:]
}

// hidden are the objects that a pinpad does not give out: numbers and tracks (ABECS 2.12,
// section 6.8.6.3).
var hidden = map[emv.Tag]bool{0x56: true, 0x57: true, 0x5A: true, 0x9F1F: true, 0x9F20: true, 0x9F6B: true}

// objectsOf picks objects by a list of tags.
func objectsOf(r kernel.Result) func([]byte) []byte {
	return func(list []byte) []byte {
		tags, err := emv.ParseTagList(list)
		if err != nil {
			return nil
		}
		var shown []emv.Tag
		for _, t := range tags {
			if !hidden[t] {
				shown = append(shown, t)
			}
		}
		return r.Pick(shown...).Bytes()
	}
}

// statusOf says why a kernel came to no decision.
func statusOf(r kernel.Result) protocol.EMVStatus {
	switch r.Decision {
	case kernel.Online, kernel.Approved, kernel.Declined, kernel.Identified:
		return protocol.EMVOK
	}
	switch r.Cause {
	case kernel.CauseNoApplication:
		return protocol.EMVNone
	case kernel.CauseRefused:
		return protocol.EMVCancelled
	case kernel.CauseNoAnswer:
		return protocol.EMVBroken
	case kernel.CauseCardBlocked:
		return protocol.EMVBlocked
	case kernel.CauseAppBlocked:
		return protocol.EMVInvalidated
	case kernel.CauseConditions:
		return protocol.EMVNotNow
	case kernel.CauseStatus:
		return protocol.EMVFallback
	case kernel.CauseFormat, kernel.CauseDataMissing:
		return protocol.EMVBadData
	}
	return protocol.EMVProblems
}
