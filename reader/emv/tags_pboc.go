package emv

// The data objects of PBOC (JR/T 0025) and of UnionPay beside those of the books.
// Those of electronic cash, and DF60 to DF69, are from public pages and unverified.
const (
	TagPBOCCurrency                Tag = 0x9F51 // Application Currency Code (PBOC)
	TagPBOCInternationalLimit      Tag = 0x9F53 // Consecutive Transaction Limit (International - Currency)
	TagPBOCCumulativeLimit         Tag = 0x9F54 // Cumulative Total Transaction Amount Limit
	TagPBOCLowerOfflineLimit       Tag = 0x9F58 // Lower Consecutive Offline Limit (PBOC)
	TagOfflineAvailable            Tag = 0x9F5D // Available Offline Spending Amount
	TagCardholderID                Tag = 0x9F61 // Cardholder ID Number
	TagCardholderIDType            Tag = 0x9F62 // Cardholder ID Type
	TagCardProduct                 Tag = 0x9F63 // Card Product Identification Information
	TagCardAdditional              Tag = 0x9F68 // Card Additional Processes
	TagCVMLimit                    Tag = 0x9F6B // Track 2 Data, or Card CVM Limit
	TagElectronicCashReset         Tag = 0x9F6D // Electronic Cash Reset Threshold
	TagElectronicCashCode          Tag = 0x9F74 // Electronic Cash Issuer Authorisation Code
	TagElectronicCashLimit         Tag = 0x9F77 // Electronic Cash Balance Limit
	TagElectronicCashSingle        Tag = 0x9F78 // Electronic Cash Single Transaction Limit
	TagElectronicCashBalance       Tag = 0x9F79 // Electronic Cash Balance
	TagElectronicCashTerminal      Tag = 0x9F7A // Electronic Cash Terminal Support Indicator
	TagElectronicCashTerminalLimit Tag = 0x9F7B // Electronic Cash Terminal Transaction Limit
	TagScriptOutcome               Tag = 0xDF31 // Issuer Script Results (UnionPay)
	TagChipSerial                  Tag = 0xDF32 // Chip Serial Number (UnionPay)
	TagSessionKeyData              Tag = 0xDF33 // Session Key Data (UnionPay)
	TagExtendedCAPP                Tag = 0xDF60 // CAPP Transaction Indicator (PBOC 3.0)
	TagPieceIndicator              Tag = 0xDF61 // Piecewise Charge Indicator (PBOC 3.0)
	TagPieceOverdraft              Tag = 0xDF62 // Piecewise Charge Overdraft (PBOC 3.0)
	TagPieceOverdraftUsed          Tag = 0xDF63 // Piecewise Charge Overdraft Used (PBOC 3.0)
	TagSMSupport                   Tag = 0xDF69 // SM Algorithm Support Indicator
)

// pbocTags are the entries of PBOC and UnionPay. 9F6B is track 2 on a Mastercard, so
// that it is always masked.
var pbocTags = []Info{
	{TagPBOCCurrency, "Application Currency Code (PBOC)", Numeric, 2, 2, false},
	{TagPBOCInternationalLimit, "Consecutive Transaction Limit (International - Currency)", Binary, 1, 1, false},
	{TagPBOCCumulativeLimit, "Cumulative Total Transaction Amount Limit", Numeric, 6, 6, false},
	{TagPBOCLowerOfflineLimit, "Lower Consecutive Offline Limit (PBOC)", Binary, 1, 1, false},
	{TagOfflineAvailable, "Available Offline Spending Amount", Numeric, 6, 6, false},
	{TagCardholderID, "Cardholder ID Number", AlphaSpecial, 0, 40, true},
	{TagCardholderIDType, "Cardholder ID Type", Compressed, 1, 1, false},
	{TagCardProduct, "Card Product Identification Information", Binary, 16, 16, false},
	{TagCardAdditional, "Card Additional Processes", Binary, 4, 4, false},
	{TagCVMLimit, "Track 2 Data, or Card CVM Limit", Compressed, 0, 19, true},
	{TagElectronicCashReset, "Electronic Cash Reset Threshold", Numeric, 6, 6, false},
	{TagElectronicCashCode, "Electronic Cash Issuer Authorisation Code", Alphanumeric, 6, 6, false},
	{TagElectronicCashLimit, "Electronic Cash Balance Limit", Numeric, 6, 6, false},
	{TagElectronicCashSingle, "Electronic Cash Single Transaction Limit", Numeric, 6, 6, false},
	{TagElectronicCashBalance, "Electronic Cash Balance", Numeric, 6, 6, false},
	{TagElectronicCashTerminal, "Electronic Cash Terminal Support Indicator", Binary, 1, 1, false},
	{TagElectronicCashTerminalLimit, "Electronic Cash Terminal Transaction Limit", Numeric, 6, 6, false},
	{TagScriptOutcome, "Issuer Script Results (UnionPay)", Binary, 0, 21, false},
	{TagChipSerial, "Chip Serial Number (UnionPay)", Binary, 0, 0, false},
	{TagSessionKeyData, "Session Key Data (UnionPay)", Binary, 0, 0, false},
	{TagExtendedCAPP, "CAPP Transaction Indicator (PBOC 3.0)", Binary, 1, 1, false},
	{TagPieceIndicator, "Piecewise Charge Indicator (PBOC 3.0)", Binary, 1, 1, false},
	{TagPieceOverdraft, "Piecewise Charge Overdraft (PBOC 3.0)", Numeric, 6, 6, false},
	{TagPieceOverdraftUsed, "Piecewise Charge Overdraft Used (PBOC 3.0)", Numeric, 6, 6, false},
	{TagSMSupport, "SM Algorithm Support Indicator", Binary, 1, 1, false},
}
