// Package catalog is the scenarios and the cards that ship with possim.
//
// FS holds the scenario files, themed, and CardsFile, the one list of cards that
// scenarios, the host, the emulated reader and load all take theirs from. Every
// card number is from a range published for testing; nobody's account is behind it.
// DownloadsFile has the keys and parameters that hosts give their terminals.
package catalog

import "embed"

// FS is the catalog's files, all in its root.
//
//go:embed *.yaml
var FS embed.FS

// CardsFile is the list of cards in FS, and DownloadsFile what terminals download;
// every other file holds scenarios.
const (
	CardsFile     = "cards.yaml"
	DownloadsFile = "downloads.yaml"
)
