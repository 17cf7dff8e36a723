# SPDX-License-Identifier: Apache-2.0
# Who may include whom: base <- sys <- exec, state <- ops <- cmd; base <- spec <- plan <- exec.
ocirun_layer(base runtime/base)
ocirun_layer(spec spec PUBLIC ocirun_base PRIVATE ${LIB_jansson} ${LIB_cap})
ocirun_layer(plan runtime/plan PUBLIC ocirun_base PRIVATE ocirun_spec ${LIB_seccomp} m)
ocirun_layer(sys runtime/sys PUBLIC ocirun_base)
ocirun_layer(exec runtime/exec PUBLIC ocirun_plan ocirun_sys PRIVATE ${LIB_seccomp})
