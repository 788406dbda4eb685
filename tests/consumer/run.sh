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

# consume <name> <programs> <options of cmake>: configures, builds and runs them; what CMake said is in <name>.log.
consume() {
    local name=$1 programs=$2 program
    shift 2
    echo "consumer: $name"
    cmake -S consumer -B "$name" "$@" -DWITH_KERAS=$with_keras >"$name.log" 2>&1 || { cat "$name.log"; fail "$name does not configure"; }
    # shellcheck disable=SC2086
    cmake --build "$name" --target $programs >"$name.build.log" 2>&1 || { cat "$name.build.log"; fail "$name does not build"; }
    for program in $programs; do "./$name/$program" || fail "$program of $name does not run"; done
}

cmake -S "$fovea" -B build -DFOVEA_BUILD_TESTS=OFF -DFOVEA_BUILD_EXAMPLES=OFF >/dev/null
with_keras=$(sed -n 's/^FOVEA_WITH_KERAS:BOOL=//p' build/CMakeCache.txt)
cmake --install build --prefix "$work/first" >/dev/null
mv first moved # the package must not remember where it was installed

# All optional parts by the package, and those that compile quickly by the sources; the other two ways use the same targets.
parts="consumer consumer_zlib consumer_io consumer_image"
all="$parts consumer_onnx"
[ $with_keras = OFF ] || all+=" consumer_keras"
consume installed "$all" -DHOW=find_package -DCMAKE_PREFIX_PATH="$work/moved"
consume build_tree consumer -DHOW=find_package -Dfovea_DIR="$work/build"
consume add_subdirectory "$parts" -DHOW=add_subdirectory -DFOVEA="$fovea"
consume fetch_content consumer -DHOW=FetchContent -DFOVEA="$fovea"

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
