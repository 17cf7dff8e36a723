# SPDX-License-Identifier: Apache-2.0
# `cpack` in the build directory makes Debian packages: the program, and the library with its headers.
# Where they lie beside each other, so that the links between them lead somewhere.
install(FILES LICENSE README.md CHANGELOG.md SECURITY.md CONTRIBUTING.md
	DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ocirun)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ocirun
	FILES_MATCHING PATTERN *.md PATTERN *.svg PATTERN examples EXCLUDE)
install(DIRECTORY bundles DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ocirun
	USE_SOURCE_PERMISSIONS PATTERN rootfs EXCLUDE PATTERN .gitignore EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the ocirun maintainers <maintainers@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_COMPONENTS_ALL ocirun libocirun-dev)
set(CPACK_COMPONENT_OCIRUN_DESCRIPTION
"Runs containers as the Open Container Initiative specifies them, with the
command line of runc: for podman, docker, containerd, CRI-O, and by hand.")
set(CPACK_DEBIAN_OCIRUN_PACKAGE_NAME ocirun)
set(CPACK_DEBIAN_OCIRUN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_OCIRUN_PACKAGE_SUGGESTS criu)
set(CPACK_COMPONENT_LIBOCIRUN-DEV_DESCRIPTION
"The library behind it and its headers: for programs that run
containers themselves instead of calling ocirun.")
set(CPACK_DEBIAN_LIBOCIRUN-DEV_PACKAGE_NAME libocirun-dev)
set(CPACK_DEBIAN_LIBOCIRUN-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBOCIRUN-DEV_PACKAGE_DEPENDS "libjansson-dev, libseccomp-dev, libcap-dev")
include(CPack)
