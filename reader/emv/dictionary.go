package emv

// Format is how the value of a data object is coded (EMV Book 3, 4.3).
type Format byte

// The formats. What a DOL does with a value too short or too long depends on them.
const (
	Binary        Format = iota // b: bits and bytes, binary numbers
	Numeric                     // n: two digits a byte, right-justified with leading zeros
	Compressed                  // cn: two digits a byte, left-justified with trailing Fs
	Alphabetic                  // a: letters
	Alphanumeric                // an: letters and digits
	AlphaSpecial                // ans: ISO/IEC 8859 characters
	DataObjects                 // var. of a constructed object: a list of data objects
	TagsAndLength               // b: a DOL
)

// String returns the letters of the books: "n", "cn", "ans".
func (f Format) String() string {
	names := [...]string{"b", "n", "cn", "a", "an", "ans", "var.", "b"}
	if int(f) < len(names) {
		return names[f]
	}
	return "?"
}

// Info is what the books say of a data object.
type Info struct {
	Tag      Tag
	Name     string
	Format   Format
	Min, Max int  // bytes; Max 0: no bound but that of the template
	Secret   bool // never printed in clear: number, name, tracks, PIN
}

// Info returns the dictionary's entry; an unknown tag gets an empty name and the
// format its form implies.
func (t Tag) Info() Info {
	if i, ok := dictionary[t]; ok {
		return i
	}
	if t.Constructed() {
		return Info{Tag: t, Format: DataObjects}
	}
	return Info{Tag: t}
}

// Name returns the name in the books, "" when the dictionary does not know the tag.
func (t Tag) Name() string { return dictionary[t].Name }

// Format returns how the value is coded.
func (t Tag) Format() Format { return t.Info().Format }

// Secret reports whether the value identifies a cardholder or an account, and is
// masked wherever it prints.
func (t Tag) Secret() bool { return dictionary[t].Secret }

// dictionary holds the entries of the tables in tags*.go by tag.
var dictionary = func() map[Tag]Info {
	m := map[Tag]Info{}
	for _, table := range [][]Info{bookTags, contactlessTags, pbocTags} {
		for _, i := range table {
			if _, known := m[i.Tag]; !known {
				m[i.Tag] = i
			}
		}
	}
	return m
}()
