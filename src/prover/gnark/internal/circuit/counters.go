package circuit

import (
	"fmt"

	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/quant"
)

// Counters describe the size of a circuit.
type Counters struct {
	Constraints, Instructions, Internal, Secret, Public, Terms, Lookups int
}

// Count reads the counters from the system, and the look-ups from the plan.
func Count(system *bn254cs.R1CS, p *quant.Plan) Counters {
	c := Counters{Constraints: system.GetNbConstraints(), Instructions: system.GetNbInstructions(), Lookups: p.Lookups}
	c.Internal, c.Secret, c.Public = system.GetNbVariables()
	it := system.GetR1CIterator()
	for r := it.Next(); r != nil; r = it.Next() {
		c.Terms += len(r.L) + len(r.R) + len(r.O)
	}
	return c
}

// String is one line of key=value. numVars counts every wire; totalCost is the single number to compare.
func (c Counters) String() string {
	vars := c.Internal + c.Secret + c.Public
	return fmt.Sprintf("numConstraints=%d numInstructions=%d numInternal=%d numSecret=%d numPublic=%d numTerms=%d numLookups=%d numVars=%d totalCost=%d",
		c.Constraints, c.Instructions, c.Internal, c.Secret, c.Public, c.Terms, c.Lookups, vars, c.Constraints+vars)
}
