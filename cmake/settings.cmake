# Language, warnings, sanitizers, ccache: what every target of the project has in common.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(MKDT_TESTS "Build the tests" ON)
option(MKDT_BENCH "Build the kernels' benchmarks (needs Google Benchmark)" OFF)
option(MKDT_FUZZ "Declare the parsers' fuzzing harnesses (needs clang); scripts/fuzz runs them" OFF)
option(MKDT_UNITY "Compile the files of a folder sixteen at a time, in less than half the time" ON)
option(MKDT_WERROR "Treat compiler warnings as errors; .ci/run does" OFF)
set(MKDT_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=, for example address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(MKDT_CCACHE ccache)
if(MKDT_CCACHE)
  # Precompiled headers need the two sloppiness flags, or nothing would ever be found again.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${MKDT_CCACHE})
endif()

add_library(mkdt_settings INTERFACE)
target_compile_options(mkdt_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
if(MKDT_WERROR)
  target_compile_options(mkdt_settings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # ccache compares precompiled headers by content only with this flag.
  target_compile_options(mkdt_settings INTERFACE -fpch-preprocess)
endif()
if(MKDT_SANITIZE)
  # Undefined behaviour ends a test instead of being noted in what it prints.
  target_compile_options(mkdt_settings INTERFACE -fsanitize=${MKDT_SANITIZE} -fno-sanitize-recover=all
                                                 -fno-omit-frame-pointer)
  target_link_options(mkdt_settings INTERFACE -fsanitize=${MKDT_SANITIZE})
endif()
