package command

import (
	"bufio"
	"errors"

	"github.com/consensys/gnark-crypto/ecc"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/prover"
)

// prove makes the proof. The witness has been solved before; what remains is specific to the proof: the three
// matrices times the witness, and the wires that depend on its challenge.
func prove(c *context) error {
	collectOften()
	system, pk := &bn254cs.R1CS{}, &groth16.ProvingKey{}
	w, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return err
	}
	if err := readSealed("witness", c.flag("witness"), from(w.ReadFrom)); err != nil {
		return err
	}
	if err := readSealed("circuit", c.flag("circuit"), from(system.ReadFrom)); err != nil {
		return err
	}
	if err := readSealed("proving key", c.flag("pk"), func(r *bufio.Reader) error { return pk.ReadDump(r) }); err != nil {
		return err
	}
	proof, err := prover.Prove(system, pk, w)
	if errors.Is(err, prover.ErrKey) {
		return fault.New(fault.FilesMismatch, "circuit and proving key are not from the same compile: %v", err)
	}
	if err != nil {
		return fault.New(fault.ProveFailed, "the witness does not satisfy this circuit: %v", err)
	}
	return writeFile(c.flag("proof"), to(proof.WriteTo))
}
