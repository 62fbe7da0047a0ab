package emulator

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"

	"possim/emulator/kernel"
	"possim/reader/emv"
)

// Tags of the tables that UnionPay's terminals download (JR/T 0025 and the dialect's
// download messages). 9F06, 9F08, 9F09, 9F1B and 9F22 are EMV's.
const (
	tagPartial     emv.Tag = 0xDF01 // 00: a part of the name is enough to select it
	tagTACDefault  emv.Tag = 0xDF11
	tagTACOnline   emv.Tag = 0xDF12
	tagTACDenial   emv.Tag = 0xDF13
	tagDefaultDDOL emv.Tag = 0xDF14
	tagThreshold   emv.Tag = 0xDF15 // of biased random selection, 4 bytes
	tagMaxTarget   emv.Tag = 0xDF16 // percent, BCD
	tagTarget      emv.Tag = 0xDF17 // percent, BCD
	tagTapFloor    emv.Tag = 0xDF19 // amounts of taps, n12
	tagTapLimit    emv.Tag = 0xDF20
	tagTapCVM      emv.Tag = 0xDF21
	tagKeyModulus  emv.Tag = 0xDF02
	tagKeyExponent emv.Tag = 0xDF04
)

// applications is what the terminal takes: each that was downloaded, and of its own those
// that the downloads say nothing about.
func (t *Terminal) applications() []kernel.Application {
	own := t.EMV.Applications
	if own == nil {
		own = DefaultApplications()
	}
	var all []kernel.Application
	for _, text := range t.tables().AIDs {
		entry := objectsOf(text)
		if a, ok := applicationOf(entry); ok {
			a.Contactless = t.tapLimits(entry)
			all = append(all, a)
		}
	}
	for _, a := range own {
		if !slices.ContainsFunc(all, func(o kernel.Application) bool { return bytes.Equal(o.AID, a.AID) }) {
			all = append(all, a)
		}
	}
	return all
}

// capks is the authorities' keys the terminal knows, the downloaded ones first.
func (t *Terminal) capks() emv.CAPKs {
	var all emv.CAPKs
	for _, text := range t.tables().CAPKs {
		if k, ok := capkOf(objectsOf(text)); ok {
			all = append(all, k)
		}
	}
	for _, k := range t.EMV.CAPKs {
		if _, known := all.Find(k.RID, k.Index); !known {
			all = append(all, k)
		}
	}
	return all
}

func (t *Terminal) tables() Tables {
	if t.state.Tables == nil {
		return Tables{}
	}
	return *t.state.Tables
}

// objectsOf reads an entry as it was kept; what is no TLV is nothing.
func objectsOf(text string) emv.List {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	l, err := emv.Parse(raw)
	if err != nil {
		return nil
	}
	return l
}

// applicationOf turns a downloaded entry into an application of the kernel.
func applicationOf(l emv.List) (kernel.Application, bool) {
	a := kernel.Application{
		AID: bytes.Clone(l.Value(emv.TagAID)), Partial: bytes.Equal(l.Value(tagPartial), []byte{0}),
		Version: l.Value(emv.TagTerminalVersion), DDOL: l.Value(tagDefaultDDOL),
		FloorLimit: binary(l.Value(emv.TagFloorLimit)), Threshold: binary(l.Value(tagThreshold)),
		Target: percent(l.Value(tagTarget)), MaxTarget: percent(l.Value(tagMaxTarget)),
	}
	if len(a.Version) == 0 {
		a.Version = l.Value(emv.TagCardVersion) // UnionPay's tables give 9F08
	}
	for tag, to := range map[emv.Tag]*emv.TVR{tagTACDefault: &a.Default, tagTACOnline: &a.Online, tagTACDenial: &a.Denial} {
		v, err := emv.ParseTVR(l.Value(tag))
		if err != nil {
			return a, false
		}
		*to = v
	}
	return a, len(a.AID) >= 5 && len(a.AID) <= 16 && len(a.Version) == 2
}

// tapLimits is what a downloaded entry says of taps; nil where it says nothing. How much
// needs neither PIN nor signature is the terminal's own: the entry has no place for it.
func (t *Terminal) tapLimits(l emv.List) *kernel.Contactless {
	if !l.Has(tagTapLimit) {
		return nil
	}
	c := t.EMV.Contactless
	c.Floor, c.Limit, c.CVM = minor(l.Value(tagTapFloor)), minor(l.Value(tagTapLimit)), minor(l.Value(tagTapCVM))
	return &c
}

// minor is an amount of twelve digits; 0 where it is none.
func minor(b []byte) int64 {
	n, err := strconv.ParseInt(hex.EncodeToString(b), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// capkOf turns a downloaded entry into an authority's key.
func capkOf(l emv.List) (emv.CAPK, bool) {
	rid, ok := emv.RIDOf(l.Value(emv.TagAID))
	index, modulus, exponent := l.Value(emv.TagTerminalCAPKIndex), l.Value(tagKeyModulus), l.Value(tagKeyExponent)
	if !ok || len(index) != 1 || len(modulus) == 0 || len(exponent) == 0 {
		return emv.CAPK{}, false
	}
	return emv.CAPK{RID: rid, Index: index[0], PublicKey: emv.PublicKey{Modulus: modulus, Exponent: exponent}}, true
}

// binary is a number of up to eight bytes.
func binary(b []byte) (n int64) {
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	return n
}

// percent is two digits, BCD; 0 where it is none.
func percent(b []byte) int {
	n, err := strconv.Atoi(hex.EncodeToString(b))
	if err != nil || n > 99 {
		return 0
	}
	return n
}
