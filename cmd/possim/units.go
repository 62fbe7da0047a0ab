package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// speed is a flag in cm/s: "40cm/s", "40", or "15ips" as reader manuals have it.
type speed float64

func (s *speed) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) + "cm/s" }
func (s *speed) Type() string   { return "speed" }

// Set implements pflag.Value.
func (s *speed) Set(text string) error {
	number, factor := text, 1.0
	if rest, ok := strings.CutSuffix(text, "cm/s"); ok {
		number = rest
	} else if rest, ok := strings.CutSuffix(text, "ips"); ok {
		number, factor = rest, 2.54
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) || v*factor > maxSpeed {
		return fmt.Errorf("want a speed above 0 and up to %dcm/s, such as 40cm/s or 15ips", maxSpeed)
	}
	*s = speed(v * factor)
	return nil
}

// maxSpeed bounds --speed, in cm/s: ten times what any hand does.
const maxSpeed = 10000

// fraction is a flag from 0 to 1.
type fraction float64

func (f *fraction) String() string { return strconv.FormatFloat(float64(*f), 'g', -1, 64) }
func (f *fraction) Type() string   { return "0..1" }

// Set implements pflag.Value.
func (f *fraction) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("want a number from 0 to 1")
	}
	*f = fraction(v)
	return nil
}

// number returns a setter for a whole number.
func number[T uint64 | int](to *T) func(string) error {
	return func(text string) error {
		v, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return fmt.Errorf("want a whole number")
		}
		*to = T(v)
		return nil
	}
}
