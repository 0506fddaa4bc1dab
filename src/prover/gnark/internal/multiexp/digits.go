package multiexp

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// number is a scalar as a signed integer of at most half the group order, in two's complement. So small numbers and
// their negatives have few digits.
type number [4]uint64

// numberBits is the maximum number of bits of a number, without its sign.
const numberBits = fr.Bits - 1

var order = number{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029}

func numberOf(e *fr.Element) number {
	n := number(e.Bits())
	less, borrow := n, uint64(0)
	for i := range less {
		less[i], borrow = bits.Sub64(n[i], order[i], borrow)
	}
	// of n and n - order, the one closer to zero: order - n < n if the sum of the two is positive
	var carry, top uint64
	for i := range n {
		top, carry = bits.Add64(n[i], less[i], carry)
	}
	if top>>63 == 0 {
		return less
	}
	return n
}

// length is the number of bits without the sign; it is zero for 0 and for -1.
func (n *number) length() int {
	sign := n.sign()
	for i := 3; i >= 0; i-- {
		if v := n[i] ^ sign; v != 0 {
			return 64*i + bits.Len64(v)
		}
	}
	return 0
}

// sign is all ones below zero.
func (n *number) sign() uint64 { return uint64(int64(n[3]) >> 63) }

// digit is the digit at bits [at, at+w). The signed digits, each within ±2^(w-1), add up to the number (Booth, 'A
// signed binary multiplication technique', 1951): the bit below, read as a carry, is part of it.
func (n *number) digit(at, w int) int {
	var v uint64
	if at == 0 {
		v = n[0] << 1
	} else {
		word, shift := (at-1)/64, (at-1)%64
		above := n.sign()
		if word < 3 {
			above = n[word+1]
		}
		v = n[word]>>shift | above<<1<<(63-shift)
	}
	v &= 1<<(w+1) - 1
	return int((v+1)>>1) - int(v>>w<<w)
}
