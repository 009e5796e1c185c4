# Installs the build folder BUILD into a new prefix, builds the program in SOURCE on it by find_package(mkdt), with
# COMPILER and what PREFIX_PATH has, and runs it.
set(work ${BUILD}/consumer)
file(REMOVE_RECURSE ${work})

# step(COMMAND...): runs it, and ends with what it said where it fails.
function(step)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${ARGN}: ${failed}\n${said}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
step(${work}/prefix/bin/mkdt presets)
string(REPLACE ";" "\\;" prefix_path "${work}/prefix;${PREFIX_PATH}")
step(${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${work}/build -DCMAKE_CXX_COMPILER=${COMPILER}
     -DCMAKE_PREFIX_PATH=${prefix_path})
step(${CMAKE_COMMAND} --build ${work}/build)
step(${work}/build/consumer)
message("${said}")
