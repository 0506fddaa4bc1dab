package command

import (
	"encoding/binary"
	"math"
	"runtime"
	"testing"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
)

// A point marked as uncompressed takes twice the bytes, so the length of the list of commitments is read from
// elsewhere: here it asks for four billion points.
func TestProofThatAsksForMemoryIsRejected(t *testing.T) {
	f := newFiles(t, newPlainNet(4, 12, 2, plainLayer{outputs: 3}).write(t))
	f.proved(t, randomInput(2, 2*12*12), "--scale-bits", "8")
	proof := read(t, f.proof)
	var p curve.G1Affine // y^2 = x^3 + 3, and the first four bytes of y are the length that belongs there, 1
	p.X.SetString("0x0f3f34661f3c471337b6b45aac220e8fa5a16496d0d16f2a7ec3d819f9ee0b1d")
	p.Y.SetString("0x0000000100000000000000000000000000000000000000000000000000000003")
	if !p.IsOnCurve() {
		t.Fatal("the point is not on the curve: this is no test")
	}
	raw := p.RawBytes()
	copy(proof[96:], raw[:])
	binary.BigEndian.PutUint32(proof[160:], math.MaxUint32)
	write(t, f.proof, proof)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := f.verify()
	runtime.ReadMemStats(&after)
	if r.code != ExitRejected {
		t.Errorf("exit code %d, expected 1: %s%s", r.code, r.stdout, r.stderr)
	}
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 16 {
		t.Errorf("%d MB were allocated to reject it", mb)
	}
}
