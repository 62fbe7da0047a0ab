package wire

// Totals is what field 48 of a settlement says (UnionPay: 62 digits): the sums of
// domestic and of foreign cards, apart.
type Totals struct {
	Domestic, Foreign Sums
}

// Sums counts and adds a batch. Debit is what cardholders pay, credit what they
// get back.
type Sums struct {
	Debit       int64 // minor units
	DebitCount  int
	Credit      int64
	CreditCount int
	Agreed      Agreed
}

// Agreed is what the host says of the terminal's sums, the last digit of each
// group; the terminal sends 0.
type Agreed byte

// What a host may say. Some answer NotCompared where the sums agree.
const (
	NotCompared Agreed = iota
	Balanced
	Unbalanced
	NotReconciled // something went wrong on the way
)

// OK reports whether the sums agree: 0 and 1 both mean it (对账平).
func (a Agreed) OK() bool { return a <= Balanced }

// Same reports whether two sums agree, whatever either says of it.
func (s Sums) Same(o Sums) bool {
	s.Agreed, o.Agreed = 0, 0
	return s == o
}

// ParseTotals reads field 48 of a 0500 or 0510.
func ParseTotals(digits string) (Totals, error) {
	c := cut(48, digits)
	t := Totals{Domestic: c.sums("domestic"), Foreign: c.sums("foreign")}
	if err := c.end(); err != nil {
		return Totals{}, err
	}
	return t, nil
}

func (c *cutter) sums(of string) Sums {
	s := Sums{
		Debit: c.number(of+" debit amount", 12), DebitCount: int(c.number(of+" debit count", 3)),
		Credit: c.number(of+" credit amount", 12), CreditCount: int(c.number(of+" credit count", 3)),
	}
	at := c.at
	if s.Agreed = Agreed(c.number(of+" flag", 1)); s.Agreed > NotReconciled {
		c.fail(of+" flag", at, "want 0 to 3")
	}
	return s
}

// Field48 writes field 48. A count above 999 has no place in it.
func (t Totals) Field48() (string, error) {
	p := paster{field: 48}
	p.sums("domestic", t.Domestic)
	p.sums("foreign", t.Foreign)
	return p.end()
}

func (p *paster) sums(of string, s Sums) {
	p.number(of+" debit amount", s.Debit, 12)
	p.number(of+" debit count", int64(s.DebitCount), 3)
	p.number(of+" credit amount", s.Credit, 12)
	p.number(of+" credit count", int64(s.CreditCount), 3)
	p.number(of+" flag", int64(s.Agreed), 1)
}
