# cmake -DPROGRAM=<executable> -DSOURCE=<file> -P check_output.cmake
#
# Fails unless the program prints, line for line, what stands behind //> in its source.
cmake_minimum_required(VERSION 3.22)

file(READ ${SOURCE} source)
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${status}")
endif()

# CMake's lists take [ ] and ; in their own way.
foreach(text source printed)
  string(REPLACE "[" "<" ${text} "${${text}}")
  string(REPLACE "]" ">" ${text} "${${text}}")
  string(REPLACE ";" "," ${text} "${${text}}")
  string(REPLACE "\r" "" ${text} "${${text}}")
endforeach()

string(REGEX MATCHALL "\n +//>[^\n]*" expected "${source}")
list(TRANSFORM expected REPLACE "^\n +//> ?" "")
list(JOIN expected "\n" expected)
string(STRIP "${expected}" expected)
string(STRIP "${printed}" printed)
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "${SOURCE} says that this is printed:\n${expected}\n\nbut this is:\n${printed}")
endif()
