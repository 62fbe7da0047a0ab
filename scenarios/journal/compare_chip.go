package journal

import (
	"fmt"

	"possim/host/wire"
	"possim/reader/emv"
)

// shapedTags are the objects of field 55 that are other ones each time: cryptograms,
// counters, random numbers, dates and what a card answers to them.
var shapedTags = map[emv.Tag]bool{tagCryptogram: true, emv.TagATC: true, emv.TagUnpredictableNumber: true, emv.TagTransactionDate: true,
	0x9F21: true, 0x9F41: true, emv.TagIssuerAuthenticationData: true, tagIAD: true}

// chip compares field 55 object by object. What an answer gives back of its request must
// be what was sent. Any other object that is another one each time is compared by its
// length; the cryptogram, and the issuer's answer to it, by what they are worth to who
// has the issuer's keys.
func (c *comparer) chip() {
	was, err := emv.Parse(c.was.m.Chip)
	now, err2 := emv.Parse(c.now.m.Chip)
	if err != nil || err2 != nil {
		if binary(c.was.m.Chip) != binary(c.now.m.Chip) {
			c.shown(55, "")
		}
		return
	}
	sent := c.about.objects()
	for _, o := range was {
		value, ok := now.Get(o.Tag)
		old, _ := was.Get(o.Tag) // of a template its content
		back, _ := sent.Get(o.Tag)
		switch same := packed(value) == packed(old); {
		case !ok:
			c.tag(o.Tag, "present", "")
		case o.Tag.Secret():
			if len(value) != len(old) && !c.another {
				c.tag(o.Tag, fmt.Sprintf("%d bytes", len(old)), fmt.Sprintf("%d bytes", len(value)))
			}
		case shapedTags[o.Tag] && (back == nil || packed(back) != packed(old)):
			if len(value) != len(old) && !c.another {
				c.tag(o.Tag, fmt.Sprintf("%d bytes", len(old)), fmt.Sprintf("%d bytes", len(value)))
			}
		case !same && !(c.another && c.from()):
			c.tag(o.Tag, packed(old), packed(value))
		}
	}
	for _, o := range now {
		if !was.Has(o.Tag) {
			c.tag(o.Tag, "", "present")
		}
	}
	if c.from() {
		c.worth(tagCryptogram, c.about.certified(c.was.m, was), c.about.certified(c.now.m, now))
	} else {
		c.proof(was, now)
	}
}

func (c *comparer) tag(t emv.Tag, was, now string) { c.differ("55."+t.String(), was, now, "") }

// worth compares what two are worth, where that is known of both.
func (c *comparer) worth(t emv.Tag, was, now Seal) {
	if was != now && was != Unverified && now != Unverified && !c.another {
		c.tag(t, string(was), string(now))
	}
}

// proof compares the issuer's answers to a cryptogram (91): what they are worth, and
// what they tell the card beside.
func (c *comparer) proof(was, now emv.List) {
	then, told := c.about.answered(was)
	worth, tells := c.about.answered(now)
	c.worth(emv.TagIssuerAuthenticationData, then, worth)
	if then != Unverified && worth != Unverified && told != tells {
		c.differ("55.91", told, tells, "what the issuer tells the card")
	}
}

// objects are those of the request's field 55.
func (r *request) objects() emv.List {
	if r.m == nil {
		return nil
	}
	objects, _ := emv.Parse(r.m.Chip)
	return objects
}

// certified says what the cryptogram of a request is worth to the card's issuer.
func (r *request) certified(m *wire.Message, objects emv.List) Seal {
	if !objects.Has(tagCryptogram) {
		return Unverified
	}
	keys, scheme, err := issuerKeys(numberOf(m), m, objects, r.issuer)
	if err != nil {
		return Unverified
	}
	if scheme.Verify(keys, objects) != nil {
		return Invalid
	}
	return Valid
}

// answered says what the issuer's answer to the request's cryptogram is worth, and what
// it tells the card. Whose keys did not make the cryptogram cannot say.
func (r *request) answered(objects emv.List) (worth Seal, told string) {
	value, sent := objects.Value(emv.TagIssuerAuthenticationData), r.objects()
	if value == nil || r.m == nil || r.certified(r.m, sent) != Valid {
		return Unverified, ""
	}
	keys, scheme, err := issuerKeys(numberOf(r.m), r.m, sent, r.issuer)
	if err != nil {
		return Unverified, ""
	}
	a, err := scheme.VerifyIssuer(keys, sent, value)
	if told = a.ResponseCode; scheme.Method == 2 {
		told = fmt.Sprintf("%X%X", a.StatusUpdate, a.Proprietary)
	}
	if err != nil {
		return Invalid, told
	}
	return Valid, told
}
