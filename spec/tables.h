/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the objects that are used from another file than their own. */
#ifndef OCIRUN_SPEC_TABLES_H
#define OCIRUN_SPEC_TABLES_H

#include "field.h"

extern const struct field_object spec_table_root;      /* the document; struct spec */
extern const struct field_object spec_table_mount;     /* struct spec_mount */
extern const struct field_object spec_table_id_map;    /* struct spec_id_map */
extern const struct field_object spec_table_process;   /* struct spec_process */
extern const struct field_object spec_table_hooks;     /* members of struct spec */
extern const struct field_object spec_table_linux;     /* members of struct spec */
extern const struct field_object spec_table_resources; /* struct spec_resources */
extern const struct field_object spec_table_seccomp;   /* struct spec_seccomp */

#endif
