# libtorch, as the target mkdt_torch: of the system (found through CMAKE_PREFIX_PATH), or the one inside python3's torch.
set(MKDT_TORCH system CACHE STRING "Whose libtorch: system (find_package), or python (that of python3's torch)")
set_property(CACHE MKDT_TORCH PROPERTY STRINGS system python)
set(MKDT_PYTHON python3 CACHE STRING "The Python whose torch is meant by MKDT_TORCH=python")

find_package(OpenMP REQUIRED)
add_library(mkdt_torch INTERFACE)

if(MKDT_TORCH STREQUAL "python")
  # Its find_package(Torch) would ask for the CUDA toolkit that it was built with, which our code does not need.
  execute_process(
    COMMAND ${MKDT_PYTHON} -c "import os, sys, torch
print(os.path.dirname(torch.__file__), os.path.dirname(os.path.dirname(torch.utils.cmake_prefix_path)), sys.prefix,
      int(torch.compiled_with_cxx11_abi()), sep=';')"
    OUTPUT_VARIABLE answer ERROR_VARIABLE complaint RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "MKDT_TORCH=python: ${MKDT_PYTHON} has no torch (MKDT_PYTHON names another): ${failed} ${complaint}")
  endif()
  list(POP_BACK answer new_abi)
  if(NOT new_abi)
    message(FATAL_ERROR "MKDT_TORCH=python: this torch has the C++ ABI of before GCC 5, in which no distribution has its "
                        "libraries: take PyTorch 2.7 or newer from pip, or conda's")
  endif()
  find_path(torch_include torch/csrc/api/include/torch/types.h PATHS ${answer} PATH_SUFFIXES include
            NO_DEFAULT_PATH NO_CACHE)
  set(torch_libraries "")
  foreach(name torch torch_cpu c10 torch_cuda c10_cuda)
    find_library(found_library ${name} PATHS ${answer} PATH_SUFFIXES lib NO_DEFAULT_PATH NO_CACHE)
    if(found_library)
      list(APPEND torch_libraries ${found_library})
      get_filename_component(torch_folder ${found_library} DIRECTORY)
    elseif(NOT name MATCHES cuda)
      message(FATAL_ERROR "MKDT_TORCH=python: no lib${name}.so in ${answer}")
    endif()
    unset(found_library)
  endforeach()
  if(NOT torch_include)
    message(FATAL_ERROR "MKDT_TORCH=python: no headers of torch in ${answer}")
  endif()
  set(torch_includes ${torch_include} ${torch_include}/torch/csrc/api/include)
  set(torch_flags -D_GLIBCXX_USE_CXX11_ABI=${new_abi})
  # All of them, needed or not: operators of a device register themselves when its library is loaded. What these
  # need in turn is their own business, and found when the program starts.
  list(JOIN torch_libraries "," joined)
  target_link_libraries(mkdt_torch INTERFACE "-Wl,--push-state,--no-as-needed,${joined},--pop-state")
  # One C++ library in the process: a compiler that puts its own into the program (-static-libstdc++) would make two,
  # between which exceptions and locales do not pass.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.so OUTPUT_VARIABLE libstdcxx
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(IS_ABSOLUTE "${libstdcxx}" AND EXISTS "${libstdcxx}")
    target_link_libraries(mkdt_torch INTERFACE ${libstdcxx})
  endif()
  # Whatever fmt stands among its headers would be found before ours: none is to need the library of one of them.
  target_compile_definitions(mkdt_torch INTERFACE FMT_HEADER_ONLY=1)
  target_link_options(mkdt_torch INTERFACE -Wl,-rpath,${torch_folder})
  if(joined MATCHES torch_cuda)
    # Without CUDA they are looked for as well: a libtorch on the system's protobuf (Debian's) calls what is hidden in
    # the program, as far as the linker knows, unless it sees that protobuf.
    target_link_options(mkdt_torch INTERFACE -Wl,--allow-shlib-undefined)
  endif()
elseif(MKDT_TORCH STREQUAL "system")
  find_package(Torch REQUIRED)
  set(torch_includes ${TORCH_INCLUDE_DIRS})
  target_link_libraries(mkdt_torch INTERFACE ${TORCH_LIBRARIES})
  separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
else()
  message(FATAL_ERROR "MKDT_TORCH is '${MKDT_TORCH}': expected system or python")
endif()
# at::parallel_for is a template in libtorch's headers: without OpenMP it silently runs serially.
target_link_libraries(mkdt_torch INTERFACE OpenMP::OpenMP_CXX)
# As system headers, so that their warnings are not ours.
target_include_directories(mkdt_torch SYSTEM INTERFACE ${torch_includes})
target_compile_options(mkdt_torch INTERFACE ${torch_flags})
# As it was compiled itself: without NDEBUG at::RecordFunction has a member more, which the library never sets.
target_compile_definitions(mkdt_torch INTERFACE $<BUILD_INTERFACE:$<$<CONFIG:Debug>:NDEBUG>>)

# The C++ standard is the one that its headers ask for: "#error C++20 or later compatible compiler is required".
find_file(torch_all torch/all.h PATHS ${torch_includes} NO_DEFAULT_PATH NO_CACHE)
file(STRINGS ${torch_all} torch_wants REGEX "C\\+\\+[0-9]+ or later")
string(REGEX REPLACE ".*C\\+\\+([0-9]+) or later.*" "\\1" torch_wants "${torch_wants}")
if(torch_wants GREATER CMAKE_CXX_STANDARD)
  set(CMAKE_CXX_STANDARD ${torch_wants})
endif()
target_compile_features(mkdt_torch INTERFACE cxx_std_${CMAKE_CXX_STANDARD})
message(STATUS "libtorch of ${MKDT_TORCH}: C++${CMAKE_CXX_STANDARD}")
