package emv

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// CVMList is a Cardholder Verification Method List (8E): two amounts in the
// application's currency, and rules a terminal takes in order (EMV Book 3, 10.5).
type CVMList struct {
	X, Y  uint32
	Rules []CVMRule
}

// CVMRule is one rule: a method, whether the next rule applies when it fails, and
// when it is to be used.
type CVMRule struct {
	Method    CVM
	Next      bool // apply the succeeding rule if this method is unsuccessful
	Condition CVMCondition
}

// CVM is a cardholder verification method, without the bit that says what follows
// when it fails.
type CVM byte

// The methods (EMV Book 3 Annex C3, table 43).
const (
	CVMFail                   CVM = 0x00
	CVMPlainPIN               CVM = 0x01
	CVMOnlinePIN              CVM = 0x02
	CVMPlainPINSignature      CVM = 0x03
	CVMEncipheredPIN          CVM = 0x04
	CVMEncipheredPINSignature CVM = 0x05
	CVMSignature              CVM = 0x1E
	CVMNone                   CVM = 0x1F
	CVMNotPerformed           CVM = 0x3F // in CVM Results only (EMV Book 4 Annex A4)
)

var cvmNames = map[CVM]string{
	CVMFail: "fail CVM processing", CVMPlainPIN: "plaintext PIN verified by ICC", CVMOnlinePIN: "enciphered PIN verified online",
	CVMPlainPINSignature: "plaintext PIN verified by ICC and signature", CVMEncipheredPIN: "enciphered PIN verified by ICC",
	CVMEncipheredPINSignature: "enciphered PIN verified by ICC and signature",
	0x06:                      "facial biometric verified offline", 0x07: "facial biometric verified online",
	0x08: "finger biometric verified offline", 0x09: "finger biometric verified online",
	0x0A: "palm biometric verified offline", 0x0B: "palm biometric verified online",
	0x0C: "iris biometric verified offline", 0x0D: "iris biometric verified online",
	0x0E: "voice biometric verified offline", 0x0F: "voice biometric verified online",
	CVMSignature: "signature", CVMNone: "no CVM required", CVMNotPerformed: "no CVM performed",
}

// String names the method.
func (c CVM) String() string {
	switch name, ok := cvmNames[c]; {
	case ok:
		return name
	case c >= 0x20 && c <= 0x2F:
		return fmt.Sprintf("payment system's CVM %02X", byte(c))
	case c >= 0x30 && c <= 0x3E:
		return fmt.Sprintf("issuer's CVM %02X", byte(c))
	}
	return fmt.Sprintf("RFU CVM %02X", byte(c))
}

// Known reports whether the books define the method: another sets the TVR bit for an
// unrecognised CVM.
func (c CVM) Known() bool {
	_, ok := cvmNames[c]
	return ok && c != CVMNotPerformed
}

// CVMCondition says when a rule is to be used.
type CVMCondition byte

// The conditions (EMV Book 3 Annex C3, table 44).
const (
	CVMAlways         CVMCondition = 0x00
	CVMUnattendedCash CVMCondition = 0x01
	CVMNotCash        CVMCondition = 0x02 // not unattended cash, not manual cash, not cashback
	CVMIfSupported    CVMCondition = 0x03
	CVMManualCash     CVMCondition = 0x04
	CVMCashback       CVMCondition = 0x05
	CVMUnderX         CVMCondition = 0x06 // and in the application's currency, as those below
	CVMOverX          CVMCondition = 0x07
	CVMUnderY         CVMCondition = 0x08
	CVMOverY          CVMCondition = 0x09
)

// String names the condition.
func (c CVMCondition) String() string {
	names := [...]string{"always", "if unattended cash", "if not cash and not cashback", "if terminal supports the CVM",
		"if manual cash", "if purchase with cashback", "if under X", "if over X", "if under Y", "if over Y"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("RFU condition %02X", byte(c))
}

// Known reports whether the books define the condition: a rule with another is passed
// over.
func (c CVMCondition) Known() bool { return c <= CVMOverY }

// Bytes returns the rule's two bytes.
func (r CVMRule) Bytes() []byte {
	code := byte(r.Method)
	if r.Next {
		code |= 0x40
	}
	return []byte{code, byte(r.Condition)}
}

// String spells the rule out.
func (r CVMRule) String() string {
	s := r.Method.String() + ", " + r.Condition.String()
	if r.Next {
		return s + ", else next"
	}
	return s
}

// ParseCVMRule takes the two bytes of a rule; bit 8 of the first is RFU and ignored.
func ParseCVMRule(code, condition byte) CVMRule {
	return CVMRule{CVM(code & 0x3F), code&0x40 != 0, CVMCondition(condition)}
}

// ParseCVMList takes the value of 8E: eight bytes of amounts and an even number of
// bytes of rules. A list without rules is legal; the terminal then performs no CVM.
func ParseCVMList(b []byte) (CVMList, error) {
	if len(b) < 8 || len(b)%2 != 0 {
		return CVMList{}, fmt.Errorf("CVM list: %d bytes; want eight of amounts and two a rule", len(b))
	}
	l := CVMList{X: binary.BigEndian.Uint32(b), Y: binary.BigEndian.Uint32(b[4:])}
	for r := b[8:]; len(r) > 0; r = r[2:] {
		l.Rules = append(l.Rules, ParseCVMRule(r[0], r[1]))
	}
	return l, nil
}

// Bytes returns the value of 8E.
func (l CVMList) Bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, l.X)
	b = binary.BigEndian.AppendUint32(b, l.Y)
	for _, r := range l.Rules {
		b = append(b, r.Bytes()...)
	}
	return b
}

// String spells the list out.
func (l CVMList) String() string {
	rules := make([]string, len(l.Rules))
	for i, r := range l.Rules {
		rules[i] = r.String()
	}
	return fmt.Sprintf("X %d, Y %d: %s", l.X, l.Y, strings.Join(rules, "; "))
}
