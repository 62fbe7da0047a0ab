package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// cardCommand holds what is done to chip cards outside a reader.
func (a *app) cardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Make the keys and certificates of test chip cards",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.cardMakeCommand())
	return cmd
}

// cardMake makes what is on a chip card, and what a terminal knows it by.
type cardMake struct {
	*app
	chip   chipFlags
	dir    string
	json   bool
	unsafe bool
	secret string
}

func (a *app) cardMakeCommand() *cobra.Command {
	m := &cardMake{app: a}
	cmd := &cobra.Command{
		Use:   "make",
		Short: "Make the authority's key, the issuer's and the card's certificates of a test card",
		Long: `make computes what possim emulate card has on its card, the same each time: the public
key of the certification authority, as terminals load it (RID, index, modulus, exponent,
SHA-1, expiry), the certificates of issuer and card, AIP and AFL. It prints them, or
writes ca.json, ca.txt and card.json into a directory (--out).

Test cards only: all keys come from a seed, by default a published one, and protect
nothing. Only numbers published for testing are taken, as the certificates hold the
number; with --unsafe the records are there too, which show it. --private writes the
RSA primes and the master keys into a file that only its owner can read.`,
		Example: `  possim card make --profile unionpay-debit
  possim card make --card chip-visa --out visa --private visa/private.json`,
		Args: cobra.NoArgs,
		RunE: a.command(m.run),
	}
	m.chip.bind(cmd)
	f := cmd.Flags()
	f.StringVar(&m.dir, "out", "", "write files into this directory, which is made if need be")
	f.BoolVar(&m.json, "json", false, "print one JSON object")
	f.BoolVar(&m.unsafe, "unsafe", false, "with the records, which show the test number")
	f.StringVar(&m.secret, "private", "", "write the private keys and master keys to this file")
	return cmd
}

// madeCard is card.json, a contract.
type madeCard struct {
	Profile      string            `json:"profile"`
	PAN          card.PAN          `json:"pan"`
	Authority    madeAuthority     `json:"authority"`
	Applications []madeApplication `json:"applications"`
}

type madeAuthority struct {
	RID      emv.RID `json:"rid"`
	Index    string  `json:"index"`
	Exponent string  `json:"exponent"`
	Modulus  string  `json:"modulus"`
	SHA1     string  `json:"sha1"`
	Expires  string  `json:"expires"` // YYMM, as its certificates do
}

type madeApplication struct {
	AID         string            `json:"aid"`
	Label       string            `json:"label"`
	AIP         emv.AIP           `json:"aip"`
	AFL         string            `json:"afl"`
	Issuer      map[string]string `json:"issuer_certificate"`         // 90, 92, 9F32
	Certificate map[string]string `json:"card_certificate,omitempty"` // 9F46, 9F47, 9F48
	Records     []madeRecord      `json:"records,omitempty"`
}

type madeRecord struct {
	SFI  int    `json:"sfi"`
	Data string `json:"data"`
}

func (m *cardMake) run(_ context.Context, _ []string) error {
	p, err := m.chip.profile()
	if err != nil {
		return err
	}
	if !card.IsTest(p.Applications[0].Holder.PAN) {
		return usage("--pan: not a number published for testing: certificates hold the number, and are made for those alone")
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		return usage("%w", err)
	}
	images := c.Images()
	made, err := m.describe(p, images)
	if err != nil {
		return err
	}
	if m.secret != "" {
		if err := writeSecrets(m.secret, images); err != nil {
			return badWorld(err)
		}
		fmt.Fprintf(m.stderr, "private keys and master keys of a test issuer are in %s: whoever has its seed has them\n", m.secret)
	}
	switch {
	case m.dir != "":
		return m.files(made, images[0].Issuer.Authority.CAPK())
	case m.json:
		return json.NewEncoder(m.stdout).Encode(made)
	}
	return m.print(made)
}

func (m *cardMake) describe(p icc.Profile, images []icc.Image) (madeCard, error) {
	ca := images[0].Issuer.Authority.CAPK()
	issuer, err := ca.Recover(images[0].Issuer.Certificate, p.Applications[0].Holder.PAN)
	if err != nil {
		return madeCard{}, err
	}
	made := madeCard{Profile: p.Name, PAN: p.Applications[0].Holder.PAN, Authority: madeAuthority{RID: ca.RID, Index: fmt.Sprintf("%02X", ca.Index),
		Exponent: hexed(ca.Exponent), Modulus: hexed(ca.Modulus), SHA1: fmt.Sprintf("%X", ca.Checksum()), Expires: issuer.Expires.YYMM()}}
	for _, i := range images {
		a := madeApplication{AID: hexed(i.AID), Label: i.Label, AIP: i.AIP, AFL: hexed(i.AFL.Bytes()), Issuer: objects(i.Issuer.Certificate.IssuerObjects())}
		if i.RSA != nil {
			a.Certificate = objects(i.RSA.Certificate.ICCObjects())
		}
		for _, r := range i.Records {
			if m.unsafe {
				a.Records = append(a.Records, madeRecord{r.SFI, hexed(r.Data)})
			}
		}
		made.Applications = append(made.Applications, a)
	}
	return made, nil
}

func hexed(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// objects maps tags to values, in hex.
func objects(l emv.List) map[string]string {
	out := map[string]string{}
	for _, o := range l {
		out[o.Tag.String()] = hexed(o.Value)
	}
	return out
}

// files writes the authority's key for possim and for other terminals, and the card.
func (m *cardMake) files(made madeCard, ca emv.CAPK) error {
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return badWorld(err)
	}
	var keys, text bytes.Buffer
	ca.Test = true
	if err := emv.SaveCAPKs(&keys, emv.CAPKs{ca}); err != nil {
		return err
	}
	made.Authority.print(&text)
	whole, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"ca.json": keys.Bytes(), "ca.txt": text.Bytes(), "card.json": append(whole, '\n')} {
		if err := writeFile(filepath.Join(m.dir, name), data); err != nil {
			return badWorld(err)
		}
	}
	_, err = fmt.Fprintf(m.stdout, "%s: ca.json and ca.txt are the authority's key for terminals, card.json is the card\n", m.dir)
	return err
}

func (a madeAuthority) print(to *bytes.Buffer) {
	fmt.Fprintf(to, "RID       %s\nindex     %s\nexponent  %s\nmodulus   %s\nSHA-1     %s\nexpires   %s (YYMM)\n",
		a.RID, a.Index, a.Exponent, a.Modulus, a.SHA1, a.Expires)
}

func (m *cardMake) print(made madeCard) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "test card %s, %s\n\nThe authority's public key, for a terminal:\n", made.PAN, made.Profile)
	made.Authority.print(&out)
	for _, a := range made.Applications {
		fmt.Fprintf(&out, "\n%s %s: AIP %s, AFL %s\n", a.Label, a.AID, a.AIP, a.AFL)
		for _, part := range []struct {
			what string
			tags map[string]string
		}{{"issuer", a.Issuer}, {"card", a.Certificate}} {
			for _, tag := range sortedKeys(part.tags) {
				fmt.Fprintf(&out, "%-6s %-4s %s\n", part.what, tag, part.tags[tag])
			}
		}
		for _, r := range a.Records {
			fmt.Fprintf(&out, "SFI %-2d    %s\n", r.SFI, r.Data)
		}
	}
	_, err := m.stdout.Write(out.Bytes())
	return err
}
