package quant

import (
	"math/rand"
	"slices"
	"testing"
)

// The bounds of every part of tables of any length, some of whose entries have no value, are those of its entries.
func TestRangesHaveTheBoundsOfTheirEntries(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for n := 1; n < 40; n++ {
		values := make([]int64, n)
		for i := range values {
			if values[i] = random.Int63n(200) - 100; random.Intn(3) == 0 {
				values[i] = Undefined
			}
		}
		r := rangesOf(values)
		for from := range n {
			for to := from + 1; to <= n; to++ {
				defined := slices.DeleteFunc(slices.Clone(values[from:to]), func(v int64) bool { return v == Undefined })
				least, greatest := r.bounds(from, to)
				if len(defined) == 0 {
					if least <= greatest {
						t.Errorf("%v has no value, given %d to %d", values[from:to], least, greatest)
					}
				} else if least != slices.Min(defined) || greatest != slices.Max(defined) {
					t.Errorf("%v: given %d to %d", values[from:to], least, greatest)
				}
			}
		}
	}
}
