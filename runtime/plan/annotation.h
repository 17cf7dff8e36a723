/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations that change what is done. They are crun's, and podman sets them for its own options;
 * `features` names them as unsafe to take over from an image.
 */
#ifndef OCIRUN_PLAN_ANNOTATION_H
#define OCIRUN_PLAN_ANNOTATION_H

#include "spec.h"

#include <stdbool.h>

/* Its presence keeps the caller's further groups: podman run --group-add keep-groups. */
#define ANNOTATION_KEEP_GROUPS "run.oci.keep_original_groups"

/* Which option of mount(8) the mountLabel becomes: "context", "fscontext", "defcontext", "rootcontext". */
#define ANNOTATION_CONTEXT_TYPE "run.oci.mount_context_type"

/* A listenerPath for a seccomp profile that has none. */
#define ANNOTATION_SECCOMP_RECEIVER "run.oci.seccomp.receiver"

/* Whether @key is one of crun's that changes nothing here: whoever set it expects something. */
bool plan_annotation_is_foreign(const char *key);

/* The value of @key, or NULL. */
const char *plan_annotation(const struct spec *spec, const char *key);

#endif
