# cmake [-DDATASET=<name>] [-DDESTINATION=<folder>] [-DMIRRORS=...] [-DFILES=...] -P cmake/DownloadDataset.cmake
#
# Downloads a data set, mnist (11 MB) if none is named, fashion_mnist (30 MB), cifar10 (162 MB) or cifar100 (161 MB), to where load_dataset
# looks for it, and checks it against SHA-256 sums. Files that are there already are checked and kept. A file gets its
# name only once it is complete and right; failure leaves no part of it behind. Archives are unpacked and not kept.
cmake_minimum_required(VERSION 3.22)

if(NOT DATASET)
  set(DATASET mnist)
endif()
if(NOT DATASET MATCHES "^(mnist|fashion_mnist|cifar10|cifar100)$")
  message(FATAL_ERROR "DownloadDataset: there is mnist, fashion_mnist, cifar10 and cifar100, not ${DATASET}")
endif()
if(NOT DESTINATION)
  if(WIN32)
    file(TO_CMAKE_PATH "$ENV{LOCALAPPDATA}" cache)
  elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(cache $ENV{XDG_CACHE_HOME})
  elseif(NOT "$ENV{HOME}" STREQUAL "")
    set(cache $ENV{HOME}/.cache)
  endif()
  if(NOT cache)
    message(FATAL_ERROR "DownloadDataset: there is no home folder, say where to with -DDESTINATION=<folder>")
  endif()
  set(DESTINATION ${cache}/fovea/${DATASET})
endif()

# <name>=<SHA-256>=<seconds at most>[=<folder that an archive unpacks to>]; the smallest first: without a network that is all the
# waiting there is. The sums are those that MLDatasets.jl (Fashion-MNIST) and TensorFlow Datasets (CIFAR) have on record.
if(DATASET STREQUAL "mnist")
  set(mirrors https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist)
  set(files
    t10k-labels-idx1-ubyte.gz=f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6=15
    train-labels-idx1-ubyte.gz=3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c=30
    t10k-images-idx3-ubyte.gz=8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6=120
    train-images-idx3-ubyte.gz=440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609=600)
elseif(DATASET STREQUAL "fashion_mnist")
  set(mirrors https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion
              http://fashion-mnist.s3-website.eu-central-1.amazonaws.com)
  set(files
    t10k-labels-idx1-ubyte.gz=67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5=15
    train-labels-idx1-ubyte.gz=a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845=30
    t10k-images-idx3-ubyte.gz=346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073=180
    train-images-idx3-ubyte.gz=3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84=900)
elseif(DATASET STREQUAL "cifar10")
  set(mirrors https://www.cs.toronto.edu/~kriz)
  set(files
    cifar-10-binary.tar.gz=c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd=3600=cifar-10-batches-bin)
else()
  set(mirrors https://www.cs.toronto.edu/~kriz)
  set(files
    cifar-100-binary.tar.gz=58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec=3600=cifar-100-binary)
endif()
if(NOT MIRRORS)
  set(MIRRORS ${mirrors})
endif()
if(NOT FILES)
  set(FILES ${files})
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
  message(FATAL_ERROR "DownloadDataset: no mirror has ${name}:${reasons}")
endfunction()

# The folder, too, gets its name only once it is whole.
function(unpack archive folder)
  string(RANDOM LENGTH 8 suffix)
  set(part ${DESTINATION}/${suffix}.part)
  file(ARCHIVE_EXTRACT INPUT ${DESTINATION}/${archive} DESTINATION ${part})
  file(RENAME ${part}/${folder} ${DESTINATION}/${folder})
  file(REMOVE_RECURSE ${part} ${DESTINATION}/${archive})
endfunction()

foreach(entry IN LISTS FILES)
  string(REPLACE "=" ";" entry ${entry})
  list(LENGTH entry parts)
  if(parts EQUAL 3)
    fetch(${entry})
    continue()
  endif()
  list(POP_BACK entry folder)
  if(NOT EXISTS ${DESTINATION}/${folder})
    list(GET entry 0 archive)
    fetch(${entry})
    unpack(${archive} ${folder})
  endif()
endforeach()
message("${DATASET} is in ${DESTINATION}")
