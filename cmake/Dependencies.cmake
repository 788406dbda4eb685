# Each dependency is taken from the system if it is there, and else fetched at a pinned version and hash.
#
# The SHA-256 sums are those that package managers record for the same archives: Spack for Eigen, Catch2 and zlib,
# Homebrew for protozero, Homebrew and xrepo for CLI11; that of nlohmann/json stands with its release. stb has no releases: its three files are those of one
# commit, and their sums were taken from the repository.
include(FetchContent)

if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW) # extracted files get the time of extraction
endif()

# Only unpacked: Eigen's own build brings its documentation, tests and BLAS. As an imported target it also stays out of
# the exported package, which looks for Eigen itself.
function(fovea_find_eigen)
  find_package(Eigen3 3.4 QUIET CONFIG)
  if(NOT TARGET Eigen3::Eigen)
    FetchContent_Declare(fovea_eigen
      URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
      URL_HASH SHA256=8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72
      SOURCE_SUBDIR only-unpack)
    FetchContent_MakeAvailable(fovea_eigen)
    add_library(Eigen3::Eigen INTERFACE IMPORTED GLOBAL)
    set_target_properties(Eigen3::Eigen PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${fovea_eigen_SOURCE_DIR})
  endif()
endfunction()

function(fovea_find_cli11)
  find_package(CLI11 2 QUIET CONFIG)
  if(NOT TARGET CLI11::CLI11)
    FetchContent_Declare(fovea_cli11
      URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
      URL_HASH SHA256=f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a
      SOURCE_SUBDIR only-unpack)
    FetchContent_MakeAvailable(fovea_cli11)
    add_library(CLI11::CLI11 INTERFACE IMPORTED GLOBAL)
    set_target_properties(CLI11::CLI11 PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${fovea_cli11_SOURCE_DIR}/include)
  endif()
endfunction()

function(fovea_find_nlohmann_json)
  find_package(nlohmann_json 3.9 QUIET CONFIG)
  if(NOT TARGET nlohmann_json::nlohmann_json)
    FetchContent_Declare(fovea_nlohmann_json
      URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
      URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d
      SOURCE_SUBDIR only-unpack)
    FetchContent_MakeAvailable(fovea_nlohmann_json)
    add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED GLOBAL)
    set_target_properties(nlohmann_json::nlohmann_json PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                          ${fovea_nlohmann_json_SOURCE_DIR}/include)
  endif()
endfunction()

