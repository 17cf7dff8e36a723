# SPDX-License-Identifier: Apache-2.0
# Who may include whom: base <- sys <- exec, state <- ops <- cmd; base <- spec <- plan <- exec.
ocirun_layer(base runtime/base PRIVATE ${LIB_jansson})
ocirun_layer(spec spec PUBLIC ocirun_base PRIVATE ${LIB_jansson} ${LIB_cap})
ocirun_layer(sys runtime/sys PUBLIC ocirun_base)
ocirun_layer(plan runtime/plan PUBLIC ocirun_base PRIVATE ocirun_spec ${LIB_seccomp} m)
ocirun_layer(exec runtime/exec PUBLIC ocirun_plan ocirun_sys PRIVATE ${LIB_seccomp})
target_compile_definitions(ocirun_exec PRIVATE
	OCIRUN_LIBEXECDIR="${CMAKE_INSTALL_FULL_LIBEXECDIR}/ocirun")
ocirun_layer(state runtime/state PUBLIC ocirun_base ocirun_sys PRIVATE ${LIB_jansson})
ocirun_layer(ops runtime/ops PUBLIC ocirun_plan PRIVATE ocirun_state ocirun_exec ocirun_spec)

set(OCIRUN_LAYERS
	ocirun_ops ocirun_state ocirun_exec ocirun_plan ocirun_sys ocirun_spec ocirun_base)
