package host

import (
	"cmp"
	"context"
	"errors"

	"possim/host/hsm"
	"possim/host/wire"
)

// MACPolicy says whether requests must carry a MAC.
type MACPolicy string

// The policies. The zero value is MACOff.
const (
	// MACRequire refuses a request whose kind carries a MAC, and that has none or a
	// wrong one, with A0: its terminal signs on again and sends it once more.
	MACRequire MACPolicy = "require"
	// MACOff looks at no MAC. A request that carries one gets an answer that does
	// too, where its terminal has signed on.
	MACOff MACPolicy = "off"
)

var (
	errNoMAC = errors.New("the message carries no MAC")
	errNoTAK = errors.New("the terminal has no MAC key: it did not sign on, or signed off")
)

// macHolds verifies the MAC of a request (RULES: security defaults).
func (d *deal) macHolds(ctx context.Context) (bool, error) {
	err := error(nil)
	if d.h.Verify != nil {
		err = d.h.Verify(ctx, d.Request)
	}
	off := d.h.MAC == "" || d.h.MAC == MACOff // a policy nobody knows is no leave to look away
	if err == nil && sealed&d.kind != 0 && (!off || len(d.Message.MAC) > 0) {
		wrong, lost := d.sealWrong(ctx)
		if lost != nil {
			return false, lost
		}
		if !off {
			err = wrong
		}
	}
	if err != nil {
		d.note = err.Error()
	}
	return err == nil, nil
}

// sealWrong verifies a MAC, under the keys of another host where the terminal signed on
// there. lost is that nobody can say.
func (d *deal) sealWrong(ctx context.Context) (wrong, lost error) {
	if wrong = d.verify(); wrong != nil {
		changed, lost := d.lookAgain(ctx)
		if lost != nil {
			return nil, lost
		}
		if changed {
			wrong = d.verify()
		}
	}
	d.verified = wrong == nil
	return wrong, nil
}

// ownKeys looks at the terminal's session again, unless a MAC has shown that its keys
// are the terminal's: under others a PIN would be wrong that is right.
func (d *deal) ownKeys(ctx context.Context) error {
	if d.verified {
		return nil
	}
	_, err := d.lookAgain(ctx)
	return err
}

func (d *deal) verify() error {
	if len(d.Message.MAC) == 0 {
		return errNoMAC
	}
	keys, err := d.keys(hsm.UseMACRequest)
	if err != nil {
		return err
	}
	if d.sealing.seal, err = d.sealer(keys); err != nil {
		return err
	}
	d.sealing.under = keys
	return hsm.Verify(d.sealing.seal, d.MAB, d.Message.MAC)
}

// sealing is what a MAC was last verified with, and the key of it.
type sealing struct {
	seal  hsm.Seal
	under hsm.Key
}

// seal is what the answer is sealed with: the key of the request, so that a sign-on
// that comes between changes nothing. What was refused before its MAC was looked at,
// or for it, goes without: under another key than the terminal's a seal would say
// something was wrong with the answer.
func (d *deal) seal(refused string) wire.Seal {
	if sealed&d.kind == 0 || len(d.Message.MAC) == 0 || d.terminal.TID == "" || refused == "mac" || refused == "busy" {
		return nil
	}
	keys, err := d.keys(hsm.UseMACResponse)
	if err != nil {
		return nil
	}
	if keys == d.sealing.under && !keys.Zero() {
		return d.sealing.seal
	}
	seal, err := d.sealer(keys)
	if err != nil {
		return nil
	}
	return seal
}

func (d *deal) sealer(tak hsm.Key) (hsm.Seal, error) {
	if tak.Zero() {
		return nil, errNoTAK
	}
	algorithm := cmp.Or(d.terminal.MACAlgorithm, hsm.MACECB)
	if tak.Algorithm() == hsm.AES {
		algorithm = hsm.MACCMAC // the others are of DES
	}
	return algorithm.Sealer(tak)
}

// keys is the terminal's key for a use: of its session, or of this one message where
// the terminal has DUKPT keys.
//
// A DUKPT terminal sends its key serial number in field 62, which no financial
// message needs for anything else: 10 bytes (TDES) or 12 (AES), in dialects that
// write characters as hex. No public UnionPay message has one: the place is ours.
func (d *deal) keys(use hsm.Usage) (hsm.Key, error) {
	if ksn, ok := d.ksn(); ok {
		ik, err := hsm.InitialKey(d.terminal.BDK, ksn)
		if err != nil {
			return hsm.Key{}, err
		}
		kind := hsm.TDES2
		if ik.Algorithm() == hsm.AES {
			kind = hsm.AES128
		}
		return hsm.WorkingKey(ik, ksn, use, kind)
	}
	switch w := d.terminal.Working; use {
	case hsm.UsePIN:
		return w.TPK, nil
	case hsm.UseDataRequest:
		return w.TDK, nil
	default:
		return w.TAK, nil
	}
}

func (d *deal) ksn() (hsm.KSN, bool) {
	if d.terminal.BDK.Zero() || len(d.Private62) == 0 {
		return nil, false
	}
	if n := len(d.Private62); n == 10 || n == 12 {
		return hsm.KSN(d.Private62), true
	}
	ksn, err := hsm.ParseKSN(string(d.Private62))
	return ksn, err == nil
}
