# shellcheck shell=bash
# Sourced by the run scripts. Finds what they need, installs what is missing (with apt; elsewhere it says what to
# install), and configures builds.
#   setup [LIBRARY...]            the compiler (sets CXX), CMake, Ninja, Eigen, and of catch2 nlohmann cli11 xz
#                                 xgboost openblas blis clang16 pytorch (with pandas) scikit-learn (these set PYTHON) those
#                                 named
#   configure PRESET [OPTION...]  configures build/PRESET
#   build PRESET [OPTION...]      builds it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "-- $*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

cores() { echo "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)}"; }

# The first compiler that is new enough: g++ 12 or clang 16.
find_compiler() {
  local compiler version
  for compiler in ${CXX:+"$CXX"} g++ g++-{15,14,13,12} clang++ clang++-{21,20,19,18,17,16}; do
    version=$("$compiler" -dumpversion 2>/dev/null) || continue
    if "$compiler" --version | grep -q clang; then ((${version%%.*} >= 16)) || continue
    else ((${version%%.*} >= 12)) || continue; fi
    echo "$compiler"
    return
  done
  return 1
}

find_cmake() {
  local version
  version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
  [[ $(printf '%s\n' 3.22 "$version" | sort -V | head -n 1) == 3.22 ]]
}

# Is one of these files under a usual prefix, or one of CMAKE_PREFIX_PATH?
find_header() {
  local prefix name
  local -a prefixes
  IFS=':;' read -ra prefixes <<< "/usr:/usr/local:/opt/homebrew:/opt/local:${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    for name in "$@"; do [[ ! -e $prefix/include/$name ]] || return 0; done
  done
  return 1
}

# The first Python that has the modules.
find_python() {
  local python
  for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
    ! "$python" -c "import $1" 2>/dev/null || { echo "$python"; return; }
  done
  return 1
}

# Is there a shared library of this file name?
find_library() {
  local directory
  for directory in /usr/lib /usr/lib64 /usr/lib/* /usr/local/lib; do [[ ! -e $directory/$1 ]] || return 0; done
  return 1
}

# Prints those of its arguments that are not there, in one line.
find_missing() {
  local need
  for need in "$@"; do
    case $need in
      compiler) find_compiler >/dev/null ;;
      cmake) find_cmake ;;
      ninja) command -v ninja >/dev/null ;;
      eigen) find_header eigen3/Eigen/Core Eigen/Core ;;
      catch2) find_header catch2/catch.hpp catch2/catch_all.hpp ;;
      nlohmann) find_header nlohmann/json.hpp ;;
      cli11) find_header CLI/CLI.hpp ;;
      xz) command -v xz >/dev/null ;;
      xgboost) find_header xgboost/c_api.h ;;
      openblas) find_library libopenblas.so ;;
      blis) find_library libblis.so ;;
      clang16) command -v clang++-16 >/dev/null ;;
      pytorch) find_python pandas,torch >/dev/null && find_library libopenblas.so.0 ;;
      scikit-learn) find_python sklearn >/dev/null ;;
    esac || printf '%s ' "$need"
  done
}

# The package of the system's compiler if it is new enough, else the oldest that is.
compiler_package() {
  local version
  version=$(apt-cache show g++ | sed -nE 's/^Version: ([0-9]+:)?([0-9]+).*/\2/p' | head -n 1)
  if ((${version:-0} >= 12)); then echo g++; else echo g++-12; fi
}

install_with_apt() {
  local need
  local -a packages=() as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "Missing: $*. Installing it needs root or sudo."
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  for need in "$@"; do
    case $need in
      compiler) packages+=("$(compiler_package)") ;;
      cmake) packages+=(cmake) ;;
      ninja) packages+=(ninja-build) ;;
      eigen) packages+=(libeigen3-dev) ;;
      catch2) packages+=(catch2) ;;
      nlohmann) packages+=(nlohmann-json3-dev) ;;
      cli11) packages+=(libcli11-dev) ;;
      xz) packages+=(xz-utils) ;;
      xgboost) packages+=(libxgboost-dev) ;;
      openblas) packages+=(libopenblas-dev) ;;
      blis) packages+=(libblis-dev) ;;
      clang16) packages+=(clang-16) ;;
      scikit-learn) packages+=(python3-sklearn) ;;
      pytorch) packages+=(python3-torch python3-pandas libopenblas0-pthread) ;;
    esac
  done
  say "installing ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
}

setup() {
  local -a needs=(compiler cmake ninja eigen "$@") missing
  read -ra missing <<< "$(find_missing "${needs[@]}")"
  if ((${#missing[@]})); then
    command -v apt-get >/dev/null || die "Missing: ${missing[*]}. Install by name what is missing:
  Fedora   dnf install gcc-c++ cmake ninja-build eigen3-devel catch-devel json-devel cli11-devel xz
  Arch     pacman -S gcc cmake ninja eigen catch2 nlohmann-json cli11 xz
  macOS    brew install llvm cmake ninja eigen catch2 nlohmann-json cli11 xz
  others   g++ 12 or clang 16, CMake 3.22, Ninja, Eigen 3.4; Catch2 (tests), nlohmann-json, CLI11 (examples)
Libraries elsewhere than in the usual places are found by CMAKE_PREFIX_PATH, a compiler by CXX."
    install_with_apt "${missing[@]}"
    read -ra missing <<< "$(find_missing "${needs[@]}")"
    ((${#missing[@]} == 0)) ||
      die "This system's packages do not bring: ${missing[*]} (wanted: g++ 12 or clang 16, CMake 3.22, Eigen 3.4)."
  fi
  local compiler
  compiler=$(find_compiler)
  [[ ${CXX:-$compiler} == "$compiler" ]] || say "$CXX (CXX) is not g++ 12, clang 16 or newer"
  export CXX=$compiler
  say "compiling with $CXX"
  case " $* " in
    *" pytorch "*) PYTHON=$(find_python pandas,torch) && export PYTHON ;;
    *" scikit-learn "*) PYTHON=$(find_python sklearn) && export PYTHON ;;
  esac
}

# Runs a command quietly: a line before, its output only if it fails.
quietly() {
  local output
  say "$1"
  output=$("${@:2}" 2>&1) || die "$output"
}

# In CI warnings are errors everywhere; a user's compiler may know warnings that ours does not. A build that another
# compiler was configured for begins anew.
configure() {
  local cache=$root/build/$1/CMakeCache.txt before
  if [[ -e $cache ]]; then
    before=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$cache")
    if [[ -n $before && $(command -v "$before") != $(command -v "$CXX") ]]; then
      say "build/$1 was configured for $before: begun anew"
      rm -rf "$cache" "$root/build/$1/CMakeFiles"
    fi
  fi
  (cd "$root" && quietly "configuring build/$1" \
    cmake --preset "$1" ${CI:+-DPOLYTASK_WARNINGS_AS_ERRORS=ON} "${@:2}")
}

build() { (cd "$root" && say "building in build/$1" && cmake --build --preset "$1" -j "$(cores)" "${@:2}"); }
