#!/usr/bin/env bash
# run_in.bash ENVIRONMENT FILE: runs a test of the package in a virtual environment that scripts/wheel made, and says so where there is none.
set -euo pipefail
if [[ ! -x $1/bin/python ]]; then
  echo "skipped: there is no wheel in $1; scripts/wheel --tests makes it"
  exit 77
fi
cd "$(mktemp -d)"
exec "$1/bin/python" "$2"
