# Debian packages by cpack, for the release that they are made on: mkdt, and libmkdt-dev for those who build on the
# library. scripts/package makes them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "mkdt maintainers <maintainers@mkdt.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME mkdt)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS libopenblas0-pthread) # libtorch is content with any BLAS, most are slow
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "mkdt distils a large unlabelled image set into a tiny synthetic one on which
self-supervised encoders can be pre-trained, by Matching Knowledge
Distillation Trajectories (arXiv 2410.02116).")

# What cmake/dependencies.cmake looks for, by Debian's names, CLI11 aside, which is the program's.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmkdt-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(needed "libtorch-dev | libtorch-cuda-dev" libprotobuf-dev protobuf-compiler libtomlplusplus-dev libfmt-dev
    nlohmann-json3-dev libxxhash-dev libjpeg-dev libpng-dev zlib1g-dev libexif-dev libminizip-dev
    libutf8proc-dev)
list(JOIN needed ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "What mkdt is made of, as static libraries with their headers and a CMake
package, find_package(mkdt).")
include(CPack)
