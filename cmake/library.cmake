# SPDX-License-Identifier: Apache-2.0
# libocirun.a: the layers as one object, whose only global symbols are the functions of the headers
# that are installed beside it. What the layers say to each other cannot clash with a program's names.
set(library ${PROJECT_BINARY_DIR}/libocirun.a)
foreach(layer ${OCIRUN_LAYERS})
	list(APPEND layer_files $<TARGET_FILE:${layer}>)
endforeach()
add_custom_command(OUTPUT ${library}
	COMMAND ${CMAKE_LINKER} -r -o libocirun.o --whole-archive ${layer_files}
	COMMAND ${CMAKE_OBJCOPY} --localize-hidden libocirun.o
	COMMAND ${CMAKE_COMMAND} -E rm -f ${library}
	COMMAND ${CMAKE_AR} rcs ${library} libocirun.o
	DEPENDS ${OCIRUN_LAYERS} WORKING_DIRECTORY ${PROJECT_BINARY_DIR} VERBATIM
	COMMENT "Linking libocirun.a")
add_custom_target(library ALL DEPENDS ${library})

file(RELATIVE_PATH prefix_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/ocirun.pc.in ocirun.pc @ONLY)
install(FILES ${library} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libocirun-dev)
install(FILES ${PROJECT_BINARY_DIR}/ocirun.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libocirun-dev)
install(FILES
	runtime/base/arena.h runtime/base/auto.h runtime/base/err.h runtime/base/log.h
	runtime/base/problem.h runtime/base/trace.h
	runtime/ops/ocirun.h runtime/ops/ops.h runtime/ops/ops_doctor.h runtime/ops/ops_inspect.h runtime/ops/ops_stats.h
	runtime/plan/host.h runtime/plan/seccomp_call.h
	spec/load.h spec/spec.h
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ocirun COMPONENT libocirun-dev)
install(DIRECTORY docs/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT libocirun-dev)
