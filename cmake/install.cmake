# `cmake --install` gives find_package(mkdt) and the target mkdt::mkdt.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY MKDT_LIBRARIES)
install(TARGETS mkdt mkdt_torch ${libraries} EXPORT mkdtTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS mkdt_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mkdt/configs FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY mkdt/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mkdt FILES_MATCHING
        PATTERN "option_toml.h" EXCLUDE PATTERN "*.h")
install(EXPORT mkdtTargets NAMESPACE mkdt:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
configure_package_config_file(cmake/mkdtConfig.cmake.in ${CMAKE_BINARY_DIR}/mkdtConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/mkdtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/mkdtConfig.cmake ${CMAKE_BINARY_DIR}/mkdtConfigVersion.cmake
              cmake/plain_libraries.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mkdt)
