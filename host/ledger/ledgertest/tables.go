package ledgertest

// tables are the accounting tests; see Play for how to read them.
var tables = []struct{ name, text string }{
	{"limit is inclusive", `
		tx s1 if day day-amount:card@1 +300 <=500 move balance:card -300 balance:shop +300 day-amount:card@1 +300 = posted
		tx s2 if day day-amount:card@1 +201 <=500 move balance:card -201 balance:shop +201 day-amount:card@1 +201 = day
		tx s3 if day day-amount:card@1 +200 <=500 move balance:card -200 balance:shop +200 day-amount:card@1 +200 = posted
		tx s4 if day day-amount:card@1 +1   <=500 move balance:card -1   balance:shop +1   day-amount:card@1 +1   = day
		tx s5 if day day-amount:card@2 +500 <=500 move balance:card -500 balance:shop +500 day-amount:card@2 +500 = posted # the next day is free
		is balance:card -1000
		is balance:shop +1000
		is day-amount:card@1 500
		is day-amount:card@2 500
	`},
	{"guards refuse in their order", `
		tx fund move balance:bank -100 balance:card +100 = posted
		tx a if count day-count:card +1 <=0 if money balance:card -200 >=0 = count
		tx b if money balance:card -200 >=0 if count day-count:card +1 <=0 = money
		tx c if both balance:card +0 >=100 <=100 = posted
		tx d if both balance:card +1 >=100 <=100 = both
		tx e if both balance:card -1 >=100 <=100 = both
	`},
	{"all or nothing", `
		tx a if no day-count:card +1 <=0 move balance:card -5 balance:shop +5 day-count:card +1 atc:card :=9 = no
		is balance:card 0
		is balance:shop 0
		is day-count:card 0
		is atc:card 0
	`},
	{"a repeat gets the first answer", `
		tx s1 if day day-amount:card@1 +500 <=500 move balance:card -500 balance:shop +500 day-amount:card@1 +500 = posted
		tx s1 if day day-amount:card@1 +500 <=500 move balance:card -500 balance:shop +500 day-amount:card@1 +500 = repeat posted
		tx s2 if day day-amount:card@1 +1 <=500 move balance:card -1 balance:shop +1 day-amount:card@1 +1 = day
		tx r1 undoes s1 = posted undone
		tx s2 if day day-amount:card@1 +1 <=500 move balance:card -1 balance:shop +1 day-amount:card@1 +1 = repeat day # though it would pass now
		tx s1 move balance:card -500 balance:shop +500 = repeat posted # and is not posted again
		is balance:shop 0
	`},
	{"a known key with another print is a duplicate", `
		tx s1 print a move balance:card -5 balance:shop +5 = posted
		tx s1 print b move balance:card -9 balance:shop +9 = duplicate
		tx s1 print a = repeat posted
		tx s2 print a if no atc:card 1 <=0 = no
		tx s2 print b = duplicate
		is balance:shop 5
	`},
	{"a reversal gives back once, to the original's day", `
		tx s1 move balance:card -5 balance:shop +5 day-amount:card@1 +5 day-count:card@1 +1 = posted
		tx r1 undoes s1 = posted undone
		tx r1 undoes s1 = repeat posted undone
		tx r2 undoes s1 = posted already
		tx r2 undoes s1 = repeat posted already
		is balance:card 0
		is balance:shop 0
		is day-amount:card@1 0
		is day-count:card@1 0
	`},
	{"a reversal of what was refused", `
		tx s1 if no day-count:card +1 <=0 move balance:card -5 balance:shop +5 = no
		tx r1 undoes s1 = posted nothing
		tx s1 = repeat no
		is balance:shop 0
	`},
	{"a reversal that overtakes its original", `
		tx r1 undoes s1 = posted unknown
		tx r1 undoes s1 = repeat posted unknown
		tx s1 move balance:card -5 balance:shop +5 = tombstone
		tx s1 move balance:card -5 balance:shop +5 = repeat tombstone
		tx s1 print x = duplicate
		tx r2 undoes s1 = posted nothing
		is balance:shop 0
	`},
	{"the host looked before another came", `
		tx s1 move balance:card -5 balance:shop +5 = posted
		tx r1 undoes s1 sees 0 = stale
		tx r1 undoes s1 sees 2 = stale
		tx r1 undoes s2 sees 7 = stale
		tx s2 move balance:card -5 balance:shop +5 = posted # no tombstone came of it
		tx r1 undoes s1 sees 1 = posted undone              # nor is the key taken
		tx r1 undoes s1 sees 9 = repeat posted undone       # a repeat need not look
		is balance:shop 5
	`},
	{"a refused reversal leaves nothing behind", `
		tx r1 undoes s1 refuse 64 = 64
		tx s1 move balance:card -5 balance:shop +5 = posted
		tx r2 undoes s1 refuse 64 = 64
		tx r3 undoes s1 if open day-count:batch +0 >=1 = open
		is balance:shop 5
		tx r4 undoes s1 = posted undone
	`},
	{"the reversal of a void posts the sale again, past its limit", `
		tx s1 if day day-amount:card@1 +500 <=500 move balance:card -500 balance:shop +500 day-amount:card@1 +500 = posted
		tx v1 undoes s1 = posted undone
		tx s2 if day day-amount:card@1 +500 <=500 move balance:card -500 balance:shop +500 day-amount:card@1 +500 = posted
		tx w1 undoes v1 = posted undone
		is day-amount:card@1 1000
		is balance:shop 1000
		tx w2 undoes v1 = posted already
		tx v2 undoes s1 = posted undone # the sale may be voided once more
		tx v3 undoes s1 = posted already
		is day-amount:card@1 500
		is balance:shop 500
	`},
	{"nothing is undone twice over", `
		tx s1 move balance:card -5 balance:shop +5 = posted
		tx v1 undoes s1 = posted undone
		tx w1 undoes v1 = posted undone
		tx v2 undoes s1 = posted undone
		tx x1 undoes w1 = posted already # would void s1 a second time
		is balance:shop 0
		tx w2 undoes v2 = posted undone
		is balance:shop 5
		tx x2 undoes w1 = posted undone  # now it does what it says: v1 stands again
		is balance:shop 0
		tx v3 undoes s1 = posted already
		tx w3 undoes v1 = posted undone
		is balance:shop 5
	`},
	{"a void that did nothing can be reversed to nothing", `
		tx s1 move balance:card -5 balance:shop +5 = posted
		tx v1 undoes s1 = posted undone
		tx v2 undoes s1 = posted already
		tx w2 undoes v2 = posted undone
		is balance:shop 0
		tx v0 undoes s0 = posted unknown
		tx w0 undoes v0 = posted undone
		tx s0 move balance:card -5 balance:shop +5 = tombstone # the tombstone stays
	`},
	{"a reversal that overtakes a void", `
		tx s1 move balance:card -5 balance:shop +5 = posted
		tx w1 undoes v1 = posted unknown
		tx v1 undoes s1 = tombstone
		is balance:shop 5
		tx v2 undoes s1 = posted undone
	`},
	{"a completion replaces its hold", `
		tx fund move balance:bank -100 balance:card +100 = posted
		tx p1 move balance:card -100 hold:card +100 day-amount:card@1 +100 = posted
		tx c1 undoes p1 if money balance:card -90 >=0 move balance:card -90 balance:shop +90 day-amount:card@1 +90 = posted undone
		is balance:card 10
		is hold:card 0
		is balance:shop 90
		is day-amount:card@1 90
		tx c2 undoes p1 move balance:card -90 balance:shop +90 = not-standing already
		tx v1 undoes c1 = posted undone                      # completion void: the hold is back
		is hold:card 100
		is balance:card 0
		is balance:shop 0
		tx w1 undoes v1 = posted undone                      # its reversal: the completion is
		is hold:card 0
		is balance:shop 90
		tx x1 undoes p1 = posted already                     # a late cancel of the hold
		tx v2 undoes c1 = posted undone
		tx x2 undoes p1 = posted undone
		tx y1 undoes v2 = posted already                     # the hold is gone: c1 cannot come back
		is hold:card 0
		is balance:card 100
		is balance:shop 0
	`},
	{"a completion of nothing leaves nothing", `
		tx c1 undoes p1 move balance:card -9 balance:shop +9 = not-standing unknown
		tx p1 move balance:card -9 hold:card +9 = posted     # no tombstone
		tx c1 undoes p1 = repeat not-standing unknown
		tx p2 if no atc:card +1 <=0 move balance:card -9 hold:card +9 = no
		tx c2 undoes p2 move balance:card -9 balance:shop +9 = not-standing nothing
		is hold:card 9
		is balance:shop 0
	`},
	{"refunds share what is left of a sale", `
		tx s1 move balance:card -100 balance:shop +100 rest:s1 +100 = posted
		tx f1 if rest rest:s1 -60 >=0 move balance:shop -60 balance:card +60 rest:s1 -60 = posted
		tx f2 if rest rest:s1 -60 >=0 move balance:shop -60 balance:card +60 rest:s1 -60 = rest
		tx f3 if rest rest:s1 -40 >=0 move balance:shop -40 balance:card +40 rest:s1 -40 = posted
		tx v1 undoes s1 if rest rest:s1 +0 >=0 <=0 = rest    # guards see the sale undone: -100
		is balance:shop 0
	`},
	{"what was set stays, what the host refused is not undone", `
		tx s1 move atc:card :=17 balance:card -5 balance:shop +5 = posted
		tx r1 undoes s1 = posted undone
		is atc:card 17
		tx p1 if pin pin-tries:card +1 <=3 refuse 55 move pin-tries:card +1 = 55
		tx p1 if pin pin-tries:card +1 <=3 refuse 55 move pin-tries:card +1 = repeat 55
		tx q1 undoes p1 = posted nothing
		is pin-tries:card 1
		tx p2 if pin pin-tries:card +1 <=3 refuse 55 move pin-tries:card +1 = 55
		tx p3 if pin pin-tries:card +1 <=3 refuse 55 move pin-tries:card +1 = 55
		tx p4 if pin pin-tries:card +1 <=3 refuse 55 move pin-tries:card +1 = pin
		is pin-tries:card 3
		tx ok move pin-tries:card :=0 = posted
		is pin-tries:card 0
	`},
	{"a counter that was seen is used up, whatever came of it", `
		tx s1 if atc atc:card -7 <=-1 move balance:card -5 balance:shop +5 raise atc:card 7 = posted
		tx s1 if atc atc:card -7 <=-1 move balance:card -5 balance:shop +5 raise atc:card 7 = repeat posted
		tx s2 if atc atc:card -7 <=-1 move balance:card -5 balance:shop +5 raise atc:card 7 = atc    # a replay
		tx s3 if atc atc:card -6 <=-1 move balance:card -5 balance:shop +5 raise atc:card 6 = atc
		is atc:card 7                                            # is no way back
		tx s4 if atc atc:card -8 <=-1 if money balance:card -5 >=0 move balance:card -5 balance:shop +5 raise atc:card 8 = money
		is atc:card 8                                            # a limit refused it, and it was seen
		tx s5 if atc atc:card -8 <=-1 move balance:card -5 balance:shop +5 raise atc:card 8 = atc
		tx s6 refuse 62 raise atc:card 9 = 62
		is atc:card 9
		tx r1 undoes s1 = posted undone
		is atc:card 9                                            # nor does a reversal see it no more
		is balance:shop 0
		tx r7 undoes s7 = posted unknown
		tx s7 move balance:card -5 balance:shop +5 raise atc:card 10 = tombstone
		is atc:card 10
		tx s8 move atc:card :=20 raise atc:card 15 = posted      # seen beside what is moved
		is atc:card 20
		tx s9 move atc:card +3 raise atc:card 21 raise atc:card 25 = posted
		is atc:card 25
		tx r9 undoes s9 = posted undone
		is atc:card 22                                           # only what was added is taken back
		is balance:shop 0
	`},
	{"no number wraps", `
		tx a move rest:x +9223372036854775807 = posted
		tx b move rest:x +1 = overflow
		tx b move rest:x +1 = repeat overflow
		tx c if top rest:x +1 <=9223372036854775807 = top
		tx d if low rest:x +1 >=0 = posted                   # beyond the range is above any least
		tx e move rest:x +1 rest:x -1 = posted               # what counts is where it ends
		tx f move rest:y -9223372036854775807 rest:y -1 = posted
		tx g undoes f = posted undone
		tx h if low rest:z -9223372036854775808 >=0 = low
		is rest:x 9223372036854775807
		is rest:y 0
		tx big  move balance:a -9223372036854775807 balance:b +9223372036854775807 = posted
		tx back undoes big = posted undone
		tx more move balance:b +5 balance:a -5 = posted
		tx over move balance:a -9223372036854775807 balance:b +9223372036854775807 = overflow
		is balance:b 5
	`},
}
