package wire

import "possim/host/money"

// BalanceField is a balance as field 54 carries it, 20 characters.
type BalanceField struct {
	Account string       // n2: type of account, 00 unspecified
	Type    string       // n2: type of amount, 01 ledger balance, 02 available balance
	Amount  money.Amount // negative when the account owes
}

// AvailableBalance is the type of amount that a card can spend (ISO 8583:1987, 54).
const AvailableBalance = "02"

// ParseBalance reads field 54 and returns its first amount.
func ParseBalance(text string) (BalanceField, error) {
	all, err := ParseBalances(text)
	if err != nil {
		return BalanceField{}, err
	}
	return all[0], nil
}

// ParseBalances reads field 54: one amount or several.
func ParseBalances(text string) ([]BalanceField, error) {
	c := cut(54, text)
	var all []BalanceField
	for len(all) == 0 || c.more() {
		b := BalanceField{Account: c.digits("account type", 2), Type: c.digits("amount type", 2)}
		b.Amount.Currency = money.Currency(c.text("currency", 3))
		at := c.at
		sign := c.text("sign", 1)
		b.Amount.Minor = c.number("amount", 12)
		switch sign {
		case "D":
			b.Amount.Minor = -b.Amount.Minor
		case "C", "":
		default:
			c.err = nil // what follows a wrong sign is no better
			c.fail("sign", at, "want C or D")
		}
		all = append(all, b)
	}
	if err := c.end(); err != nil {
		return nil, err
	}
	return all, nil
}

// Field54 writes field 54.
func (b BalanceField) Field54() (string, error) {
	p := paster{field: 54}
	p.digits("account type", orZeros(b.Account, 2), 2)
	p.digits("amount type", orZeros(b.Type, 2), 2)
	p.text("currency", string(b.Amount.Currency), 3)
	sign, minor := "C", b.Amount.Minor
	if minor < 0 {
		sign, minor = "D", -minor
	}
	p.text("sign", sign, 1)
	p.number("amount", minor, 12)
	return p.end()
}