# zlib's own build works as a subproject only in part, so its dozen files are compiled here.
# A macro, since a language is enabled for a whole folder.
macro(fovea_find_zlib)
  find_package(ZLIB QUIET)
  if(NOT TARGET ZLIB::ZLIB)
    enable_language(C)
    FetchContent_Declare(fovea_zlib_source
      URL https://github.com/madler/zlib/releases/download/v1.3.1/zlib-1.3.1.tar.gz
      URL_HASH SHA256=9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23
      SOURCE_SUBDIR only-unpack)
    FetchContent_MakeAvailable(fovea_zlib_source)
    file(GLOB zlib_sources ${fovea_zlib_source_SOURCE_DIR}/*.c)
    add_library(fovea_zlib_static STATIC ${zlib_sources})
    set_target_properties(fovea_zlib_static PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(fovea_zlib_static PRIVATE $<$<NOT:$<PLATFORM_ID:Windows>>:HAVE_UNISTD_H>)
    add_library(ZLIB::ZLIB INTERFACE IMPORTED GLOBAL)
    target_link_libraries(ZLIB::ZLIB INTERFACE fovea_zlib_static)
    target_include_directories(ZLIB::ZLIB INTERFACE ${fovea_zlib_source_SOURCE_DIR})
  endif()
endmacro()

# Any version will do: fovea looks through a file before stb does, which is where versions before 2.28 were lacking.
# Sets STB_INCLUDE_DIR.
function(fovea_find_stb)
  find_path(STB_INCLUDE_DIR stb_image.h PATH_SUFFIXES stb)
  mark_as_advanced(STB_INCLUDE_DIR)
  if(NOT STB_INCLUDE_DIR)
    set(stb https://raw.githubusercontent.com/nothings/stb/31c1ad37456438565541f4919958214b6e762fb4)
    FetchContent_Declare(fovea_stb_image
      URL ${stb}/stb_image.h
      URL_HASH SHA256=594c2fe35d49488b4382dbfaec8f98366defca819d916ac95becf3e75f4200b3
      DOWNLOAD_NO_EXTRACT ON)
    FetchContent_Declare(fovea_stb_image_write
      URL ${stb}/stb_image_write.h
      URL_HASH SHA256=cbd5f0ad7a9cf4468affb36354a1d2338034f2c12473cf1a8e32053cb6914a05
      DOWNLOAD_NO_EXTRACT ON)
    FetchContent_Declare(fovea_stb_easy_font
      URL ${stb}/stb_easy_font.h
      URL_HASH SHA256=7b48b52a316477766c0a7a096b33a29bcbd847b6fab4fabd32bb3fdb7cea1a60
      DOWNLOAD_NO_EXTRACT ON)
    FetchContent_MakeAvailable(fovea_stb_image fovea_stb_image_write fovea_stb_easy_font)
    set(STB_INCLUDE_DIR ${fovea_stb_image_SOURCE_DIR} ${fovea_stb_image_write_SOURCE_DIR}
                        ${fovea_stb_easy_font_SOURCE_DIR} PARENT_SCOPE)
  endif()
endfunction()

# Only its headers, for which Debian has no CMake package. Sets PROTOZERO_INCLUDE_DIR.
function(fovea_find_protozero)
  find_path(PROTOZERO_INCLUDE_DIR protozero/version.hpp)
  mark_as_advanced(PROTOZERO_INCLUDE_DIR)
  if(NOT PROTOZERO_INCLUDE_DIR)
    FetchContent_Declare(fovea_protozero
      URL https://github.com/mapbox/protozero/archive/refs/tags/v1.8.1.tar.gz
      URL_HASH SHA256=6c7a896f1dc08435e8cd4f3780ff688cd0bfce6890599b755f6f3cb36398dc25
      SOURCE_SUBDIR only-unpack)
    FetchContent_MakeAvailable(fovea_protozero)
    set(PROTOZERO_INCLUDE_DIR ${fovea_protozero_SOURCE_DIR}/include PARENT_SCOPE)
  endif()
endfunction()

# Never fetched. Debian's package of libzip for CMake asks for programs that it does not bring, and CMake's own module for HDF5
# for a C compiler: so they are looked for as files. Sets `found`, and ZIP_ and HDF5_ INCLUDE_DIR and LIBRARY.
function(fovea_find_zip_and_hdf5 found)
  find_path(ZIP_INCLUDE_DIR zip.h)
  find_library(ZIP_LIBRARY zip)
  find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
  find_library(HDF5_LIBRARY NAMES hdf5 hdf5_serial PATH_SUFFIXES hdf5/serial)
  mark_as_advanced(ZIP_INCLUDE_DIR ZIP_LIBRARY HDF5_INCLUDE_DIR HDF5_LIBRARY)
  if(ZIP_INCLUDE_DIR AND ZIP_LIBRARY AND HDF5_INCLUDE_DIR AND HDF5_LIBRARY)
    set(${found} ON PARENT_SCOPE)
  else()
    set(${found} OFF PARENT_SCOPE)
  endif()
endfunction()

# A macro, so that the caller sees Catch2_VERSION: Debian 12 has 2, newer systems 3.
macro(fovea_find_catch2)
  find_package(Catch2 QUIET CONFIG)
  if(NOT TARGET Catch2::Catch2WithMain)
    FetchContent_Declare(Catch2
      URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
      URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
    FetchContent_MakeAvailable(Catch2)
    set_target_properties(Catch2 PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
                          $<TARGET_PROPERTY:Catch2,INTERFACE_INCLUDE_DIRECTORIES>)
  endif()
endmacro()
