# cmake -DDESTINATION=<folder> [-DMIRRORS=...] [-DFILES=...] -P cmake/DownloadMnist.cmake
#
# Downloads MNIST's four files, 11 MB, and checks them against the published SHA-256 sums. Files that are there already
# are checked and kept. A file gets its name only once it is complete and right; failure leaves no part of it behind.
cmake_minimum_required(VERSION 3.22)

if(NOT DESTINATION)
  message(FATAL_ERROR "DownloadMnist: say where to with -DDESTINATION=<folder>")
endif()
if(NOT MIRRORS)
  set(MIRRORS https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist)
endif()

# <name>=<SHA-256>=<seconds at most>; the smallest first: without a network that is all the waiting there is.
if(NOT FILES)
  set(FILES
    t10k-labels-idx1-ubyte.gz=f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6=15
    train-labels-idx1-ubyte.gz=3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c=30
    t10k-images-idx3-ubyte.gz=8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6=120
    train-images-idx3-ubyte.gz=440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609=600)
endif()

# EXPECTED_HASH would end the script at the first mirror with a wrong file, and leave that file behind.
function(fetch name sha256 seconds)
  set(file ${DESTINATION}/${name})
  if(EXISTS ${file})
    file(SHA256 ${file} found)
    if(found STREQUAL sha256)
      return()
    endif()
  endif()

  string(RANDOM LENGTH 8 suffix)
  set(part ${file}.${suffix}.part)
  set(reasons "")
  foreach(mirror IN LISTS MIRRORS)
    message("Downloading ${mirror}/${name}")
    file(DOWNLOAD ${mirror}/${name} ${part} TIMEOUT ${seconds} INACTIVITY_TIMEOUT 10 TLS_VERIFY ON STATUS status)
    list(POP_FRONT status code)
    if(code EQUAL 0)
      file(SHA256 ${part} found)
      if(found STREQUAL sha256)
        file(RENAME ${part} ${file})
        return()
      endif()
      set(status "its SHA-256 is ${found}, expected ${sha256}")
    endif()
    file(REMOVE ${part})
    string(APPEND reasons "\n  ${mirror}/${name}: ${status}")
  endforeach()
  message(FATAL_ERROR "DownloadMnist: no mirror has ${name}:${reasons}")
endfunction()

foreach(entry IN LISTS FILES)
  string(REPLACE "=" ";" entry ${entry})
  fetch(${entry})
endforeach()
