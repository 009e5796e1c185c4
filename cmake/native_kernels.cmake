# The native kernels are compiled once for every instruction set; the program chooses when it runs.
# Their translation units include no header of the standard library with code in it, so that no
# function compiled for a newer processor is linked in place of the portable one.
set(kernel_options -O3)
if(MKDT_SANITIZE) # whose checks are compiled for minutes at -O3
  set(kernel_options -O1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # GCC 12 takes the sanitizers' branches for null pointers for real ones
    list(APPEND kernel_options -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endif()
function(mkdt_native_kernels folder isa vector_bytes)
  set(source ${CMAKE_SOURCE_DIR}/mkdt/nn/${folder}/kernels_${isa}.cpp)
  set_source_files_properties(${source} PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON
    COMPILE_DEFINITIONS "MKDT_ISA_NAMESPACE=${isa};MKDT_VECTOR_BYTES=${vector_bytes}"
    COMPILE_OPTIONS "${kernel_options};-ffp-contract=fast;-fno-math-errno;-Wno-psabi;${ARGN}")
endfunction()

mkdt_native_kernels(native portable 16)
mkdt_native_kernels(residual portable 16)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  mkdt_native_kernels(native avx2 32 -mavx2 -mfma)
  mkdt_native_kernels(native avx512 64 -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512)
  target_compile_definitions(mkdt_nn PRIVATE MKDT_X86_KERNELS MKDT_AMX_KERNELS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # GCC 12 takes the undefined values of its own headers for ours
    set(undefined_values -Wno-maybe-uninitialized)
  endif()
  mkdt_native_kernels(residual amx 64 -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx512bf16 -mfma -mamx-tile
                      -mamx-bf16 -mprefer-vector-width=512 ${undefined_values})
else()
  set_source_files_properties(${CMAKE_SOURCE_DIR}/mkdt/nn/native/kernels_avx2.cpp
                              ${CMAKE_SOURCE_DIR}/mkdt/nn/native/kernels_avx512.cpp
                              ${CMAKE_SOURCE_DIR}/mkdt/nn/residual/kernels_amx.cpp
                              PROPERTIES HEADER_FILE_ONLY ON)
endif()
