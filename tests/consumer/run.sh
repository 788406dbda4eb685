#!/usr/bin/env bash
# Uses fovea from outside: by find_package from an installed and from a build tree, by add_subdirectory, by FetchContent
# and by pkg-config. CXX, if set, is the compiler. Writes only to a temporary folder.
set -euo pipefail

fovea=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$fovea/tests/consumer" "$work/consumer"
cd "$work"

fail() {
    echo "consumer: $*" >&2
    exit 1
}

# consume <name> <options of cmake>: configures, builds and runs the project; what CMake said is in <name>.log.
consume() {
    echo "consumer: $1"
    cmake -S consumer -B "$@" -DWITH_KERAS=$with_keras >"$1.log" 2>&1 || { cat "$1.log"; fail "$1 does not configure"; }
    cmake --build "$1" >"$1.build.log" 2>&1 || { cat "$1.build.log"; fail "$1 does not build"; }
    "./$1/consumer" || fail "$1 does not run"
    "./$1/consumer_zlib" || fail "$1 does not run with zlib"
    "./$1/consumer_io" || fail "$1 does not run with io"
    "./$1/consumer_onnx" || fail "$1 does not run with onnx"
    [ $with_keras = OFF ] || "./$1/consumer_keras" || fail "$1 does not run with keras"
    "./$1/consumer_image" || fail "$1 does not run with stb"
}

cmake -S "$fovea" -B build -DFOVEA_BUILD_TESTS=OFF -DFOVEA_BUILD_EXAMPLES=OFF >/dev/null
with_keras=$(sed -n 's/^FOVEA_WITH_KERAS:BOOL=//p' build/CMakeCache.txt)
cmake --install build --prefix "$work/first" >/dev/null
mv first moved # the package must not remember where it was installed

consume installed -DHOW=find_package -DCMAKE_PREFIX_PATH="$work/moved"
consume build_tree -DHOW=find_package -Dfovea_DIR="$work/build"
consume add_subdirectory -DHOW=add_subdirectory -DFOVEA="$fovea"
consume fetch_content -DHOW=FetchContent -DFOVEA="$fovea"

grep -iE 'fovea|eigen|zlib|json|hdf5|protozero|stb|threads' add_subdirectory.log && fail "fovea is not silent as a subproject"
cmake --install add_subdirectory --prefix "$work/nothing" >/dev/null
[ ! -e nothing ] || fail "fovea installs itself as a subproject"
cmake -S consumer -B wrong_version -DHOW=find_package -Dfovea_DIR="$work/build" -DFOVEA_WANTED=0.2 >/dev/null 2>&1 &&
    fail "version 0.2 was asked for and found"

if command -v pkg-config >/dev/null; then
    echo "consumer: pkg-config"
    export PKG_CONFIG_PATH="$work/moved/share/pkgconfig"
    version=$(sed -n 's/.*version = "\(.*\)";/\1/p' "$fovea/include/fovea/version.hpp")
    [ "$(pkg-config --modversion fovea)" = "$version" ] || fail "fovea.pc has another version than $version"
    # shellcheck disable=SC2046
    "${CXX:-c++}" -std=c++20 consumer/main.cpp $(pkg-config --cflags --libs fovea) -o by_pkg_config
    ./by_pkg_config
elif [ -n "${CI:-}" ]; then
    fail "no pkg-config"
fi
