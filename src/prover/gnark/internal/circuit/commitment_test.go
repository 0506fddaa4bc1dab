package circuit

import (
	"slices"
	"testing"

	"github.com/consensys/gnark/constraint"
)

// What is looked up, and the counts of the entries, must be fixed before the challenge is known: every secret wire is
// committed to, and so is the mask that hides them.
func TestChallengeComesAfterEverySecret(t *testing.T) {
	m, p := smallCNN(t)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	commitments := system.CommitmentInfo.(constraint.Groth16Commitments)
	if len(commitments) != 1 {
		t.Fatalf("%d commitments, expected 1", len(commitments))
	}
	committed, challenge := commitments[0].PrivateCommitted, commitments[0].CommitmentIndex
	_, secret, public := system.GetNbVariables()
	mask := public + secret
	for w := public; w <= mask; w++ {
		if _, ok := slices.BinarySearch(committed, w); !ok {
			t.Errorf("wire %d is not committed to", w)
		}
	}
	if len(committed) != secret+1 || challenge != mask+1 {
		t.Errorf("%d wires are committed to and wire %d is the challenge, expected %d and %d", len(committed), challenge, secret+1, mask+1)
	}
	for i, l := range lookupsOf(t, system) {
		for _, w := range l.wires {
			if _, ok := slices.BinarySearch(committed, w); !ok && w != 0 {
				t.Errorf("look-up %d has wire %d, which is not committed to", i, w)
			}
		}
	}
}
