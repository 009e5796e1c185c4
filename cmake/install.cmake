# `cmake --install` gives the program, with its presets, manual page and completions (component program), and
# find_package(mkdt) with the target mkdt::mkdt (component development).
include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(TARGETS mkdt_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mkdt/configs FILES_MATCHING PATTERN "*.toml")
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# The program writes its manual page and completions itself; that it runs is known when it is installed.
set(pages ${CMAKE_BINARY_DIR}/generated/pages)
file(MAKE_DIRECTORY ${pages})
install(CODE "
  function(page file)
    execute_process(COMMAND \"$<TARGET_FILE:mkdt_program>\" \${ARGN} OUTPUT_FILE \"${pages}/\${file}\"
                    RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR \"mkdt \${ARGN}: \${failed}\")
    endif()
  endfunction()
  page(mkdt.1 man)
  foreach(shell bash zsh fish)
    page(\${shell} completion \${shell})
  endforeach()
  execute_process(COMMAND gzip -9nf \"${pages}/mkdt.1\")")
install(FILES ${pages}/mkdt.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${pages}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mkdt)
install(FILES ${pages}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _mkdt)
install(FILES ${pages}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME mkdt.fish)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
get_property(libraries GLOBAL PROPERTY MKDT_LIBRARIES)
install(TARGETS mkdt mkdt_torch ${libraries} EXPORT mkdtTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY mkdt/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mkdt FILES_MATCHING
        PATTERN "option_toml.h" EXCLUDE PATTERN "*.h")
install(EXPORT mkdtTargets NAMESPACE mkdt:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
configure_package_config_file(cmake/mkdtConfig.cmake.in ${CMAKE_BINARY_DIR}/mkdtConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/mkdtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/mkdtConfig.cmake ${CMAKE_BINARY_DIR}/mkdtConfigVersion.cmake
              cmake/plain_libraries.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmkdt-dev RENAME copyright)
