package host

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"sync"

	"possim/host/wire"
)

// unionPayRID begins every application identifier of UnionPay.
const unionPayRID = "A000000333"

// publishedCAPKs are UnionPay's public keys by index, moduli in hexadecimal; the
// exponent of each is 3. They stand in the files of many open-source terminals, and
// the check sums published beside them were computed again by the tests.
var publishedCAPKs = map[string]string{
	"08": "B61645EDFD5498FB246444037A0FA18C0F101EBD8EFA54573CE6E6A7FBF63ED21D66340852B0211CF5EEF6A1CD989F66AF21A8EB19DBD8DBC3706D135363A0D683D046304F5A836BC1BC632821AFE7A2F75DA3C50AC74C545A754562204137169663CFCC0B06E67E2109EBA41BC67FF20CC8AC80D7B6EE1A95465B3B2657533EA56D92D539E5064360EA4850FED2D1BF",
	"09": "EB374DFC5A96B71D2863875EDA2EAFB96B1B439D3ECE0B1826A2672EEEFA7990286776F8BD989A15141A75C384DFC14FEF9243AAB32707659BE9E4797A247C2F0B6D99372F384AF62FE23BC54BCDC57A9ACD1D5585C303F201EF4E8B806AFB809DB1A3DB1CD112AC884F164A67B99C7D6E5A8A6DF1D3CAE6D7ED3D5BE725B2DE4ADE23FA679BF4EB15A93D8A6E29C7FFA1A70DE2E54F593D908A3BF9EBBD760BBFDC8DB8B54497E6C5BE0E4A4DAC29E5",
	"0A": "B2AB1B6E9AC55A75ADFD5BBC34490E53C4C3381F34E60E7FAC21CC2B26DD34462B64A6FAE2495ED1DD383B8138BEA100FF9B7A111817E7B9869A9742B19E5C9DAC56F8B8827F11B05A08ECCF9E8D5E85B0F7CFA644EFF3E9B796688F38E006DEB21E101C01028903A06023AC5AAB8635F8E307A53AC742BDCE6A283F585F48EF",
	"0B": "CF9FDF46B356378E9AF311B0F981B21A1F22F250FB11F55C958709E3C7241918293483289EAE688A094C02C344E2999F315A72841F489E24B1BA0056CFAB3B479D0E826452375DCDBB67E97EC2AA66F4601D774FEAEF775ACCC621BFEB65FB0053FC5F392AA5E1D4C41A4DE9FFDFDF1327C4BB874F1F63A599EE3902FE95E729FD78D4234DC7E6CF1ABABAA3F6DB29B7F05D1D901D2E76A606A8CBFFFFECBD918FA2D278BDB43B0434F5D45134BE1C2781D157D501FF43E5F1C470967CD57CE53B64D82974C8275937C5D8502A1252A8A5D6088A259B694F98648D9AF2CB0EFD9D943C69F896D49FA39702162ACB5AF29B90BADE005BC157",
}

// publishedAIDs are UnionPay's applications: debit, credit, quasi-credit.
var publishedAIDs = []string{"A000000333010101", "A000000333010102", "A000000333010103"}

// aidParameters are what a terminal needs of an application beside its name. The
// tags are those of UnionPay's parameter download, and the values ours; neither was
// checked against the official table, which is not public.
const aidParameters = "DF0101009F09020020" + // partial selection; version
	"DF1105D84000A800DF1205D84004F800DF13050010000000" + // action codes: default, online, denial
	"9F1B0400000000DF150400000000DF160199DF170199" + // floor limit; random selection
	"DF14039F3704DF1801019F7B06000000100000" + // default DDOL; online PIN; electronic cash limit
	"DF1906000000100000DF2006000000100000DF2106000000100000" // contactless: floor, transaction and CVM limit

// capkExpiry is when the keys that are handed out expire, as YYYYMMDD: ours.
const capkExpiry = "20351231"

// stripeParameters is field 62 of the answer to a parameter download: tags of two
// digits with values of known length, here the seconds a terminal waits for an answer
// and how often it tries. From memory of UnionPay's table, and not verified.
const stripeParameters = "1260133"

// PublishedDownloads is what a host hands out that was given nothing else: UnionPay's
// public keys and applications.
func PublishedDownloads() Downloads { return published() }

var published = sync.OnceValue(func() Downloads {
	d := Downloads{Parameters: []byte(stripeParameters)}
	for _, index := range []string{"08", "09", "0A", "0B"} {
		d.CAPKs = append(d.CAPKs, capkEntry(index, publishedCAPKs[index]))
	}
	for _, aid := range publishedAIDs {
		entry := object(nil, "9F06", unhex(aid))
		d.AIDs = append(d.AIDs, append(entry, unhex(aidParameters)...))
	}
	return d
})

// capkEntry is one key as a terminal takes it: RID, index, expiry, algorithms of hash
// and signature (SHA-1, RSA), modulus, exponent, and the check sum of RID, index,
// modulus and exponent (EMV Book 2, 11.2).
func capkEntry(index, modulus string) []byte {
	exponent := []byte{3}
	sum := sha1.Sum(append(unhex(unionPayRID+index+modulus), exponent...))
	e := object(nil, "9F06", unhex(unionPayRID))
	e = object(e, "9F22", unhex(index))
	e = object(e, "DF05", unhex(capkExpiry))
	e = object(e, "DF06", []byte{1})
	e = object(e, "DF07", []byte{1})
	e = object(e, "DF02", unhex(modulus))
	e = object(e, "DF04", exponent)
	return object(e, "DF03", sum[:])
}

// object appends a data object whose tag is a constant of this file.
func object(dst []byte, tag string, value []byte) []byte {
	dst, _ = wire.AppendTLV(dst, tag, value)
	return dst
}

// unhex takes what this package wrote in hexadecimal itself: constants of this file,
// records. The tests see that all of them are.
func unhex(s string) []byte {
	b, _ := hex.DecodeString(strings.ToLower(s))
	return b
}
