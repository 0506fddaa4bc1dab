package command

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"

	"provemark/gnark/internal/circuit"
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/quant"
)

// A proof is Ar, Bs, Krs, a list of one commitment, and its proof of knowledge, points compressed.
const (
	proofBytes    = 32 + 64 + 32 + 4 + 32 + 32
	proofListFrom = 32 + 64 + 32
)

// proofPointsFrom is the offset of each point.
var proofPointsFrom = [...]int{0, 32, 96, 132, 164}

// verify decides whether the output's integers at its scale are what the network gives for some input in range.
// Unreadable files are an error; readable ones that do not verify are a rejection.
func verify(c *context) error {
	vk := &groth16.VerifyingKey{}
	if err := readSealed("verification key", c.flag("vk"), from(vk.ReadFrom)); err != nil {
		return err
	}
	out, err := readOutput(c.flag("output"))
	if err != nil {
		return err
	}
	proof, err := os.ReadFile(c.flag("proof"))
	if err != nil {
		return fault.New(fault.FileUnreadable, "cannot read the proof %s: %v", c.flag("proof"), err)
	}
	if len(proof) != proofBytes {
		return fault.New(fault.FileUnreadable, "%s is not a proof, expected %d bytes, given %d", c.flag("proof"), proofBytes, len(proof))
	}
	if reason := judge(vk, proof, out); reason != nil {
		c.printf("verdict=rejected reason=%q\n", reason.Error())
		return errRejected
	}
	c.printf("verdict=accepted\n")
	return nil
}

// judge returns why the proof is not valid, or nil.
func judge(vk *groth16.VerifyingKey, b []byte, out output) (reason error) {
	defer func() { // whatever a forged proof does to the library, it is not accepted
		if p := recover(); p != nil {
			reason = fmt.Errorf("malformed proof: %v", p)
		}
	}()
	if !slices.Equal(out.Floats, quant.Floats(out.Ints, out.ScaleBits)) {
		return fmt.Errorf("output: the numbers are not the integers / 2^scale_bits")
	}
	// A point marked as uncompressed is twice as long: the list's length would be read from elsewhere, and memory
	// allocated for as many points as it says.
	for _, at := range proofPointsFrom {
		if b[at]>>6 == 0 {
			return fmt.Errorf("malformed proof: the point at byte %d is not compressed", at)
		}
	}
	if n := binary.BigEndian.Uint32(b[proofListFrom:]); n != 1 || len(vk.PublicAndCommitmentCommitted) != 1 || len(vk.CommitmentKeys) != 1 {
		return fmt.Errorf("malformed proof: %d commitments, expected 1", n)
	}
	proof := &groth16.Proof{}
	if _, err := proof.ReadFrom(bytes.NewReader(b)); err != nil {
		return fmt.Errorf("malformed proof: %w", err)
	}
	w, err := circuit.PublicWitness(out.ScaleBits, out.Ints)
	if err != nil {
		return err
	}
	return groth16.Verify(proof, vk, w.Vector().(fr.Vector))
}
