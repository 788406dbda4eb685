#!/usr/bin/env bash
# ./quickstart.sh mnist [options of the trainer]   builds the example and trains the article's network on MNIST
# ./quickstart.sh test                             builds and runs the tests
# ./quickstart.sh data <name>                      downloads mnist, fashion_mnist, cifar10 or cifar100 for load_dataset
#
# Installs what is missing on Debian and its relatives; says what is missing elsewhere. Never asks, may be run again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    echo "usage: $0 mnist [options of the trainer, see mnist --help] | test | data <name>" >&2
    exit 2
}

is_installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# as_root <command>: fails where there is neither root nor a sudo that needs no password.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null && sudo -n "$@"
    fi
}

apt_install() {
    local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0
        -o Acquire::http::Timeout=20 -o Acquire::Retries=1)
    "${apt[@]}" update </dev/null || true # an old list of packages may do
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null
}

# need <command>:<package> or <package>...: a command may come from anywhere, a package only from apt.
need() {
    local entry missing=()
    for entry in "$@"; do
        case $entry in
        *:*) command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}") ;;
        *) ! command -v apt-get >/dev/null || is_installed "$entry" || missing+=("$entry") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    if ! command -v apt-get >/dev/null; then
        echo "quickstart: please install: ${missing[*]} (Debian's names of them)" >&2
        exit 1
    fi
    echo "quickstart: installing ${missing[*]}"
    if ! apt_install "${missing[@]}"; then
        echo "quickstart: could not install; please run: sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
}

workflow() {
    local cmake_version
    cmake_version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
    if [ "$(printf '%s\n' 3.25 "$cmake_version" | sort -V | head -n 1)" != 3.25 ]; then
        echo "quickstart: CMake 3.25 is needed for workflow presets (3.22 for the rest), this is $cmake_version" >&2
        exit 1
    fi
    local processors
    processors=$(nproc 2>/dev/null || sysctl -n hw.ncpu)
    export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$processors}
    export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$processors}
    export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}
    (cd "$root" && cmake --workflow --preset "$1")
}

# Leaves FOVEA_DATA or the user's cache with MNIST in it. Where that fails, Debian's Fashion-MNIST has the same format,
# and without that the trainer draws its own digits.
find_mnist() {
    local argument
    for argument in "$@"; do
        case $argument in --data | --data=* | --help | -h) return ;; esac
    done
    [ -z "${FOVEA_DATA:-}" ] || return 0
    if [ -d "$root/../shared/data/mnist" ]; then
        FOVEA_DATA=$(cd "$root/../shared/data" && pwd)
        export FOVEA_DATA
        return
    fi
    cmake -DDESTINATION="${XDG_CACHE_HOME:-$HOME/.cache}/fovea/mnist" -P "$root/cmake/DownloadDataset.cmake" && return
    echo "quickstart: MNIST could not be downloaded"
    if command -v apt-get >/dev/null && ! is_installed dataset-fashion-mnist; then
        echo "quickstart: installing dataset-fashion-mnist instead"
        apt_install dataset-fashion-mnist || echo "quickstart: that failed too"
    fi
}

[ $# -gt 0 ] || usage
command=$1
shift

case $command in
mnist)
    need c++:g++ cmake:cmake ninja:ninja-build libeigen3-dev zlib1g-dev libstb-dev nlohmann-json3-dev libprotozero-dev libcli11-dev \
        ca-certificates
    workflow mnist
    find_mnist "$@"
    exec "$root/build/release/examples/mnist_cnn" "$@"
    ;;
test)
    [ $# = 0 ] || usage
    need c++:g++ cmake:cmake ninja:ninja-build pkg-config:pkg-config libeigen3-dev zlib1g-dev libstb-dev \
        nlohmann-json3-dev libprotozero-dev libzip-dev libhdf5-dev catch2
    workflow test
    ;;
data)
    [ $# = 1 ] || usage
    need cmake:cmake ca-certificates
    cmake -DDATASET="$1" -P "$root/cmake/DownloadDataset.cmake"
    ;;
*)
    usage
    ;;
esac
