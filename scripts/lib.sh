# Shared by the scripts of this folder; sourced, not run. Leaves the shell in the project's root.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

jobs() {
    nproc
}

# A headline, bold on a terminal.
say() {
    if [[ -t 1 && -z "${NO_COLOR:-}" && "${CI:-}" != true ]]; then
        printf '\033[1m== %s\033[0m\n' "$*"
    else
        printf '== %s\n' "$*"
    fi
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 3
}

# build PRESET [TARGET…]: configures and builds, through ccache where it is there.
build() {
    local preset=$1
    shift
    local -a options=(--preset "$preset") targets=()
    if command -v ccache >/dev/null; then
        options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    if (($# > 0)); then
        targets=(--target "$@")
    fi
    cmake "${options[@]}" >/dev/null && cmake --build --preset "$preset" -j "$(jobs)" "${targets[@]}"
}
