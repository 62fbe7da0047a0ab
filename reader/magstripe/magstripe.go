// Package magstripe is the physics of a swipe: flux on a stripe, a hand that moves
// it past a head, the head's signal, a front end and a decoder.
//
//	Stripe      Hand         Head                     Options
//	flux -----> motion ----> signal -> front end ---> peaks -> intervals -> bits -> track
//	             \___________________________________/ \________________________________/
//	                   Swipe, Render, Sweep             DecodeSamples, DecodeIntervals, DecodeBits
//
// NewStripe writes tracks as ISO/IEC 7811-2 lays them down: track 1 at 210 bits per
// inch in a 7-bit alphabet, tracks 2 and 3 at 75 and 210 in a 5-bit one, F2F coded,
// the first bit of the start sentinel 7.44 mm from the right edge, zeros before and
// after. A Hand moves it: steadily or accelerating two to three times as people do,
// stalling, going back, backwards, or only part of the way. The Head sees pulses
// whose height grows with speed; wear makes them lower and wider and the contact
// patchy. Its front end has a bandwidth, which decides what is too fast (track 1
// before track 2, for its cells are a third as long), noise, and a gain with a
// floor, which decides what is too slow or too worn.
//
// The decoder turns peaks (or the flips of a square wave, as programs that encode
// tracks write it) into intervals, and those into bits by comparing each with the
// cell before, in both directions; it wants clock bits, sentinels, parity and LRC
// right. What it found is said per track as a Status, and of the whole swipe as a
// Verdict. Both come from the signal alone: a verdict is too-fast because half
// cells were shorter than the front end follows, never because a fast hand was
// asked for.
//
// Randomness is handed in. The same stripe, hand, head and seed give the same
// samples and the same report.
package magstripe
