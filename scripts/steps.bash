# Steps that ./run, ./test and .ci/run share: the packages of Debian 12, quiet commands, a build.
# shellcheck shell=bash

build_packages=(g++ cmake ninja-build libboost1.81-dev nlohmann-json3-dev libspdlog-dev libcli11-dev libtbb-dev libyaml-cpp-dev
                libnlopt-dev libnlopt-cxx-dev libflatbuffers-dev libxxhash-dev nettle-dev duktape-dev zlib1g-dev librsvg2-bin graphviz)
test_packages=(libgtest-dev libvalijson-dev libsqlite3-dev libopenmpi-dev openmpi-bin procps)
wheel_packages=(python3-dev python3-venv)
fuzz_packages=(clang-14 libclang-rt-14-dev)

log_folder=build/logs

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# counting: of what Ninja says, how far it is, on one line.
counting() {
  local line
  while IFS= read -r line; do
    [[ ! $line =~ ^\[[0-9]+/[0-9]+\] ]] || printf '\r  %s\e[K' "${BASH_REMATCH[0]}"
  done
  printf '\r\e[K'
}

# quietly NAME COMMAND...: the command's output goes to a log, and is shown only where the command fails. Who watches a terminal sees
# how far a build is.
quietly() {
  local log=$log_folder/$1.log
  shift
  mkdir -p "$log_folder"
  if [[ -t 1 ]]; then
    "$@" 2>&1 | tee "$log" | counting && return
  else
    "$@" >"$log" 2>&1 && return
  fi
  tail -n 60 "$log" >&2
  fail "failed: $* (all of it in $log)"
}

# is_installed PACKAGE
is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# install_missing PACKAGE...: asks apt for what is not there, and for nothing where all is.
install_missing() {
  if ! command -v dpkg-query >/dev/null; then
    echo "${0##*/}: not a Debian system; these packages, or what they are called here, must be installed: $*" >&2
    return
  fi
  local package missing=() as_root=()
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "missing packages, and neither root nor sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(--non-interactive)
  fi
  echo "Installing ${missing[*]}"
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
  quietly apt_update "${as_root[@]}" update
  quietly apt_install "${as_root[@]}" install --no-install-recommends "${missing[@]}"
}

# build PRESET [CONFIGURE-OPTION...]
build() {
  local preset=$1
  shift
  echo "Building the preset $preset in build/$preset; the first time takes minutes"
  quietly "${preset}_configure" cmake --preset "$preset" "$@"
  quietly "${preset}_build" cmake --build --preset "$preset"
}
