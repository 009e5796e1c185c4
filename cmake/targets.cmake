# Building blocks: a library per folder, all sharing one precompiled libtorch header.

# The header is compiled once, here, and reused by every other target.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp.in "// Carries the precompiled header.\n")
configure_file(${CMAKE_BINARY_DIR}/pch.cpp.in ${CMAKE_BINARY_DIR}/pch.cpp COPYONLY)
add_library(mkdt_pch STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
target_link_libraries(mkdt_pch PRIVATE mkdt_settings mkdt_torch)
target_precompile_headers(mkdt_pch PRIVATE <torch/types.h> <functional> <map> <string> <vector>)

function(mkdt_use_pch target)
  target_precompile_headers(${target} REUSE_FROM mkdt_pch)
endfunction()

# More than half of the time goes into headers that the files share. Sixteen files make one translation unit; files with
# options of their own stay alone. Names in anonymous namespaces have to differ within a folder.
function(mkdt_use_unity target)
  if(MKDT_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endif()
endfunction()

# mkdt_library(FOLDER [DEPENDS FOLDER...] [THIRD_PARTY TARGET...] [EXCEPT SOURCE...])
function(mkdt_library folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS;THIRD_PARTY;EXCEPT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/mkdt/${folder}/*.cpp)
  foreach(source ${ARG_EXCEPT})
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${source})
  endforeach()
  set(target mkdt_${folder})
  add_library(${target} STATIC ${sources})
  add_library(mkdt::${folder} ALIAS ${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  list(TRANSFORM ARG_DEPENDS PREPEND mkdt_)
  target_link_libraries(${target} PUBLIC mkdt_torch ${ARG_DEPENDS}
                                  PRIVATE $<BUILD_INTERFACE:mkdt_settings> ${ARG_THIRD_PARTY})
  mkdt_use_pch(${target})
  mkdt_use_unity(${target})
  set_property(GLOBAL APPEND PROPERTY MKDT_LIBRARIES ${target})
endfunction()
