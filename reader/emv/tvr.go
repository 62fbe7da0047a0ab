package emv

// TVR is the Terminal Verification Results (95): what went wrong so far
// (EMV Book 3 Annex C5, table 46).
// It prints as its hex digits; Names spells them out.
type TVR [5]byte

// TVRBit is one bit of a TVR: its byte, counted from 1, and its mask.
type TVRBit uint16

// The bits (EMV Book 3 Annex C5, table 46).
const (
	TVRODANotPerformed            TVRBit = 0x0180
	TVRSDAFailed                  TVRBit = 0x0140
	TVRICCDataMissing             TVRBit = 0x0120
	TVRExceptionFile              TVRBit = 0x0110
	TVRDDAFailed                  TVRBit = 0x0108
	TVRCDAFailed                  TVRBit = 0x0104
	TVRSDASelected                TVRBit = 0x0102
	TVRXDASelected                TVRBit = 0x0101
	TVRVersionsDiffer             TVRBit = 0x0280
	TVRExpired                    TVRBit = 0x0240
	TVRNotEffective               TVRBit = 0x0220
	TVRServiceNotAllowed          TVRBit = 0x0210
	TVRNewCard                    TVRBit = 0x0208
	TVRBiometricDone              TVRBit = 0x0202
	TVRBiometricFormat            TVRBit = 0x0201
	TVRCVMFailed                  TVRBit = 0x0380
	TVRCVMUnrecognised            TVRBit = 0x0340
	TVRPINTryLimit                TVRBit = 0x0320
	TVRPINPadFailed               TVRBit = 0x0310
	TVRPINNotEntered              TVRBit = 0x0308
	TVROnlinePIN                  TVRBit = 0x0304
	TVRBiometricCapture           TVRBit = 0x0302
	TVRBiometricBypassed          TVRBit = 0x0301
	TVRFloorLimit                 TVRBit = 0x0480
	TVRLowerOfflineLimit          TVRBit = 0x0440
	TVRUpperOfflineLimit          TVRBit = 0x0420
	TVRRandomOnline               TVRBit = 0x0410
	TVRForcedOnline               TVRBit = 0x0408
	TVRBiometricTryLimit          TVRBit = 0x0404
	TVRBiometricType              TVRBit = 0x0402
	TVRXDAFailed                  TVRBit = 0x0401
	TVRDefaultTDOL                TVRBit = 0x0580
	TVRIssuerAuthenticationFailed TVRBit = 0x0540
	TVRScriptFailedBefore         TVRBit = 0x0520
	TVRScriptFailedAfter          TVRBit = 0x0510
	TVRECCKeyMissing              TVRBit = 0x0504
	TVRECCRecoveryFailed          TVRBit = 0x0502
)

var tvrNames = []bitName{
	{uint16(TVRODANotPerformed), "offline data authentication was not performed"},
	{uint16(TVRSDAFailed), "SDA failed"},
	{uint16(TVRICCDataMissing), "ICC data missing"},
	{uint16(TVRExceptionFile), "card appears on terminal exception file"},
	{uint16(TVRDDAFailed), "DDA failed"},
	{uint16(TVRCDAFailed), "CDA failed"},
	{uint16(TVRSDASelected), "SDA selected"},
	{uint16(TVRXDASelected), "XDA selected"},
	{uint16(TVRVersionsDiffer), "ICC and terminal have different application versions"},
	{uint16(TVRExpired), "expired application"},
	{uint16(TVRNotEffective), "application not yet effective"},
	{uint16(TVRServiceNotAllowed), "requested service not allowed for card product"},
	{uint16(TVRNewCard), "new card"},
	{uint16(TVRBiometricDone), "biometric performed and successful"},
	{uint16(TVRBiometricFormat), "biometric template format not supported"},
	{uint16(TVRCVMFailed), "cardholder verification was not successful"},
	{uint16(TVRCVMUnrecognised), "unrecognised CVM"},
	{uint16(TVRPINTryLimit), "PIN try limit exceeded"},
	{uint16(TVRPINPadFailed), "PIN entry required and PIN pad not present or not working"},
	{uint16(TVRPINNotEntered), "PIN entry required, PIN pad present, but PIN was not entered"},
	{uint16(TVROnlinePIN), "online CVM captured"},
	{uint16(TVRBiometricCapture), "biometric required but capture device not working"},
	{uint16(TVRBiometricBypassed), "biometric required but entry was bypassed"},
	{uint16(TVRFloorLimit), "transaction exceeds floor limit"},
	{uint16(TVRLowerOfflineLimit), "lower consecutive offline limit exceeded"},
	{uint16(TVRUpperOfflineLimit), "upper consecutive offline limit exceeded"},
	{uint16(TVRRandomOnline), "transaction selected randomly for online processing"},
	{uint16(TVRForcedOnline), "merchant forced transaction online"},
	{uint16(TVRBiometricTryLimit), "biometric try limit exceeded"},
	{uint16(TVRBiometricType), "a selected biometric type not supported"},
	{uint16(TVRXDAFailed), "XDA signature verification failed"},
	{uint16(TVRDefaultTDOL), "default TDOL used"},
	{uint16(TVRIssuerAuthenticationFailed), "issuer authentication failed"},
	{uint16(TVRScriptFailedBefore), "script processing failed before final GENERATE AC"},
	{uint16(TVRScriptFailedAfter), "script processing failed after final GENERATE AC"},
	{uint16(TVRECCKeyMissing), "CA ECC key missing"},
	{uint16(TVRECCRecoveryFailed), "ECC key recovery failed"},
}

// Has reports whether the bit is set.
func (v TVR) Has(b TVRBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *TVR) Set(bits ...TVRBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *TVR) Clear(bits ...TVRBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v TVR) With(bits ...TVRBit) TVR {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v TVR) Names() []string { return bitNames(v[:], tvrNames) }

// String returns the hex digits.
func (v TVR) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v TVR) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseTVR takes the value of the data object, 5 bytes.
func ParseTVR(b []byte) (TVR, error) {
	var v TVR
	return v, exact(v[:], b, "TVR")
}

// String returns what the bit means.
func (b TVRBit) String() string { return bitText(uint16(b), tvrNames) }
