# TensorBoard's event records, generated from their schema, and what writes them: a library of its own, because the
# generated code keeps neither to our warnings nor to our precompiled header, and because PyTorch's headers have those
# of another protobuf among them.
if(NOT TARGET protobuf::protoc)
  message(FATAL_ERROR "protoc is missing (Debian: protobuf-compiler)")
endif()
set(schema mkdt/publish/event.proto)
set(generated ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(
  OUTPUT ${generated}/mkdt/publish/event.pb.cc ${generated}/mkdt/publish/event.pb.h
  COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR} --cpp_out=${generated} ${schema}
  DEPENDS ${CMAKE_SOURCE_DIR}/${schema}
  VERBATIM)
add_library(mkdt_event_proto STATIC ${generated}/mkdt/publish/event.pb.cc mkdt/publish/event_record.cpp)
target_include_directories(mkdt_event_proto PRIVATE ${CMAKE_SOURCE_DIR})
target_include_directories(mkdt_event_proto SYSTEM PRIVATE $<BUILD_INTERFACE:${generated}>)
find_library(protobuf_archive NAMES libprotobuf-lite.a libprotobuf.a NO_CACHE)
if(MKDT_TORCH STREQUAL "python" AND protobuf_archive AND Protobuf_VERSION VERSION_LESS 4)
  # PyTorch's own builds have a protobuf of another version inside libtorch_cpu: ours stays inside the program. (From
  # 4 on, that is 22, a static one wants Abseil as well.)
  target_include_directories(mkdt_event_proto SYSTEM PRIVATE "$<BUILD_INTERFACE:${Protobuf_INCLUDE_DIRS}>")
  target_link_libraries(mkdt_event_proto PUBLIC ${protobuf_archive} Threads::Threads)
  target_link_options(mkdt_event_proto INTERFACE
                      -Wl,--exclude-libs,libprotobuf-lite.a:libprotobuf.a:libmkdt_event_proto.a)
else()
  target_link_libraries(mkdt_event_proto PUBLIC protobuf::libprotobuf)
endif()
set_property(GLOBAL APPEND PROPERTY MKDT_LIBRARIES mkdt_event_proto)
