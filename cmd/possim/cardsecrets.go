package main

import (
	"encoding/json"
	"maps"
	"slices"

	"possim/reader/emv"
	"possim/reader/icc"
)

// secretKey is an RSA key by its primes, which all the rest comes from.
type secretKey struct {
	P        string `json:"p"`
	Q        string `json:"q"`
	Modulus  string `json:"modulus"`
	Exponent string `json:"exponent"`
}

// secretApplication is what nobody but issuer and card knows of an application.
type secretApplication struct {
	AID    string            `json:"aid"`
	Issuer secretKey         `json:"issuer"`
	Card   *secretKey        `json:"card,omitempty"`
	Master map[string]string `json:"master_keys"`
	Own    map[string]string `json:"card_keys"`
}

// writeSecrets writes the private keys of a test card, for its owner's eyes alone.
func writeSecrets(path string, images []icc.Image) error {
	file := struct {
		Note         string              `json:"note"`
		Authority    secretKey           `json:"authority"`
		Applications []secretApplication `json:"applications"`
	}{Note: "test keys, made from a seed: they protect nothing", Authority: primes(images[0].Issuer.Authority.Key)}
	for _, i := range images {
		a := secretApplication{AID: hexed(i.AID), Issuer: primes(i.Issuer.RSA), Master: triple(i.Issuer.Master), Own: triple(i.Keys)}
		if i.RSA != nil {
			k := primes(i.RSA.RSA)
			a.Card = &k
		}
		file.Applications = append(file.Applications, a)
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(path, append(data, '\n'), 0o600)
}

func primes(k emv.PrivateKey) secretKey {
	p, q := k.Reveal()
	return secretKey{hexed(p), hexed(q), hexed(k.Public().Modulus), hexed(k.Public().Exponent)}
}

func triple(k emv.Keys) map[string]string {
	return map[string]string{"ac": hexed(k.AC.Reveal()), "mac": hexed(k.MAC.Reveal()), "enc": hexed(k.ENC.Reveal())}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
