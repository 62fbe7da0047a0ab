package emv

// The data objects of EMV Book 1 Annex B and Book 3 Annex A (version 4.4).
const (
	TagIIN                          Tag = 0x42   // Issuer Identification Number (IIN)
	TagADFName                      Tag = 0x4F   // Application Dedicated File (ADF) Name
	TagApplicationLabel             Tag = 0x50   // Application Label
	TagTrack2Equivalent             Tag = 0x57   // Track 2 Equivalent Data
	TagPAN                          Tag = 0x5A   // Application Primary Account Number (PAN)
	TagApplicationTemplate          Tag = 0x61   // Application Template
	TagFCITemplate                  Tag = 0x6F   // File Control Information (FCI) Template
	TagRecordTemplate               Tag = 0x70   // READ RECORD Response Message Template
	TagScriptTemplate1              Tag = 0x71   // Issuer Script Template 1
	TagScriptTemplate2              Tag = 0x72   // Issuer Script Template 2
	TagDirectoryDiscretionary       Tag = 0x73   // Directory Discretionary Template
	TagResponseFormat2              Tag = 0x77   // Response Message Template Format 2
	TagResponseFormat1              Tag = 0x80   // Response Message Template Format 1
	TagAmountAuthorisedBinary       Tag = 0x81   // Amount, Authorised (Binary)
	TagAIP                          Tag = 0x82   // Application Interchange Profile (AIP)
	TagCommandTemplate              Tag = 0x83   // Command Template
	TagDFName                       Tag = 0x84   // Dedicated File (DF) Name
	TagScriptCommand                Tag = 0x86   // Issuer Script Command
	TagPriorityIndicator            Tag = 0x87   // Application Priority Indicator
	TagSFI                          Tag = 0x88   // Short File Identifier (SFI)
	TagAuthorisationCode            Tag = 0x89   // Authorisation Code
	TagResponseCode                 Tag = 0x8A   // Authorisation Response Code
	TagCDOL1                        Tag = 0x8C   // Card Risk Management Data Object List 1 (CDOL1)
	TagCDOL2                        Tag = 0x8D   // Card Risk Management Data Object List 2 (CDOL2)
	TagCVMList                      Tag = 0x8E   // Cardholder Verification Method (CVM) List
	TagCAPKIndex                    Tag = 0x8F   // Certification Authority Public Key Index
	TagIssuerCertificate            Tag = 0x90   // Issuer Public Key Certificate
	TagIssuerAuthenticationData     Tag = 0x91   // Issuer Authentication Data
	TagIssuerRemainder              Tag = 0x92   // Issuer Public Key Remainder
	TagSSAD                         Tag = 0x93   // Signed Static Application Data
	TagAFL                          Tag = 0x94   // Application File Locator (AFL)
	TagTVR                          Tag = 0x95   // Terminal Verification Results (TVR)
	TagTDOL                         Tag = 0x97   // Transaction Certificate Data Object List (TDOL)
	TagTCHash                       Tag = 0x98   // Transaction Certificate (TC) Hash Value
	TagPINData                      Tag = 0x99   // Transaction Personal Identification Number (PIN) Data
	TagTransactionDate              Tag = 0x9A   // Transaction Date
	TagTSI                          Tag = 0x9B   // Transaction Status Information (TSI)
	TagTransactionType              Tag = 0x9C   // Transaction Type
	TagDDFName                      Tag = 0x9D   // Directory Definition File (DDF) Name
	TagFCIProprietary               Tag = 0xA5   // File Control Information (FCI) Proprietary Template
	TagCardholderName               Tag = 0x5F20 // Cardholder Name
	TagExpirationDate               Tag = 0x5F24 // Application Expiration Date
	TagEffectiveDate                Tag = 0x5F25 // Application Effective Date
	TagIssuerCountry                Tag = 0x5F28 // Issuer Country Code
	TagTransactionCurrency          Tag = 0x5F2A // Transaction Currency Code
	TagLanguagePreference           Tag = 0x5F2D // Language Preference
	TagServiceCode                  Tag = 0x5F30 // Service Code
	TagPANSequence                  Tag = 0x5F34 // Application Primary Account Number (PAN) Sequence Number
	TagCurrencyExponent             Tag = 0x5F36 // Transaction Currency Exponent
	TagIssuerURL                    Tag = 0x5F50 // Issuer URL
	TagIBAN                         Tag = 0x5F53 // International Bank Account Number (IBAN)
	TagBIC                          Tag = 0x5F54 // Bank Identifier Code (BIC)
	TagIssuerCountryAlpha2          Tag = 0x5F55 // Issuer Country Code (alpha2 format)
	TagIssuerCountryAlpha3          Tag = 0x5F56 // Issuer Country Code (alpha3 format)
	TagAccountType                  Tag = 0x5F57 // Account Type
	TagAcquirerID                   Tag = 0x9F01 // Acquirer Identifier
	TagAmountAuthorised             Tag = 0x9F02 // Amount, Authorised (Numeric)
	TagAmountOther                  Tag = 0x9F03 // Amount, Other (Numeric)
	TagAmountOtherBinary            Tag = 0x9F04 // Amount, Other (Binary)
	TagDiscretionaryData            Tag = 0x9F05 // Application Discretionary Data
	TagAID                          Tag = 0x9F06 // Application Identifier (AID) - terminal
	TagAUC                          Tag = 0x9F07 // Application Usage Control
	TagCardVersion                  Tag = 0x9F08 // Application Version Number - card
	TagTerminalVersion              Tag = 0x9F09 // Application Version Number - terminal
	TagASRPD                        Tag = 0x9F0A // Application Selection Registered Proprietary Data
	TagCardholderNameExtended       Tag = 0x9F0B // Cardholder Name Extended
	TagIINExtended                  Tag = 0x9F0C // Issuer Identification Number Extended
	TagIACDefault                   Tag = 0x9F0D // Issuer Action Code - Default
	TagIACDenial                    Tag = 0x9F0E // Issuer Action Code - Denial
	TagIACOnline                    Tag = 0x9F0F // Issuer Action Code - Online
	TagIAD                          Tag = 0x9F10 // Issuer Application Data
	TagCodeTableIndex               Tag = 0x9F11 // Issuer Code Table Index
	TagPreferredName                Tag = 0x9F12 // Application Preferred Name
	TagLastOnlineATC                Tag = 0x9F13 // Last Online Application Transaction Counter (ATC) Register
	TagLowerOfflineLimit            Tag = 0x9F14 // Lower Consecutive Offline Limit
	TagMCC                          Tag = 0x9F15 // Merchant Category Code
	TagMerchantID                   Tag = 0x9F16 // Merchant Identifier
	TagPINTryCounter                Tag = 0x9F17 // Personal Identification Number (PIN) Try Counter
	TagScriptID                     Tag = 0x9F18 // Issuer Script Identifier
	TagTokenRequestor               Tag = 0x9F19 // Token Requestor ID
	TagTerminalCountry              Tag = 0x9F1A // Terminal Country Code
	TagFloorLimit                   Tag = 0x9F1B // Terminal Floor Limit
	TagTerminalID                   Tag = 0x9F1C // Terminal Identification
	TagTerminalRiskData             Tag = 0x9F1D // Terminal Risk Management Data
	TagIFDSerial                    Tag = 0x9F1E // Interface Device (IFD) Serial Number
	TagTrack1Discretionary          Tag = 0x9F1F // Track 1 Discretionary Data
	TagTrack2Discretionary          Tag = 0x9F20 // Track 2 Discretionary Data
	TagTransactionTime              Tag = 0x9F21 // Transaction Time
	TagTerminalCAPKIndex            Tag = 0x9F22 // Certification Authority Public Key Index - terminal
	TagUpperOfflineLimit            Tag = 0x9F23 // Upper Consecutive Offline Limit
	TagPAR                          Tag = 0x9F24 // Payment Account Reference (PAR)
	TagLastFour                     Tag = 0x9F25 // Last 4 Digits of PAN
	TagCryptogram                   Tag = 0x9F26 // Application Cryptogram
	TagCID                          Tag = 0x9F27 // Cryptogram Information Data
	TagPINKeyCertificate            Tag = 0x9F2D // ICC PIN Encipherment Public Key Certificate
	TagPINKeyExponent               Tag = 0x9F2E // ICC PIN Encipherment Public Key Exponent
	TagPINKeyRemainder              Tag = 0x9F2F // ICC PIN Encipherment Public Key Remainder
	TagIssuerExponent               Tag = 0x9F32 // Issuer Public Key Exponent
	TagTerminalCapabilities         Tag = 0x9F33 // Terminal Capabilities
	TagCVMResults                   Tag = 0x9F34 // Cardholder Verification Method (CVM) Results
	TagTerminalType                 Tag = 0x9F35 // Terminal Type
	TagATC                          Tag = 0x9F36 // Application Transaction Counter (ATC)
	TagUnpredictableNumber          Tag = 0x9F37 // Unpredictable Number
	TagPDOL                         Tag = 0x9F38 // Processing Options Data Object List (PDOL)
	TagEntryMode                    Tag = 0x9F39 // Point-of-Service (POS) Entry Mode
	TagAmountReference              Tag = 0x9F3A // Amount, Reference Currency
	TagApplicationReferenceCurrency Tag = 0x9F3B // Application Reference Currency
	TagReferenceCurrency            Tag = 0x9F3C // Transaction Reference Currency Code
	TagReferenceCurrencyExponent    Tag = 0x9F3D // Transaction Reference Currency Exponent
	TagAdditionalCapabilities       Tag = 0x9F40 // Additional Terminal Capabilities
	TagSequenceCounter              Tag = 0x9F41 // Transaction Sequence Counter
	TagApplicationCurrency          Tag = 0x9F42 // Application Currency Code
	TagApplicationReferenceExponent Tag = 0x9F43 // Application Reference Currency Exponent
	TagApplicationCurrencyExponent  Tag = 0x9F44 // Application Currency Exponent
	TagDataAuthenticationCode       Tag = 0x9F45 // Data Authentication Code
	TagICCCertificate               Tag = 0x9F46 // ICC Public Key Certificate
	TagICCExponent                  Tag = 0x9F47 // ICC Public Key Exponent
	TagICCRemainder                 Tag = 0x9F48 // ICC Public Key Remainder
	TagDDOL                         Tag = 0x9F49 // Dynamic Data Authentication Data Object List (DDOL)
	TagSDATagList                   Tag = 0x9F4A // Static Data Authentication Tag List
	TagSDAD                         Tag = 0x9F4B // Signed Dynamic Application Data
	TagDynamicNumber                Tag = 0x9F4C // ICC Dynamic Number
	TagLogEntry                     Tag = 0x9F4D // Log Entry
	TagMerchantName                 Tag = 0x9F4E // Merchant Name and Location
	TagLogFormat                    Tag = 0x9F4F // Log Format
	TagFCIDiscretionary             Tag = 0xBF0C // File Control Information (FCI) Issuer Discretionary Data
)

