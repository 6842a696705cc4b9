#!/bin/bash
# A sweep over the ranks of MPI: rank 0 hands out rows and writes the one result, the others evaluate.
#   ./mpi.sh 9 sweep.json result.csv                 nine ranks here: eight that evaluate
#   sbatch --ntasks=65 --wrap "./mpi.sh 65 sweep.json result.csv"
# Where a rank is lost MPI ends them all; the same command goes on where they stopped.
set -euo pipefail

ranks=$1
config=$2
result=$3
shift 3
options=()
((EUID != 0)) || options+=(--allow-run-as-root)
[[ -n ${SLURM_JOB_ID:-} ]] || options+=(--oversubscribe)
exec mpirun "${options[@]}" -n "$ranks" ironlaw run "$config" --shard mpi -o "$result" "$@"
