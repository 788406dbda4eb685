# What `cmake --install` puts where, the CMake package (for the install and the build tree alike) and fovea.pc.
# All of it is architecture-independent, so it goes to share/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_directory ${CMAKE_INSTALL_DATADIR}/cmake/fovea)

# An export set of its own for each part: who does not ask for a part does not need its library.
set(exports fovea)
if(FOVEA_WITH_ZLIB)
  list(APPEND exports fovea_zlib)
endif()
if(FOVEA_WITH_IO)
  list(APPEND exports fovea_io)
endif()

if(FOVEA_WITH_ONNX)
  list(APPEND exports fovea_onnx)
endif()
if(FOVEA_WITH_KERAS)
  list(APPEND exports fovea_keras)
endif()
if(FOVEA_WITH_IMAGE)
  list(APPEND exports fovea_image)
endif()

if(CMAKE_VERSION VERSION_LESS 3.23)
  install(DIRECTORY include/fovea TYPE INCLUDE)
else()
  set(header_set FILE_SET HEADERS FILE_SET kernels)
endif()

foreach(export IN LISTS exports)
  install(TARGETS ${export} EXPORT ${export}Targets ${header_set})
  install(EXPORT ${export}Targets NAMESPACE fovea:: DESTINATION ${package_directory})
  export(EXPORT ${export}Targets NAMESPACE fovea:: FILE ${PROJECT_BINARY_DIR}/${export}Targets.cmake)
endforeach()

configure_package_config_file(cmake/foveaConfig.cmake.in ${PROJECT_BINARY_DIR}/foveaConfig.cmake
                              INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/foveaConfig.cmake ${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
        DESTINATION ${package_directory})

# Relative to fovea.pc itself, so that the installed tree can be moved.
file(RELATIVE_PATH pc_include_directory ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/fovea.pc.in ${PROJECT_BINARY_DIR}/fovea.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/fovea.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
