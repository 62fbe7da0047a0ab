package icc

import (
	"bytes"
	"testing"
)

// TestImages: an image is what a terminal reads, in the order it reads it.
func TestImages(t *testing.T) {
	for _, name := range Names() {
		p := profile(t, name)
		for i, image := range must[*Card](t)(New(p, State{})).Images() {
			r := insert(t, p, State{})
			r.a = &p.Applications[i]
			r.selectApplication()
			r.options()
			if !bytes.Equal(image.AID, r.a.AID) || image.AIP != r.aip || len(image.Records) == 0 {
				t.Fatalf("%s: the image is another application's", name)
			}
			n := 0
			for _, e := range image.AFL {
				for number := e.First; number <= e.Last; number++ {
					if got := r.want(swOK, 0, 0xB2, byte(number), byte(e.SFI<<3|4), nil); !bytes.Equal(got, image.Records[n].Data) || image.Records[n].SFI != e.SFI {
						t.Errorf("%s: record %d of file %d is another", name, number, e.SFI)
					}
					n++
				}
			}
			if n != len(image.Records) {
				t.Errorf("%s: %d records, %d read", name, len(image.Records), n)
			}
		}
	}
}
