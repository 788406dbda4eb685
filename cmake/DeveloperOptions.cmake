# fovea_developer_options: how fovea's own tests and examples are compiled. Never part of the library.
add_library(fovea_developer_options INTERFACE)

if(MSVC)
  # 4996 warns of getenv.
  target_compile_options(fovea_developer_options INTERFACE /W4 /wd4996 /permissive- /utf-8 /bigobj
                         $<$<BOOL:${FOVEA_WERROR}>:/WX> $<$<BOOL:${FOVEA_NATIVE}>:/arch:AVX2>)
else()
  target_compile_options(fovea_developer_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                         $<$<BOOL:${FOVEA_WERROR}>:-Werror> $<$<BOOL:${FOVEA_NATIVE}>:-march=native>)
  # g++ 12 warns of its own AVX-512 intrinsics, GCC bug 105593.
  if(FOVEA_NATIVE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(fovea_developer_options INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()
endif()

if(FOVEA_SANITIZE)
  # The four left out take a third of the compile time, and AddressSanitizer sees most of what they would.
  set(sanitize -fsanitize=${FOVEA_SANITIZE} -fno-sanitize=null,object-size,vptr,pointer-overflow -fno-sanitize-recover=all
               -fno-omit-frame-pointer)
  target_compile_options(fovea_developer_options INTERFACE ${sanitize})
  target_link_options(fovea_developer_options INTERFACE ${sanitize})
endif()
