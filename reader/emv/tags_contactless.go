package emv

// The data objects of the contactless books that a terminal meets (Book A, C-2, C-3, C-7).
const (
	TagTrack1                 Tag = 0x56   // Track 1 Data
	TagExtendedSelection      Tag = 0x9F29 // Extended Selection
	TagKernelID               Tag = 0x9F2A // Kernel Identifier
	TagScriptResults          Tag = 0x9F5B // Issuer Script Results
	TagTTQ                    Tag = 0x9F66 // Terminal Transaction Qualifiers (TTQ)
	TagCardAuthenticationData Tag = 0x9F69 // Card Authentication Related Data
	TagCTQ                    Tag = 0x9F6C // Card Transaction Qualifiers (CTQ)
	TagFormFactor             Tag = 0x9F6E // Form Factor Indicator or Third Party Data
	TagCustomerExclusive      Tag = 0x9F7C // Customer Exclusive Data
)

// contactlessTags are the entries of the contactless books.
var contactlessTags = []Info{
	{TagTrack1, "Track 1 Data", AlphaSpecial, 0, 76, true},
	{TagExtendedSelection, "Extended Selection", Binary, 0, 0, false},
	{TagKernelID, "Kernel Identifier", Binary, 1, 8, false},
	{TagScriptResults, "Issuer Script Results", Binary, 0, 0, false},
	{TagTTQ, "Terminal Transaction Qualifiers (TTQ)", Binary, 4, 4, false},
	{TagCardAuthenticationData, "Card Authentication Related Data", Binary, 5, 16, false},
	{TagCTQ, "Card Transaction Qualifiers (CTQ)", Binary, 2, 2, false},
	{TagFormFactor, "Form Factor Indicator or Third Party Data", Binary, 0, 32, false},
	{TagCustomerExclusive, "Customer Exclusive Data", Binary, 0, 32, false},
}
