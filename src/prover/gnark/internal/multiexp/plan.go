package multiexp

// plan says how one sum is computed: the width of its digits, and which windows have non-zero digits.
type plan struct {
	width, windows int
	above          [numberBits + 2]int // above[b]: numbers of at least b bits
}

// additionsOfWindow is the cost of a window in addition to its points: partly filled batches, lists, doublings.
const additionsOfWindow = 400

func planOf(numbers []number) (p plan) {
	for i := range numbers {
		p.above[numbers[i].length()]++
	}
	for b := numberBits; b >= 0; b-- {
		p.above[b] += p.above[b+1]
	}
	least := 0
	for w := 3; w <= 15; w++ { // digits are kept in 16 bits
		cost, windows := 0, 0
		for at := 0; at == 0 || at <= numberBits && p.above[at] > 0; at += w {
			cost += p.above[at] + 2*min(p.above[at], 1<<(w-1)) + additionsOfWindow
			windows++
		}
		if least == 0 || cost < least {
			least, p.width, p.windows = cost, w, windows
		}
	}
	return p
}
