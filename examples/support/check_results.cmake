# cmake -DPROGRAM=<executable> -DARGUMENTS=<list> -DEXPECTED=<list of "name > name or number"> -P check_results.cmake
#
# Fails unless the program prints the same on one thread as on three, and unless all that is expected of the
# numbers that it prints as "name: number" is true.
cmake_minimum_required(VERSION 3.22)

foreach(threads 1 3)
  execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} --threads ${threads}
                  OUTPUT_VARIABLE printed_${threads} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${status}")
  endif()
endforeach()
message("${printed_1}")
if(NOT printed_1 STREQUAL printed_3)
  message(FATAL_ERROR "On 3 threads it prints this instead:\n${printed_3}")
endif()
if(NOT printed_1 MATCHES "Weights hash")
  message(FATAL_ERROR "There is no weights hash")
endif()

function(number_of name result)
  set(${result} ${name} PARENT_SCOPE)
  if(NOT name MATCHES "^[0-9.]+$")
    if(NOT "\n${printed_1}" MATCHES "\n${name}: ([0-9.]+)\n")
      message(FATAL_ERROR "There is no \"${name}\"")
    endif()
    set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
  endif()
endfunction()

foreach(expected IN LISTS EXPECTED)
  string(REGEX MATCH "^(.*) > (.*)$" matched "${expected}")
  set(sides "${CMAKE_MATCH_1};${CMAKE_MATCH_2}")
  list(GET sides 0 left)
  list(GET sides 1 right)
  number_of("${left}" larger)
  number_of("${right}" smaller)
  if(NOT larger GREATER smaller)
    message(FATAL_ERROR "Expected ${expected}, got ${larger} and ${smaller}")
  endif()
endforeach()
