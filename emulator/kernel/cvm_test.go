package kernel

import (
	"context"
	"errors"
	"testing"

	"possim/reader/emv"
)

// pins types one PIN after the other, and "" to bypass.
func pins(digits ...string) func(world) {
	return func(w world) {
		w.k.PIN = func(_ context.Context, q PINRequest) (PINEntry, error) {
			if len(digits) == 0 {
				return PINEntry{}, errors.New("asked for more PINs than the test has")
			}
			next := digits[0]
			digits = digits[1:]
			if next == "" {
				return PINEntry{Bypassed: true}, nil
			}
			p, err := NewPIN(next)
			return PINEntry{PIN: p}, err
		}
	}
}

func list(rules string) func(world) { return set(emv.TagCVMList, "0000100000002000"+rules) }

func capabilities(b byte) func(world) { return func(w world) { w.k.Capabilities[1] = b } }

func TestCardholderVerification(t *testing.T) {
	runRows(t, []row{
		{name: "online PIN", alter: list("4203"), tvr: "0000040000", tsi: "E800", cvm: "420300", decision: Online, hasNot: "0020"},
		{name: "online PIN bypassed, then signature", alter: all(list("42031E03"), pins("")), tvr: "0000080000", cvm: "1E0300", decision: Online},
		{name: "online PIN bypassed, no next", alter: all(list("0203"), pins("")), tvr: "0000880000", cvm: "020301", decision: Online},
		{name: "pad broken", alter: all(list("0203"), func(w world) {
			w.k.PIN = func(context.Context, PINRequest) (PINEntry, error) { return PINEntry{Failed: true}, nil }
		}), tvr: "0000900000", cvm: "020301", decision: Online},
		{name: "no pad at all", alter: all(list("42001F00"), capabilities(0x28)), tvr: "0000100000", cvm: "1F0002", decision: Online},
		{name: "condition: if supported passes it over", alter: all(list("42031F00"), capabilities(0x28)), tvr: "0000000000", cvm: "1F0002", decision: Approved, code: "Y1"},
		{name: "plain PIN", alter: list("4103"), tvr: "0000000000", tsi: "E800", cvm: "410302", decision: Approved, code: "Y1", has: "0020008008241234FFFFFFFFFF"},
		{name: "plain PIN, wrong once", alter: all(list("4103"), pins("1111", "1234")), tvr: "0000000000", cvm: "410302", decision: Approved, code: "Y1"},
		{name: "plain PIN, wrong until blocked", alter: all(list("01031F00"), pins("1111", "1111", "1111")), tvr: "0000A00000", cvm: "010301", decision: Online},
		{name: "plain PIN blocked before", alter: all(list("41031F00"), pins(), func(w world) { w.tries = 0 }), tvr: "0000200000", cvm: "1F0002", decision: Online, hasNot: "0020"},
		{name: "plain PIN blocked, counter unreadable", alter: all(list("0103"), func(w world) {
			w.tries = 0
			w.hook = func(a []byte) []byte {
				if a[1] == 0xCA {
					return []byte{0x6A, 0x81}
				}
				return nil
			}
		}), tvr: "0000A00000", cvm: "010301", decision: Online},
		{name: "plain PIN bypassed after a wrong one", alter: all(list("0103"), pins("1111", "")), tvr: "0000880000", cvm: "010301", decision: Online},
		{name: "bypassed once is bypassed for all", alter: all(list("410042001F00"), pins("")), tvr: "0000080000", cvm: "1F0002", decision: Online},
		{name: "VERIFY fails oddly", alter: all(list("0103"), func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0x20 {
					return []byte{0x6A, 0x88}
				}
				return nil
			}
		}), tvr: "0000800000", cvm: "010301", decision: Online},
		{name: "plain PIN and signature", alter: list("4303"), tvr: "0000000000", cvm: "430300", decision: Approved, code: "Y1", has: "00200080"},
		{name: "enciphered PIN", alter: list("4403"), tvr: "0000000000", cvm: "440302", decision: Approved, code: "Y1", has: "0084000000"},
		{name: "enciphered PIN, wrong then right", alter: all(list("4403"), pins("9999", "1234")), tvr: "0000000000", cvm: "440302", decision: Approved, code: "Y1", has: "0020008860"},
		{name: "enciphered PIN and signature", alter: list("4503"), tvr: "0000000000", cvm: "450300", decision: Approved, code: "Y1"},
		{name: "enciphered PIN without DDA", alter: all(aip("5C00"), list("4403")), tvr: "0200000000", cvm: "440302", decision: Approved, code: "Y1"},
		{name: "enciphered PIN, key not recovered", alter: all(list("0403"), func(w world) { w.k.CAPKs = nil }), tvr: "0800800000", cvm: "040301", decision: Online, hasNot: "0084"},
		{name: "enciphered PIN, no challenge", alter: all(list("0403"), func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0x84 {
					return []byte{0x6D, 0}
				}
				return nil
			}
		}), tvr: "0000800000", cvm: "040301", decision: Online, hasNot: "0020"},
		{name: "signature", alter: list("1E00"), tvr: "0000000000", cvm: "1E0000", decision: Approved, code: "Y1"},
		{name: "signature not supported, then none", alter: all(list("5E001F00"), capabilities(0x08)), tvr: "0000000000", cvm: "1F0002", decision: Approved, code: "Y1"},
		{name: "no CVM", alter: list("1F00"), tvr: "0000000000", cvm: "1F0002", decision: Approved, code: "Y1"},
		{name: "fail", alter: list("0000"), tvr: "0000800000", cvm: "000001", decision: Online},
		{name: "fail, whatever follows", alter: list("40001F00"), tvr: "0000800000", cvm: "400001", decision: Online},
		{name: "unrecognised, then none", alter: list("60001F00"), tvr: "0000400000", cvm: "1F0002", decision: Approved, code: "Y1"},
		{name: "unrecognised, no next", alter: list("2000"), tvr: "0000C00000", cvm: "3F0001", decision: Online},
		{name: "none supported", alter: all(list("5E000600"), capabilities(0x08)), tvr: "0000800000", tsi: "E800", cvm: "3F0001", decision: Online},
		{name: "a PIN without a pad, no next", alter: all(list("0100"), capabilities(0x28)), tvr: "0000900000", cvm: "3F0001", decision: Online, hasNot: "80CA9F17"},
		{name: "failed, and nothing after it is performed", alter: all(list("410060001E05"), pins("")), tvr: "0000C80000", cvm: "410001", decision: Online},
		{name: "unrecognised, then fail", alter: list("60004000"), tvr: "0000C00000", cvm: "400001", decision: Online},
		{name: "biometric: known, not supported", alter: list("46001F00"), tvr: "0000000000", cvm: "1F0002", decision: Approved, code: "Y1"},
		{name: "no condition met", alter: list("1F041F011F05"), tvr: "0000800000", tsi: "E800", cvm: "3F0001", decision: Online},
		{name: "condition RFU", alter: list("1F0A"), tvr: "0000800000", cvm: "3F0001", decision: Online},
		{name: "list without rules", alter: list(""), tvr: "0000000000", tsi: "A800", cvm: "3F0000", decision: Approved, code: "Y1"},
		{name: "no list", alter: set(emv.TagCVMList, "-"), tvr: "2000000000", tsi: "A800", cvm: "3F0000", decision: Approved, code: "Y1"},
		{name: "list cut short", alter: set(emv.TagCVMList, "0000000000"), tsi: "8000", cvm: "3F0000", decision: Terminated, cause: CauseFormat},
		{name: "card does not verify", alter: aip("6C00"), tvr: "0000000000", tsi: "A800", cvm: "3F0000", decision: Approved, code: "Y1"},
		{name: "under X", alter: all(list("1F061E00"), amount(0xFFF)), cvm: "1F0602", decision: Approved, code: "Y1"},
		{name: "at X is not under", alter: all(list("1F061E00"), amount(0x1000)), cvm: "1E0000", decision: Approved, code: "Y1"},
		{name: "over X", alter: all(list("1E071F00"), amount(0x1001)), cvm: "1E0700", decision: Approved, code: "Y1"},
		{name: "under Y", alter: all(list("1F08"), amount(0x1FFF)), cvm: "1F0802", decision: Approved, code: "Y1"},
		{name: "over Y", alter: all(list("1F09"), amount(0x2001)), cvm: "1F0902", decision: Approved, code: "Y1"},
		{name: "under X in another currency", alter: all(list("1F061E00"), set(emv.TagApplicationCurrency, "0840"), amount(1)), cvm: "1E0000", decision: Approved, code: "Y1"},
		{name: "cash back", alter: all(list("1F05"), func(w world) { w.tx.Other = 100 }), cvm: "1F0502", decision: Approved, code: "Y1"},
		{name: "not cash", alter: all(list("1E021F04"), func(w world) { w.tx.Type = Cash }), cvm: "1F0402", decision: Approved, code: "Y1"},
		{name: "unattended cash", alter: all(list("1F041E01"), func(w world) { w.tx.Type, w.k.Type = Cash, 0x25 }), cvm: "1E0100", decision: Approved, code: "Y1"},
	})
}
