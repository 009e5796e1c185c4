# Everything that the project is built on; scripts/setup installs the Debian packages of it.
include(cmake/torch.cmake)
find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
# Before the fmt that stands among the headers of a PyTorch from pip, whose version is another.
target_include_directories(mkdt_torch SYSTEM BEFORE INTERFACE
                           "$<BUILD_INTERFACE:$<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>>")
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Protobuf QUIET CONFIG) # newer ones need Abseil, which only their own configuration knows
if(NOT Protobuf_FOUND)
  find_package(Protobuf REQUIRED)
endif()
include(cmake/plain_libraries.cmake)
add_library(xxhash ALIAS xxhash::xxhash)
add_library(minizip ALIAS minizip::minizip)
add_library(exif ALIAS exif::exif)
add_library(utf8proc ALIAS utf8proc::utf8proc)
