#!/usr/bin/env bash
# Runs all that CI runs, part by part, and says how long each took. A part that
# fails doesn't keep the others from running, so that one run shows every fault.
# There are two rows of parts at once, about equally long: what starts servers mostly waits for
# them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
trap 'exit 130' INT

scratch=$(mktemp -d)
beside=''
trap 'end_row; rm -rf "$scratch"' EXIT

# Ends the row of parts that runs beside this one, if it is cut off.
end_row() {
  [[ -z $beside ]] || kill -INT -- "-$beside" 2>/dev/null || true
}

# Says something that must not be overlooked.
loudly() {
  printf '\n!!! %s !!!\n\n' "$*"
}

# Runs one part under its name and notes how it went.
part() {
  local name=$1 started=$SECONDS status=0 result
  shift
  printf '\n=== %s ===\n' "$name"
  set +e # a subshell in a condition would ignore its own `set -e`
  (set -e && "$@") 2>&1 | tee "$scratch/$name"
  status=${PIPESTATUS[0]}
  set -e
  if ((status == 0)); then
    result=passed
  else
    result=FAILED
  fi
  printf -- '--- %s %s in %d s\n' "$name" "$result" $((SECONDS - started))
  printf '%-12s %-7s %5d s  %s\n' "$name" "$result" $((SECONDS - started)) \
    "$(remark "$scratch/$name")" >>"$scratch/table"
}

# What a part's last line tells about it: pytest's summary, or a loud word.
remark() {
  sed -nE 's/\x1b\[[0-9;]*m//g; s/^!!! (.*) !!!$/\1/p; s/^=+ (.* in [0-9.]+s.*) =+$/\1/p' "$1" | tail -n 1
}

# Fails if gen/ is not what protos/ says.
gen_check() {
  if git rev-parse --git-dir >/dev/null 2>&1; then
    make gen-check
  else
    loudly 'not a git checkout: whether gen/ is up to date was not checked'
  fi
}

# Fails if the protos break a client of main, or of the commit before if this is main.
breaking() {
  local main base
  if ! git rev-parse --git-dir >/dev/null 2>&1; then
    loudly 'not a git checkout: whether the protos break clients was not checked'
    return
  fi
  main=$(git rev-parse -q --verify main || git rev-parse -q --verify origin/main || git rev-parse HEAD)
  base=$(git merge-base HEAD "$main" || true)
  if [[ $base == "$(git rev-parse HEAD)" && -z $(git status --porcelain protos) ]]; then
    base=$(git rev-parse -q --verify HEAD~1 || true)
  fi
  if [[ -z $base ]]; then
    loudly 'no earlier commit here (a shallow clone?): whether the protos break clients was not checked'
  elif ! git cat-file -e "$base:buf.yaml" 2>/dev/null; then
    loudly "no protos in ${base:0:12}: there is nothing to break"
  else
    mkdir "$scratch/base"
    git archive "$base" buf.yaml protos | tar -x -C "$scratch/base"
    .venv/bin/buf breaking --against "$scratch/base"
    printf 'nothing breaks since %s\n' "${base:0:12}"
  fi
}

# Runs the tests of one folder; the long ones only if asked.
tests() {
  local options=() status=0
  [[ -n ${TOCSIN_LONG:-} ]] || options=(-m 'not long')
  [[ ! -t 3 ]] || options+=(--color=yes)
  .venv/bin/pytest "${options[@]}" "tests/$1" || status=$?
  # 5 is "ran nothing": well if that is because all are long, a fault if there are none.
  if ((status == 5)) && .venv/bin/pytest -q --collect-only "tests/$1" >/dev/null; then
    loudly "tests/$1 has long tests only, and this run leaves them out"
    return
  fi
  return "$status"
}

# Runs the tests of folders, one after another.
row() {
  local folder
  for folder in "$@"; do
    [[ ! -d tests/$folder ]] || part "$folder" tests "$folder"
  done
}

exec 3>&1 # whether a terminal reads this, which `tee` hides from pytest
touch "$scratch/table"
set -m # a row of its own is a group of its own, which can be ended as a whole
row integration clients chaos packaging seeds >"$scratch/row" 2>&1 3>/dev/null &
beside=$!
set +m
part lint make lint
part gen-check gen_check
part breaking breaking
row unit simulation contract e2e
wait "$beside" || printf '%-12s %-7s %5d s\n' 'other row' FAILED "$SECONDS" >>"$scratch/table"
beside=''
cat "$scratch/row"

printf '\n=== summary ===\n'
cat "$scratch/table"
printf '%-12s %13d s\n' total "$SECONDS"
failed=$(grep -c ' FAILED ' "$scratch/table" || true)
printf 'parts: %d passed, %d failed\n' "$(grep -c ' passed ' "$scratch/table" || true)" "$failed"
((failed == 0))
