/* SPDX-License-Identifier: Apache-2.0 */
/* A unit of systemd that exists: what the state record keeps of it. Strings are borrowed. */
#ifndef OCIRUN_SYS_UNIT_REF_H
#define OCIRUN_SYS_UNIT_REF_H

struct unit_ref {
	const char *name; /* "libpod-c1.scope"; NULL: none */
	const char *bus;  /* addresses of its manager as D-Bus has them, with ";" between them */
};

#endif
