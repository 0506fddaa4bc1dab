package quant

import (
	"testing"

	"provemark/gnark/internal/fault"
)

// A range that is narrow for its distance from zero has steps so small that millions fit between zero and the range,
// and sums would exceed every bound. It must be refused, and a bound must never be underestimated.
func TestNarrowRangeFarFromZeroIsRefused(t *testing.T) {
	for _, r := range [][2]float64{{5, 5.00000000000001}, {-1e6, -999999.9999999}, {999999.9999999, 1e6}} {
		_, _, err := Quantize(denseNet(1e9, 1e9), Options{ScaleBits: 12, Lo: r[0], Hi: r[1]})
		if fault.Code(err) != fault.BoundOverflow {
			t.Errorf("range %v: expected %s, got %v", r, fault.BoundOverflow, err)
		}
	}
}
