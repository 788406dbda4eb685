# cmake -P cmake/checks/IncludeDirection.cmake
#
# Each folder of include/fovea/ may include only itself and the folders below it, so that the folders form no cycle;
# and Eigen is named only in core/eigen*.hpp.
cmake_minimum_required(VERSION 3.22)

set(core_sees core)
set(ops_sees core ops)
set(losses_sees core ops losses)
set(layers_sees core ops layers)
set(schedules_sees core schedules)
set(optimizers_sees core ops schedules optimizers)
set(metrics_sees core ops losses metrics)
set(data_sees core data)
set(image_sees core ops data image)
set(augment_sees core ops layers data augment)
set(models_sees core ops losses layers schedules optimizers metrics data models)
set(io_sees ${models_sees} io)
set(onnx_sees ${io_sees} onnx)
set(keras_sees ${io_sees} keras)
set(callbacks_sees ${io_sees} callbacks)
set(testing_sees ${models_sees} testing)

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../../include/fovea ABSOLUTE)
file(GLOB_RECURSE headers RELATIVE ${root} ${root}/*/*.hpp ${root}/*/*.inl)

macro(complain text)
  message(SEND_ERROR "include/fovea/${header}: ${text}")
endmacro()

foreach(header IN LISTS headers)
  string(REGEX REPLACE "/.*" "" folder ${header})
  if(NOT DEFINED ${folder}_sees)
    complain("the folder ${folder} has no rule in IncludeDirection.cmake")
  endif()

  file(STRINGS ${root}/${header} includes REGEX "^ *# *(include|define FOVEA_KERNELS)")
  foreach(include IN LISTS includes)
    if(include MATCHES "\"")
      complain("${include}, where fovea's own headers are written <fovea/...>")
    elseif(include MATCHES "<fovea/([a-z_]+)/" AND NOT CMAKE_MATCH_1 IN_LIST ${folder}_sees)
      complain("${include}, but ${folder} may include only: ${${folder}_sees}")
    elseif(include MATCHES "<fovea/fovea.hpp>")
      complain("${include}, which includes everything")
    endif()
  endforeach()

  file(STRINGS ${root}/${header} eigen REGEX "Eigen::|Eigen/")
  if(eigen AND NOT header MATCHES "^core/eigen")
    complain("Eigen is named: ${eigen}")
  endif()
endforeach()
