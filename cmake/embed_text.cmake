# Text files as constants of a library. Run as a script (-P) it writes one source; included, it
# declares the function that has this done at build time.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FILE} text)
  # Not as a raw literal: GCC 12 looks into those for line ends that it does not like.
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "?" "\\?" text "${text}") # no trigraphs
  string(REPLACE "\r" "\\r" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  file(WRITE ${SOURCE} "// Generated from ${NAME}.
#include <string_view>

namespace mkdt {
namespace {
constexpr char kText[] =
\"${text}\";
}  // namespace

extern const std::string_view ${SYMBOL};
constexpr std::string_view ${SYMBOL}{kText, sizeof(kText) - 1};

}  // namespace mkdt
")
  return()
endif()

# mkdt_embed_text(TARGET SYMBOL FILE): FILE, a path from the top folder, becomes
# `extern const std::string_view SYMBOL` in namespace mkdt, for code of TARGET to declare. Text only:
# no zero bytes, and lines that end in CR LF end in LF. To be called in the folder that made TARGET.
function(mkdt_embed_text target symbol file)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake)
  set(source ${CMAKE_BINARY_DIR}/generated/embedded/${symbol}.cpp)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/embedded)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DFILE=${CMAKE_SOURCE_DIR}/${file} -DNAME=${file} -DSYMBOL=${symbol}
            -DSOURCE=${source} -P ${script}
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${script}
    VERBATIM)
  # The standard asks for 65536 characters in a literal; the compilers that we use take more.
  set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
                              COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${source})
endfunction()
