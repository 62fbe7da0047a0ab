package scenarios

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"possim/host"
	"possim/host/wire"
	"possim/scenarios/catalog"
)

// downloads is the file of what terminals download.
type downloads struct {
	CAPKs []struct {
		RID, Index, Expiry, Exponent, Modulus, SHA1 string
	} `yaml:"capks"`
	Parameters yaml.Node
	AIDs       []struct{ AID, Name string } `yaml:"aids"`
}

// CatalogDownloads returns what hosts give their terminals: CAPKs and AIDs of
// UnionPay's chip cards. The layout of stripe parameters is not public: there are none.
var CatalogDownloads = sync.OnceValues(func() (host.Downloads, error) {
	data, err := catalog.FS.ReadFile(catalog.DownloadsFile)
	if err != nil {
		return host.Downloads{}, err
	}
	d, err := readDownloads(data)
	if err != nil {
		return host.Downloads{}, fmt.Errorf("%s: %w", catalog.DownloadsFile, err)
	}
	return d, nil
})

// readDownloads turns the file into the data objects of field 62.
func readDownloads(data []byte) (out host.Downloads, err error) {
	var file downloads
	if err := yaml.Load(data, &file, yaml.WithKnownFields()); err != nil {
		return out, err
	}
	for _, k := range file.CAPKs {
		modulus := strings.ReplaceAll(k.Modulus, " ", "")
		signed, err := hex.DecodeString(k.RID + k.Index + modulus + k.Exponent)
		if err != nil {
			return out, fmt.Errorf("key %s of %s: %w", k.Index, k.RID, err)
		}
		if sum := sha1.Sum(signed); !strings.EqualFold(hex.EncodeToString(sum[:]), k.SHA1) {
			return out, fmt.Errorf("key %s of %s: its check value differs", k.Index, k.RID) // EMV Book 2, 11.1
		}
		entry, err := objects("9F06", k.RID, "9F22", k.Index, "DF05", fmt.Sprintf("%x", k.Expiry),
			"DF06", "01", "DF07", "01", "DF02", modulus, "DF04", k.Exponent, "DF03", k.SHA1)
		if err != nil {
			return out, err
		}
		out.CAPKs = append(out.CAPKs, entry)
	}
	var common []string
	for _, n := range file.Parameters.Content {
		common = append(common, n.Value)
	}
	for _, a := range file.AIDs {
		entry, err := objects(append([]string{"9F06", a.AID}, common...)...)
		if err != nil {
			return out, fmt.Errorf("%s: %w", a.Name, err)
		}
		out.AIDs = append(out.AIDs, entry)
	}
	return out, nil
}

// objects writes tags and their values, all hexadecimal, as BER-TLV.
func objects(pairs ...string) (out []byte, err error) {
	for i := 0; i+1 < len(pairs); i += 2 {
		value, err := hex.DecodeString(pairs[i+1])
		if err != nil {
			return nil, fmt.Errorf("tag %s: %w", pairs[i], err)
		}
		if out, err = wire.AppendTLV(out, pairs[i], value); err != nil {
			return nil, fmt.Errorf("tag %s: %w", pairs[i], err)
		}
	}
	return out, nil
}
