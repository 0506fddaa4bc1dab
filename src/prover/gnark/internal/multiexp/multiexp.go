// Package multiexp adds up points of the curve's first group times scalars, which is most of the work of a Groth16
// proof. gnark-crypto does this, too. Here the additions are packed to fill the processor's vector instructions,
// where they exist, which takes about 0.6 times the CPU time.
package multiexp

import (
	"runtime"
	"sync"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"provemark/gnark/internal/parallel"
)

// Sum is one to compute: each point times its scalar, added up.
type Sum struct {
	Points  []curve.G1Affine
	Scalars []fr.Element
	Skip    []bool // where true, the scalar has no point; nil if all have one
}

// numbers are the scalars that have a point.
func (s *Sum) numbers() []number {
	list := make([]number, 0, len(s.Points))
	for i := range s.Scalars {
		if s.Skip == nil || !s.Skip[i] {
			list = append(list, numberOf(&s.Scalars[i]))
		}
	}
	return list
}

// task is one window of a sum, or a part of its points.
type task struct {
	sum, window, from, to int
	result                curve.G1Jac
}

// Of computes several sums at once, so that all processors have work until the last sum is done.
func Of(sums ...Sum) []curve.G1Jac {
	numbers, plans := make([][]number, len(sums)), make([]plan, len(sums))
	parallel.Pieces(len(sums), 1, func(i, _ int) {
		numbers[i] = sums[i].numbers()
		plans[i] = planOf(numbers[i])
	})
	tasks := tasksOf(plans)
	var spare sync.Pool
	parallel.Pieces(len(tasks), 1, func(k, _ int) {
		w, _ := spare.Get().(*window)
		if w == nil {
			w = newWindow()
		}
		t := &tasks[k]
		p := &plans[t.sum]
		t.result = w.sum(sums[t.sum].Points[t.from:t.to], numbers[t.sum][t.from:t.to], t.window*p.width, p.width)
		spare.Put(w)
	})
	return collect(plans, tasks)
}

// tasksOf splits windows with many points into parts if there are too few windows for all processors.
func tasksOf(plans []plan) (tasks []task) {
	total := 0
	for i := range plans {
		for w := range plans[i].windows {
			total += plans[i].above[w*plans[i].width]
		}
	}
	for i := range plans {
		p := &plans[i]
		most := max(4<<(p.width-1), total/(4*runtime.GOMAXPROCS(0)))
		for w := p.windows - 1; w >= 0; w-- {
			n := p.above[0]
			parts := max(1, p.above[w*p.width]/most)
			for k := range parts {
				tasks = append(tasks, task{sum: i, window: w, from: n * k / parts, to: n * (k + 1) / parts})
			}
		}
	}
	return tasks
}

// collect adds up the tasks' results, for each sum from the highest window to the lowest.
func collect(plans []plan, tasks []task) []curve.G1Jac {
	totals := make([]curve.G1Jac, len(plans))
	for i := range totals {
		totals[i] = infinity()
	}
	for k := range tasks {
		t := &tasks[k]
		total := &totals[t.sum]
		if k > 0 && tasks[k-1].sum == t.sum && tasks[k-1].window != t.window {
			for range plans[t.sum].width {
				total.DoubleAssign()
			}
		}
		total.AddAssign(&t.result)
	}
	return totals
}
