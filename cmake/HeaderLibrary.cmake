# fovea_add_header_library(<target> [EXPORT_NAME <name>] HEADERS <files> [KERNELS <files>] LINKS <targets>)
#
# KERNELS are files that headers include several times, and that do not compile alone.
# A header-only target under include/, also known as fovea::<name>. It carries no optimisation flags: -march and the
# like are the user's choice, and mixing them between translation units would break the one definition rule.
function(fovea_add_header_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXPORT_NAME" "HEADERS;KERNELS;LINKS")
  if(NOT arg_EXPORT_NAME)
    set(arg_EXPORT_NAME ${target})
  endif()

  add_library(${target} INTERFACE)
  add_library(fovea::${arg_EXPORT_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${arg_EXPORT_NAME})
  target_compile_features(${target} INTERFACE cxx_std_20)
  target_link_libraries(${target} INTERFACE ${arg_LINKS})

  # A header set says which headers are whose; CMake 3.24 can then also compile each alone, for which see
  # CMAKE_VERIFY_INTERFACE_HEADER_SETS.
  if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.23)
    target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${arg_HEADERS})
    target_sources(${target} INTERFACE FILE_SET kernels TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include
                                       FILES ${arg_KERNELS})
    set_target_properties(${target} PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY HEADERS)
  else()
    include(GNUInstallDirs)
    target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endif()
endfunction()
