//! Proves a dense layer with ReLU in one process, as many Rust benches do: set-up once, then N proofs and verifications.
//! Usage: one-process WIDTH PROOFS PROOF_FILE

use ark_bls12_381::{Bls12_381, Fr};
use ark_groth16::Groth16;
use ark_relations::r1cs::{ConstraintSynthesizer, ConstraintSystem, ConstraintSystemRef, SynthesisError};
use ark_relations::{lc, r1cs::Variable};
use ark_serialize::CanonicalSerialize;
use ark_snark::SNARK;
use ark_std::rand::{rngs::StdRng, SeedableRng};

#[path = "../../marks/marks.rs"]
mod marks;
use marks::mark;

const BITS: u32 = 24;

/// y = ReLU(W x) with small integers: one constraint per product, and the bits of each sum.
#[derive(Clone)]
struct Dense {
    weights: Vec<Vec<i64>>,
    input: Vec<i64>,
}

impl Dense {
    fn new(width: usize) -> Self {
        let weight = |row: usize, column: usize| ((row * 31 + column * 17) % 255) as i64 - 127;
        let weights = (0..width).map(|row| (0..width).map(|column| weight(row, column)).collect()).collect();
        Dense { weights, input: (0..width).map(|at| (at * 7 % 128) as i64).collect() }
    }

    fn output(&self) -> Vec<Fr> {
        let sums = self.weights.iter().map(|row| row.iter().zip(&self.input).map(|(w, x)| w * x).sum::<i64>());
        sums.map(|sum| Fr::from(sum.max(0))).collect()
    }
}

impl ConstraintSynthesizer<Fr> for Dense {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let input: Vec<Variable> =
            self.input.iter().map(|x| cs.new_witness_variable(|| Ok(Fr::from(*x)))).collect::<Result<_, _>>()?;
        for row in &self.weights {
            let mut sum = 0i64;
            let mut total = lc!();
            for ((w, x), variable) in row.iter().zip(&self.input).zip(&input) {
                let product = cs.new_witness_variable(|| Ok(Fr::from(w * x)))?;
                let weight = cs.new_witness_variable(|| Ok(Fr::from(*w)))?;
                cs.enforce_constraint(lc!() + weight, lc!() + *variable, lc!() + product)?;
                total = total + product;
                sum += w * x;
            }
            // The bits of sum + 2^(BITS - 1); the highest one says that the sum is not negative.
            let shifted = sum + (1 << (BITS - 1));
            let mut bits = lc!();
            let mut top = Variable::Zero;
            for at in 0..BITS {
                let bit = cs.new_witness_variable(|| Ok(Fr::from((shifted >> at) & 1)))?;
                cs.enforce_constraint(lc!() + bit, lc!() + Variable::One - bit, lc!())?;
                bits = bits + (Fr::from(1u64 << at), bit);
                top = bit;
            }
            let offset = Fr::from(1u64 << (BITS - 1));
            cs.enforce_constraint(total.clone() + (offset, Variable::One), lc!() + Variable::One, bits)?;
            let output = cs.new_input_variable(|| Ok(Fr::from(sum.max(0))))?;
            cs.enforce_constraint(lc!() + top, total, lc!() + output)?;
        }
        Ok(())
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, width, proofs, path] = args.as_slice() else { panic!("usage: one-process WIDTH PROOFS PROOF_FILE") };
    let circuit = Dense::new(width.parse().expect("WIDTH"));
    let mut rng = StdRng::seed_from_u64(1);

    mark("begin compile");
    let (pk, vk) = Groth16::<Bls12_381>::circuit_specific_setup(circuit.clone(), &mut rng).expect("set-up");
    mark("end compile");

    let cs = ConstraintSystem::new_ref();
    circuit.clone().generate_constraints(cs.clone()).expect("constraints");
    println!("constraints={}", cs.num_constraints());

    for _ in 0..proofs.parse().expect("PROOFS") {
        mark("begin prove");
        let proof = Groth16::<Bls12_381>::prove(&pk, circuit.clone(), &mut rng).expect("proof");
        mark("begin serialize");
        let mut bytes = Vec::new();
        proof.serialize_compressed(&mut bytes).expect("bytes");
        std::fs::write(path, bytes).expect("PROOF_FILE");
        mark("end serialize");
        mark("end prove");

        mark("begin verify");
        let accepted = Groth16::<Bls12_381>::verify(&vk, &circuit.output(), &proof).expect("verify");
        mark("end verify");
        assert!(accepted, "the proof was refused");
    }
}
