#!/usr/bin/env bash
# Submits a sweep as a job array, a point a task, and a gate behind it. Prints the ids of both jobs.
# usage: [GATE_FLAGS='--baseline bench/baseline.jsonl --budget ecc.totalCost=0%'] submit.sh [track…] -- [flags]
# Run it in the project's folder, on a file system that all nodes share.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[[ " $* " == *' -- '* ]] || set -- "$@" --

mkdir -p slurm
# A dry run lists one point a line, two spaces before it.
points=$(npx provemark list "$@" | grep -c '^  ') || true
if [ "$points" = 0 ]; then
  echo 'submit.sh: these tracks and flags have no points' >&2
  exit 2
fi
array=$(sbatch --parsable --array="1-$points" "$here/sweep.sbatch" "$@")
# The flags of the gate are words without spaces.
# shellcheck disable=SC2086
gate=$(sbatch --parsable --dependency="afterany:$array" "$here/gate.sbatch" "$array" ${GATE_FLAGS:---budget return_code=0})
echo "$array $gate"