// bookTags are the entries of the books' data elements tables.
var bookTags = []Info{
	{TagIIN, "Issuer Identification Number (IIN)", Numeric, 3, 3, false},
	{TagADFName, "Application Dedicated File (ADF) Name", Binary, 5, 16, false},
	{TagApplicationLabel, "Application Label", AlphaSpecial, 1, 16, false},
	{TagTrack2Equivalent, "Track 2 Equivalent Data", Binary, 0, 19, true},
	{TagPAN, "Application Primary Account Number (PAN)", Compressed, 0, 10, true},
	{TagApplicationTemplate, "Application Template", DataObjects, 0, 252, false},
	{TagFCITemplate, "File Control Information (FCI) Template", DataObjects, 0, 252, false},
	{TagRecordTemplate, "READ RECORD Response Message Template", DataObjects, 0, 252, false},
	{TagScriptTemplate1, "Issuer Script Template 1", DataObjects, 0, 0, false},
	{TagScriptTemplate2, "Issuer Script Template 2", DataObjects, 0, 0, false},
	{TagDirectoryDiscretionary, "Directory Discretionary Template", DataObjects, 0, 252, false},
	{TagResponseFormat2, "Response Message Template Format 2", DataObjects, 0, 0, false},
	{TagResponseFormat1, "Response Message Template Format 1", Binary, 0, 0, false},
	{TagAmountAuthorisedBinary, "Amount, Authorised (Binary)", Binary, 4, 4, false},
	{TagAIP, "Application Interchange Profile (AIP)", Binary, 2, 2, false},
	{TagCommandTemplate, "Command Template", Binary, 0, 0, false},
	{TagDFName, "Dedicated File (DF) Name", Binary, 5, 16, false},
	{TagScriptCommand, "Issuer Script Command", Binary, 0, 261, false},
	{TagPriorityIndicator, "Application Priority Indicator", Binary, 1, 1, false},
	{TagSFI, "Short File Identifier (SFI)", Binary, 1, 1, false},
	{TagAuthorisationCode, "Authorisation Code", Alphanumeric, 6, 6, false},
	{TagResponseCode, "Authorisation Response Code", Alphanumeric, 2, 2, false},
	{TagCDOL1, "Card Risk Management Data Object List 1 (CDOL1)", TagsAndLength, 0, 252, false},
	{TagCDOL2, "Card Risk Management Data Object List 2 (CDOL2)", TagsAndLength, 0, 252, false},
	{TagCVMList, "Cardholder Verification Method (CVM) List", Binary, 10, 252, false},
	{TagCAPKIndex, "Certification Authority Public Key Index", Binary, 1, 1, false},
	{TagIssuerCertificate, "Issuer Public Key Certificate", Binary, 0, 248, false},
	{TagIssuerAuthenticationData, "Issuer Authentication Data", Binary, 8, 16, false},
	{TagIssuerRemainder, "Issuer Public Key Remainder", Binary, 0, 248, false},
	{TagSSAD, "Signed Static Application Data", Binary, 0, 248, false},
	{TagAFL, "Application File Locator (AFL)", Binary, 0, 252, false},
	{TagTVR, "Terminal Verification Results (TVR)", Binary, 5, 5, false},
	{TagTDOL, "Transaction Certificate Data Object List (TDOL)", TagsAndLength, 0, 252, false},
	{TagTCHash, "Transaction Certificate (TC) Hash Value", Binary, 20, 20, false},
	{TagPINData, "Transaction Personal Identification Number (PIN) Data", Binary, 0, 0, true},
	{TagTransactionDate, "Transaction Date", Numeric, 3, 3, false},
	{TagTSI, "Transaction Status Information (TSI)", Binary, 2, 2, false},
	{TagTransactionType, "Transaction Type", Numeric, 1, 1, false},
	{TagDDFName, "Directory Definition File (DDF) Name", Binary, 5, 16, false},
	{TagFCIProprietary, "File Control Information (FCI) Proprietary Template", DataObjects, 0, 0, false},
	{TagCardholderName, "Cardholder Name", AlphaSpecial, 0, 26, true},
	{TagExpirationDate, "Application Expiration Date", Numeric, 3, 3, false},
	{TagEffectiveDate, "Application Effective Date", Numeric, 3, 3, false},
	{TagIssuerCountry, "Issuer Country Code", Numeric, 2, 2, false},
	{TagTransactionCurrency, "Transaction Currency Code", Numeric, 2, 2, false},
	{TagLanguagePreference, "Language Preference", Alphanumeric, 2, 8, false},
	{TagServiceCode, "Service Code", Numeric, 2, 2, false},
	{TagPANSequence, "Application Primary Account Number (PAN) Sequence Number", Numeric, 1, 1, false},
	{TagCurrencyExponent, "Transaction Currency Exponent", Numeric, 1, 1, false},
	{TagIssuerURL, "Issuer URL", AlphaSpecial, 0, 0, false},
	{TagIBAN, "International Bank Account Number (IBAN)", AlphaSpecial, 0, 34, true},
	{TagBIC, "Bank Identifier Code (BIC)", AlphaSpecial, 8, 11, false},
	{TagIssuerCountryAlpha2, "Issuer Country Code (alpha2 format)", Alphabetic, 2, 2, false},
	{TagIssuerCountryAlpha3, "Issuer Country Code (alpha3 format)", Alphabetic, 3, 3, false},
	{TagAccountType, "Account Type", Numeric, 1, 1, false},
	{TagAcquirerID, "Acquirer Identifier", Numeric, 6, 6, false},
	{TagAmountAuthorised, "Amount, Authorised (Numeric)", Numeric, 6, 6, false},
	{TagAmountOther, "Amount, Other (Numeric)", Numeric, 6, 6, false},
	{TagAmountOtherBinary, "Amount, Other (Binary)", Binary, 4, 4, false},
	{TagDiscretionaryData, "Application Discretionary Data", Binary, 1, 32, false},
	{TagAID, "Application Identifier (AID) - terminal", Binary, 5, 16, false},
	{TagAUC, "Application Usage Control", Binary, 2, 2, false},
	{TagCardVersion, "Application Version Number - card", Binary, 2, 2, false},
	{TagTerminalVersion, "Application Version Number - terminal", Binary, 2, 2, false},
	{TagASRPD, "Application Selection Registered Proprietary Data", Binary, 0, 0, false},
	{TagCardholderNameExtended, "Cardholder Name Extended", AlphaSpecial, 27, 45, true},
	{TagIINExtended, "Issuer Identification Number Extended", Numeric, 3, 4, false},
	{TagIACDefault, "Issuer Action Code - Default", Binary, 5, 5, false},
	{TagIACDenial, "Issuer Action Code - Denial", Binary, 5, 5, false},
	{TagIACOnline, "Issuer Action Code - Online", Binary, 5, 5, false},
	{TagIAD, "Issuer Application Data", Binary, 0, 32, false},
	{TagCodeTableIndex, "Issuer Code Table Index", Numeric, 1, 1, false},
	{TagPreferredName, "Application Preferred Name", AlphaSpecial, 1, 16, false},
	{TagLastOnlineATC, "Last Online Application Transaction Counter (ATC) Register", Binary, 2, 2, false},
	{TagLowerOfflineLimit, "Lower Consecutive Offline Limit", Binary, 1, 1, false},
	{TagMCC, "Merchant Category Code", Numeric, 2, 2, false},
	{TagMerchantID, "Merchant Identifier", AlphaSpecial, 15, 15, false},
	{TagPINTryCounter, "Personal Identification Number (PIN) Try Counter", Binary, 1, 1, false},
	{TagScriptID, "Issuer Script Identifier", Binary, 4, 4, false},
	{TagTokenRequestor, "Token Requestor ID", Numeric, 6, 6, false},
	{TagTerminalCountry, "Terminal Country Code", Numeric, 2, 2, false},
	{TagFloorLimit, "Terminal Floor Limit", Binary, 4, 4, false},
	{TagTerminalID, "Terminal Identification", Alphanumeric, 8, 8, false},
	{TagTerminalRiskData, "Terminal Risk Management Data", Binary, 1, 8, false},
	{TagIFDSerial, "Interface Device (IFD) Serial Number", Alphanumeric, 8, 8, false},
	{TagTrack1Discretionary, "Track 1 Discretionary Data", AlphaSpecial, 0, 0, true},
	{TagTrack2Discretionary, "Track 2 Discretionary Data", Compressed, 0, 0, true},
	{TagTransactionTime, "Transaction Time", Numeric, 3, 3, false},
	{TagTerminalCAPKIndex, "Certification Authority Public Key Index - terminal", Binary, 1, 1, false},
	{TagUpperOfflineLimit, "Upper Consecutive Offline Limit", Binary, 1, 1, false},
	{TagPAR, "Payment Account Reference (PAR)", Alphanumeric, 29, 29, false},
	{TagLastFour, "Last 4 Digits of PAN", Numeric, 2, 2, false},
	{TagCryptogram, "Application Cryptogram", Binary, 8, 8, false},
	{TagCID, "Cryptogram Information Data", Binary, 1, 1, false},
	{TagPINKeyCertificate, "ICC PIN Encipherment Public Key Certificate", Binary, 0, 248, false},
	{TagPINKeyExponent, "ICC PIN Encipherment Public Key Exponent", Binary, 1, 3, false},
	{TagPINKeyRemainder, "ICC PIN Encipherment Public Key Remainder", Binary, 0, 248, false},
	{TagIssuerExponent, "Issuer Public Key Exponent", Binary, 1, 3, false},
	{TagTerminalCapabilities, "Terminal Capabilities", Binary, 3, 3, false},
	{TagCVMResults, "Cardholder Verification Method (CVM) Results", Binary, 3, 3, false},
	{TagTerminalType, "Terminal Type", Numeric, 1, 1, false},
	{TagATC, "Application Transaction Counter (ATC)", Binary, 2, 2, false},
	{TagUnpredictableNumber, "Unpredictable Number", Binary, 4, 4, false},
	{TagPDOL, "Processing Options Data Object List (PDOL)", TagsAndLength, 0, 0, false},
	{TagEntryMode, "Point-of-Service (POS) Entry Mode", Numeric, 1, 1, false},
	{TagAmountReference, "Amount, Reference Currency", Binary, 4, 4, false},
	{TagApplicationReferenceCurrency, "Application Reference Currency", Numeric, 2, 8, false},
	{TagReferenceCurrency, "Transaction Reference Currency Code", Numeric, 2, 2, false},
	{TagReferenceCurrencyExponent, "Transaction Reference Currency Exponent", Numeric, 1, 1, false},
	{TagAdditionalCapabilities, "Additional Terminal Capabilities", Binary, 5, 5, false},
	{TagSequenceCounter, "Transaction Sequence Counter", Numeric, 2, 4, false},
	{TagApplicationCurrency, "Application Currency Code", Numeric, 2, 2, false},
	{TagApplicationReferenceExponent, "Application Reference Currency Exponent", Numeric, 1, 4, false},
	{TagApplicationCurrencyExponent, "Application Currency Exponent", Numeric, 1, 1, false},
	{TagDataAuthenticationCode, "Data Authentication Code", Binary, 2, 2, false},
	{TagICCCertificate, "ICC Public Key Certificate", Binary, 0, 248, false},
	{TagICCExponent, "ICC Public Key Exponent", Binary, 1, 3, false},
	{TagICCRemainder, "ICC Public Key Remainder", Binary, 0, 248, false},
	{TagDDOL, "Dynamic Data Authentication Data Object List (DDOL)", TagsAndLength, 0, 252, false},
	{TagSDATagList, "Static Data Authentication Tag List", Binary, 0, 0, false},
	{TagSDAD, "Signed Dynamic Application Data", Binary, 0, 248, false},
	{TagDynamicNumber, "ICC Dynamic Number", Binary, 2, 8, false},
	{TagLogEntry, "Log Entry", Binary, 2, 2, false},
	{TagMerchantName, "Merchant Name and Location", AlphaSpecial, 0, 0, false},
	{TagLogFormat, "Log Format", TagsAndLength, 0, 0, false},
	{TagFCIDiscretionary, "File Control Information (FCI) Issuer Discretionary Data", DataObjects, 0, 222, false},
}
