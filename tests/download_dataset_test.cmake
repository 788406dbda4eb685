# cmake -DWORK=<folder> -P tests/download_dataset_test.cmake
#
# DownloadDataset.cmake with folders for mirrors: what is missing or wrong is refused and leaves nothing behind.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/empty)
file(WRITE ${WORK}/wrong/t10k-labels-idx1-ubyte.gz "not the labels")
file(SHA256 ${WORK}/wrong/t10k-labels-idx1-ubyte.gz sha256)

function(download)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DDESTINATION=${WORK}/to "-DMIRRORS=file://${WORK}/empty;file://${WORK}/wrong" ${ARGN}
            -P ${CMAKE_CURRENT_LIST_DIR}/../cmake/DownloadDataset.cmake
    RESULT_VARIABLE result ERROR_VARIABLE output OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  file(GLOB_RECURSE files RELATIVE ${WORK}/to ${WORK}/to/*)
  set(result ${result} PARENT_SCOPE)
  set(output ${output} PARENT_SCOPE)
  set(files ${files} PARENT_SCOPE)
endfunction()

download()
if(result EQUAL 0 OR files)
  message(SEND_ERROR "a wrong file was taken or left behind: ${files}")
endif()
foreach(expected IN ITEMS "/empty/t10k-labels-idx1-ubyte.gz: " "its SHA-256 is ${sha256}, expected f7ae60f9")
  string(FIND "${output}" "${expected}" position)
  if(position EQUAL -1)
    message(SEND_ERROR "the message does not say '${expected}':\n${output}")
  endif()
endforeach()

# The first mirror has nothing, the second has what is asked for; then it is there, and no mirror is asked.
foreach(asked IN ITEMS TRUE FALSE)
  download(-DFILES=t10k-labels-idx1-ubyte.gz=${sha256}=5)
  string(FIND "${output}" "Downloading" position)
  if(position EQUAL -1)
    set(downloaded FALSE)
  else()
    set(downloaded TRUE)
  endif()
  if(NOT result EQUAL 0 OR NOT files STREQUAL t10k-labels-idx1-ubyte.gz OR NOT downloaded STREQUAL asked)
    message(SEND_ERROR "a right file was not taken, or asked for again: ${files}, downloaded ${downloaded}\n${output}")
  endif()
endforeach()

# An archive is unpacked and not kept; then its folder is there, and no mirror is asked.
file(REMOVE_RECURSE ${WORK}/to)
file(WRITE ${WORK}/wrong/records/data.bin "records")
execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf records.tar.gz records WORKING_DIRECTORY ${WORK}/wrong)
file(SHA256 ${WORK}/wrong/records.tar.gz sha256)
foreach(asked IN ITEMS TRUE FALSE)
  download(-DDATASET=cifar10 -DFILES=records.tar.gz=${sha256}=5=records)
  string(FIND "${output}" "Downloading" position)
  if(NOT result EQUAL 0 OR NOT files STREQUAL records/data.bin)
    message(SEND_ERROR "the archive was not unpacked, or left something behind: ${files}\n${output}")
  endif()
  if((asked AND position EQUAL -1) OR (NOT asked AND NOT position EQUAL -1))
    message(SEND_ERROR "expected that a mirror is asked: ${asked}\n${output}")
  endif()
endforeach()

download(-DDATASET=imagenet)
string(FIND "${output}" "there is mnist, fashion_mnist, cifar10 and cifar100, not imagenet" position)
if(result EQUAL 0 OR position EQUAL -1)
  message(SEND_ERROR "an unknown name was taken:\n${output}")
endif()
