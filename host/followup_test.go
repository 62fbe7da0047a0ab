package host

import "testing"

func TestVoids(t *testing.T) {
	for name, text := range map[string]string{
		"gives amount and count back": `
			card A day=100.00
			sale A 60.00 as=s -> 00 A=999940.00 A.day=60.00 A.count=1 M=60.00 T=60.00 debit=60.00/1 credit=0.00/0
			void A 60.00 of=s as=v -> 00 A=1000000.00 A.day=0.00 A.count=0 M=0.00 T=0.00 debit=60.00/1 credit=60.00/1
			again -> 00 A=1000000.00 credit=60.00/1
		`,
		"on the original's day": `
			card A day=100.00 count=1
			clock 2026-06-01T23:59:00
			sale A 60.00 as=s -> 00
			clock +2m
			sale A 100.00 -> 00 A.day=100.00 A.count=1
			void A 60.00 of=s -> 00 A.day=100.00 A.count=1 A=999900.00
			clock 2026-06-01T23:59:59
			sale A 100.00 -> 00 A.day=100.00 A.count=1
		`,
		"skips status, expiry and limits": `
			card A expiry=2606 balance=60.00 day=60.00 count=1 per=60.00
			sale A 60.00 as=s -> 00 A=0.00
			card A status=stolen expiry=2606 balance=60.00 day=0.00 count=0 per=0.00
			clock 2026-07-01T09:00:00
			void A 60.00 of=s -> 00 A=60.00
		`,
		"twice": `
			card A
			sale A 60.00 as=s -> 00
			void A 60.00 of=s -> 00
			void A 60.00 of=s -> 25 original A=1000000.00 debit=60.00/1 credit=60.00/1
			again -> 25
		`,
		"of a void": `
			card A
			sale A 60.00 as=s -> 00
			void A 60.00 of=s as=v -> 00
			void A 60.00 of=v -> 12 original A=1000000.00
		`,
		"of what is not there": `
			card A
			sale A 60.00 as=s -> 00
			void A 60.00 of=s f61=000001000077 rrn= -> 25 original A=999940.00
			void A 60.00 f61=000002000001 -> 25
			void A 60.00 of=s tid=2 -> 25
			void A 60.00 of=s rrn=615200000009 -> 25
			void A 60.00 f61=000000000000 -> 30 format
			void A 60.00 f61=0000 -> 30
			void A 60.00 -> 30
		`,
		"by its reference number alone": `
			card A
			sale A 60.00 as=s -> 00
			void A 60.00 of=s f61= -> 00 A=1000000.00
		`,
		"another card or amount": `
			card A
			card B
			sale A 60.00 as=s -> 00
			void B 60.00 of=s -> 64 original
			void A 60.01 of=s -> 64 original
			void A 0.00 of=s -> 13
			void A 60.00 of=s cur=840 -> 12 currency
			void A 60.00 of=s -> 00 A=1000000.00
		`,
		"of a declined sale": `
			card A balance=10.00
			sale A 60.00 as=s -> 51
			void A 60.00 of=s -> 25 A=10.00
		`,
		"of a reversed sale": `
			card A
			sale A 60.00 as=s -> 00
			rev A 60.00 of=s -> 00
			void A 60.00 of=s -> 25 A=1000000.00 debit=0.00/0 credit=0.00/0
		`,
		"reversed, the sale is posted again": `
			card A day=100.00 count=1 balance=60.00
			sale A 60.00 as=s -> 00 A=0.00
			void A 60.00 of=s as=v -> 00 A=60.00 A.day=0.00 credit=60.00/1
			rev A 60.00 of=v -> 00 A=0.00 A.day=60.00 A.count=1 M=60.00 debit=60.00/1 credit=0.00/0
			again -> 00 A=0.00
			void A 60.00 of=s -> 00 A=60.00 M=0.00 credit=60.00/1
		`,
		"reversed before it arrives": `
			card A
			sale A 60.00 as=s stan=1 -> 00
			rev A 60.00 stan=2 f3=200000 f25=00 -> 25
			void A 60.00 of=s stan=2 -> 94 tombstone A=999940.00
		`,
		"a completion is not voided as a sale": `
			card A
			preauth A 60.00 as=p -> 00
			complete A 60.00 of=p as=c -> 00
			void A 60.00 of=c -> 12 original
			cvoid A 60.00 of=c -> 00
			sale A 60.00 as=s -> 00
			cvoid A 60.00 of=s -> 12
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestVoidReversalSkipsLimits: RULES, reversing a void posts the sale again without a
// limit check, even where the money is gone meanwhile.
func TestVoidReversalSkipsLimits(t *testing.T) {
	w := newWorld(t)
	w.owing = true
	w.run(`
		card A day=100.00 count=1 balance=100.00
		sale A 60.00 as=s -> 00
		void A 60.00 of=s as=v -> 00
		sale A 100.00 -> 00 A=0.00
		rev A 60.00 of=v -> 00 A=-60.00 A.day=160.00 A.count=2`)
}

func TestRefunds(t *testing.T) {
	for name, text := range map[string]string{
		"give back balance only": `
			card A day=100.00
			sale A 60.00 as=s -> 00 A.day=60.00
			clock +48h
			refund A 20.00 of=s -> 00 A=999960.00 M=40.00 A.day=0.00 A.count=0 debit=60.00/1 credit=20.00/1
			again -> 00 A=999960.00
			clock 2026-06-01T10:00:00
			refund A 40.00 of=s -> 00 A=1000000.00 M=0.00 A.day=60.00 A.count=1 credit=60.00/2
			refund A 0.01 of=s -> 64 rest A=1000000.00
		`,
		"never above the original": `
			card A
			sale A 60.00 as=s -> 00
			refund A 60.01 of=s -> 64 rest
			refund A 59.99 of=s -> 00
			refund A 0.02 of=s -> 64 rest
			refund A 0.01 of=s -> 00 A=1000000.00
		`,
		"and no void after": `
			card A
			sale A 60.00 as=s -> 00
			refund A 10.00 of=s -> 00
			void A 60.00 of=s -> 64 rest A=999950.00
			rev A 60.00 of=s -> 64 rest A=999950.00
		`,
		"no refund after a void": `
			card A
			sale A 60.00 as=s -> 00
			void A 60.00 of=s -> 00
			refund A 10.00 of=s -> 25 original A=1000000.00
		`,
		"from another terminal of the merchant": `
			card A
			sale A 60.00 as=s -> 00
			refund A 10.00 of=s tid=2 -> 00 A=999950.00 credit=0.00/0
		`,
		"of another day, card or reference": `
			card A
			card B
			sale A 60.00 as=s -> 00
			refund A 10.00 of=s f61=0000000000000602 -> 25
			refund A 10.00 of=s rrn=615200000001 -> 25 original # that is an opening
			refund A 10.00 of=s rrn=615200000099 -> 25
			refund A 10.00 of=s rrn=abcdefghijkl -> 25
			refund B 10.00 of=s -> 64 original
			refund A 10.00 of=s -> 00
		`,
		"of a completion": `
			card A
			preauth A 60.00 as=p -> 00
			refund A 10.00 of=p -> 12 original
			complete A 60.00 of=p as=c -> 00
			refund A 10.00 of=c -> 00 A=999950.00
			cvoid A 60.00 of=c -> 64 rest
		`,
		"are never reversed": `
			card A
			sale A 60.00 as=s -> 00
			refund A 10.00 of=s as=r -> 00 A=999950.00
			rev A 10.00 of=r -> 12 transaction A=999950.00
			balance A as=b -> 00
			rev A 0.00 of=b -> 12
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestHolds(t *testing.T) {
	for name, text := range map[string]string{
		"set money aside": `
			card A balance=100.00 day=80.00
			preauth A 60.00 as=p -> 00 A=40.00 A.held=60.00 A.day=60.00 A.count=1 M=0.00 debit=0.00/0
			again -> 00 A.held=60.00
			preauth A 21.00 -> 61
			sale A 20.01 -> 61
			cancel A 60.00 of=p -> 00 A=100.00 A.held=0.00 A.day=0.00 A.count=0
			again -> 00 A=100.00
			cancel A 60.00 of=p -> 25 original
			complete A 60.00 of=p -> 25
		`,
		"completed with less": `
			card A balance=100.00
			preauth A 60.00 as=p -> 00
			complete A 45.00 of=p as=c -> 00 A=55.00 A.held=0.00 A.day=45.00 A.count=1 M=45.00 T=45.00 debit=45.00/1
			again -> 00 A=55.00
			complete A 45.00 of=p -> 25 A=55.00
			cancel A 60.00 of=p -> 25
		`,
		"completed with more, up to 115 %": `
			card A balance=100.00
			preauth A 60.00 as=p -> 00
			complete A 69.01 of=p -> 64 original A.held=60.00
			complete A 69.00 of=p -> 00 A=31.00 A.held=0.00 A.day=69.00
		`,
		"but not with more than there is": `
			card A balance=60.00
			preauth A 60.00 as=p -> 00 A=0.00
			complete A 60.01 of=p -> 51 balance A.held=60.00
			complete A 60.00 of=p -> 00 A=0.00
		`,
		"on the hold's day": `
			card A day=60.00
			preauth A 60.00 as=p -> 00
			clock +48h
			complete A 50.00 of=p -> 00 A.day=0.00
			clock 2026-06-01T12:00:00
			sale A 10.01 -> 61 A.day=50.00
			sale A 10.00 -> 00
		`,
		"by a notice, repeated": `
			card A
			preauth A 60.00 as=p -> 00
			notice A 60.00 of=p as=n -> 00 A=999940.00 M=60.00 debit=60.00/1
			clock +1h
			again -> 00 A=999940.00 debit=60.00/1
			rev A 60.00 of=n -> 12 A=999940.00
			cvoid A 60.00 of=n -> 00 A.held=60.00
		`,
		"that does not match": `
			card A
			card B
			preauth A 60.00 as=p -> 00
			complete A 60.00 of=p auth=000099 -> 25 original
			complete A 60.00 of=p auth=abcdef -> 25
			complete A 60.00 of=p f61=0000000000000531 -> 25
			complete B 60.00 of=p -> 64 original
			complete A 0.00 of=p -> 13
			cancel A 59.99 of=p -> 64
			cancel B 60.00 of=p -> 64
			complete A 60.00 auth= f61=0000000000000601 -> 30
			complete A 60.00 of=p tid=2 -> 00 A=999940.00
		`,
		"completion voided, and completed again": `
			card A
			preauth A 60.00 as=p -> 00
			complete A 50.00 of=p as=c -> 00 A=999950.00
			cvoid A 50.00 of=c as=v -> 00 A=999940.00 A.held=60.00 A.day=60.00 M=0.00 debit=50.00/1 credit=50.00/1
			cvoid A 50.00 of=c -> 25
			complete A 60.00 of=p -> 00 A=999940.00 A.held=0.00 debit=110.00/2
			rev A 50.00 of=v -> 00 M=60.00
		`,
		"reversals": `
			card A
			preauth A 60.00 as=p -> 00
			rev A 60.00 of=p -> 00 A=1000000.00 A.held=0.00 A.day=0.00
			again -> 00
			preauth A 60.00 as=q -> 00
			cancel A 60.00 of=q as=x -> 00 A.held=0.00
			rev A 60.00 of=x -> 00 A.held=60.00 A.day=60.00
			complete A 60.00 of=q as=c -> 00 A.held=0.00 M=60.00
			rev A 60.00 of=c -> 00 A.held=60.00 M=0.00 debit=0.00/0
			complete A 60.00 of=q as=d -> 00
			cvoid A 60.00 of=d as=v -> 00 A.held=60.00 credit=60.00/1
			rev A 60.00 of=v -> 00 A.held=0.00 M=60.00 credit=0.00/0
		`,
		"expire after 30 days": `
			card A
			preauth A 60.00 as=p -> 00
			preauth A 7.00 as=q -> 00
			complete A 7.00 of=q as=c -> 00
			clock 2026-07-01T08:59:59
			due
			balance A -> 00 A.held=60.00
			clock +1s
			due
			balance A -> 00 A.held=0.00 A=999993.00
			due
			complete A 60.00 of=p -> 25 original
			cvoid A 7.00 of=c -> 00 A.held=7.00
			due
			balance A -> 00 A.held=0.00 A=1000000.00
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestBalance(t *testing.T) {
	table(t, `
		card A balance=100.00
		balance A -> 00 F54=0002156C000000010000 A=100.00
		sale A 60.00 -> 00
		balance A -> 00 F54=0002156C000000004000
		preauth A 10.00 -> 00
		again -> 00
		balance A -> 00 F54=0002156C000000003000
		sale A 1.00 -> 00
		balance B -> 14 card
		card C status=frozen
		balance C -> 62 status F54=`)
}

func TestCodesPay(t *testing.T) {
	for name, text := range map[string]string{
		"once": `
			card A
			qr A 10.00 as=q -> 00 A=999990.00 A.count=1 debit=10.00/1
			again -> 00 A=999990.00
			qr A 10.00 code=same -> 94 code-used A=999990.00
			qr A 10.00 -> 94 code-used              # the same second, the same code
			clock +1s
			qr A 10.00 -> 00 A=999980.00
		`,
		"each scheme": `
			card A
			qr A 10.00 scheme=wechat -> 00
			qr A 10.00 scheme=alipay -> 00
			qr A 10.00 scheme=unionpay -> 00 A=999970.00
		`,
		"for a minute": `
			card A
			qr A 10.00 age=60s -> 00
			clock +5m
			qr A 10.00 age=61s -> 54 code-age A=999990.00
			qr A 10.00 age=-30s -> 00
			qr A 10.00 age=-61s -> 54
		`,
		"with the card's limits": `
			card A balance=5.00
			qr A 10.00 -> 51 balance
			card B status=frozen
			qr B 1.00 -> 62
			qr A 5.00 code=same -> 62
			qr C 5.00 -> 14 card
			qr C 5.00 code=99 -> 30
		`,
		"voided, reversed, refunded": `
			card A
			qr A 10.00 as=q -> 00
			void A 10.00 of=q as=v -> 00 A=1000000.00
			rev - 10.00 of=v -> 00 A=999990.00
			refund A 4.00 of=q -> 00 A=999994.00
			clock +1s
			qr A 10.00 as=r -> 00
			rev - 10.00 of=r -> 00 A=999994.00
			qr A 10.00 code=same -> 94 code-used
		`,
		"of nobody": `
			card A
			qr A 10.00 code=6211111111111111111 -> 14 card
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestWalkInWallets: a code that nobody issued is a wallet of its own, good once.
func TestWalkInWallets(t *testing.T) {
	w := newWorld(t)
	w.h.WalkIn = true
	w.run(`
		qr A 10.00 code=6211111111111111111 as=q -> 00 M=10.00
		again -> 00
		qr A 10.00 code=same -> 94 code-used M=10.00
		void - 10.00 of=q -> 00 M=0.00
		qr A 10.00 code=134567890123456789 -> 00 M=10.00
		qr A 10.00 code=281234567890123456 -> 00 M=20.00`)
}
