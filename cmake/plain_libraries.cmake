# Libraries that come without a CMake package: a header and a library, wherever CMake looks. Also
# installed, for those who use the installed mkdt.

# mkdt_plain_library(NAME HEADER LIBRARY [NEEDS...]): the imported target NAME::NAME; what it needs
# in turn, where it is static, follows.
function(mkdt_plain_library name header library)
  if(TARGET ${name}::${name})
    return()
  endif()
  find_path(${name}_INCLUDE_DIR ${header})
  find_library(${name}_LIBRARY ${library})
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  if(NOT ${name}_INCLUDE_DIR OR NOT ${name}_LIBRARY)
    message(FATAL_ERROR "${name} is missing: ${header} or lib${library}")
  endif()
  add_library(${name}::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${name}::${name} PROPERTIES
    IMPORTED_LOCATION "${${name}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

mkdt_plain_library(xxhash xxhash.h xxhash)
mkdt_plain_library(minizip minizip/zip.h minizip ZLIB::ZLIB)
mkdt_plain_library(exif libexif/exif-data.h exif m)
mkdt_plain_library(utf8proc utf8proc.h utf8proc)
