#!/usr/bin/env bash
# Tries submit.sh on a real Slurm: a controller and two nodes on the loopback of this machine, with the embedded prover.
# Three sweeps: one makes a baseline, one has to pass its gate, one has to fail it. Then phases behind srun.
# Needs root and: apt-get install slurmctld slurmd slurm-client munge. usage: trial.sh PROJECT
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "${1:?the folder of a project with provemark}"
work=$(mktemp -d /tmp/provemark-slurm.XXXXXX)
trap '"$here/cluster.sh" stop "$work/cluster"; rm -rf "$work" slurm' EXIT
"$here/cluster.sh" start "$work/cluster"
export SLURM_CONF=$work/cluster/slurm.conf

small=(depth -- --depth-max 3 --input-hw 8 --conv-out-ch 2 --fc-hidden 4 --iterations 1
  --onnx-dir "$work/onnx" --inputs-dir "$work/inputs" --work-dir "$work/artifacts")

wait_for_job() { # ID: prints its exit code
  while squeue --noheader --jobs="$1" 2>/dev/null | grep -q .; do sleep 1; done
  scontrol show job "$1" | sed -n 's/.*ExitCode=\([0-9]*\):.*/\1/p'
}

sweep() { # EXPECTED_EXIT_CODE
  local array gate code
  read -r array gate < <("$here/submit.sh" "${small[@]}")
  code=$(wait_for_job "$gate")
  cat "slurm/$gate-gate.log"
  nodes=$(grep -l . slurm/"$array"-*.jsonl | wc -l)
  echo "sweep $array: $nodes tasks with rows, gate ended with $code, expected $1"
  [ "$code" = "$1" ]
  last=slurm/$array.jsonl
}

GATE_FLAGS='--budget ecc.totalCost=1000000000' sweep 0
npx provemark baseline update "$last" --out "$work/baseline.jsonl"
GATE_FLAGS="--baseline $work/baseline.jsonl --budget ecc.totalCost=0%" sweep 0
GATE_FLAGS='--budget ecc.totalCost=1' sweep 1

npx vitest bench "${small[@]}" --depth-max 1 --launcher 'srun -n1' --results "$work/srun.jsonl"
[ "$(grep -c '"launcher":\["srun","-n1"\]' "$work/srun.jsonl")" = 4 ]
echo 'trial: all as expected'
