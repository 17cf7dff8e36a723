/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading OCI documents. A document is at most SPEC_MAX_BYTES long and SPEC_MAX_DEPTH deep, is
 * UTF-8, and no object in it has a key twice. Integers of the whole uint64 range are accepted.
 * Loading only reads the given file: nothing else is touched, whatever the document says.
 */
#ifndef OCIRUN_SPEC_LOAD_H
#define OCIRUN_SPEC_LOAD_H

#include "auto.h"
#include "err.h"
#include "spec.h"

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

/*
 * One thing wrong (or, as a warning, odd) in a document. The text names the value and what was
 * expected instead, and stays valid during the call only.
 */
struct spec_problem {
	bool is_warning;
	const char *pointer; /* JSON pointer, "" for the whole document */
	const char *text;
};

/*
 * Gets every problem of a document, in its order. With a NULL sink loading stops at the first
 * problem that is no warning; with a sink all are reported, and the first one is the result too.
 */
struct spec_sink {
	void (*report)(void *context, const struct spec_problem *problem);
	void *context;
};

/*
 * Reads the config.json at @path (relative to @dir_fd, as openat(2)). @sink may be NULL. The
 * caller frees *@ret_spec with spec_free(). When @ret_text is not NULL it gets the document's
 * bytes, malloc()ed, so that a copy can be kept. Errors: those of open(2) and read(2); -EFBIG for
 * a document that is too large; -EINVAL for everything that is wrong in it.
 */
int spec_load(int dir_fd, const char *path, const struct spec_sink *sink, struct spec **ret_spec,
	      char **ret_text, struct err *err);

/* As spec_load(), from memory. @text need not end with a NUL. */
int spec_parse(const char *text, size_t len, const struct spec_sink *sink, struct spec **ret_spec,
	       struct err *err);

/*
 * Where in a config.json that was accepted before its process is, for spec_parse_process(). False when
 * only the whole document tells.
 */
bool spec_find_process(const char *text, size_t len, const char **ret_process, size_t *ret_len);

/* A document that is one process object (exec --process). All of it lives in @arena. */
int spec_parse_process(const char *text, size_t len, struct arena *arena,
		       struct spec_process *ret_process, struct err *err);

/* A document that is one resources object (update --resources). All of it lives in @arena. */
int spec_parse_resources(const char *text, size_t len, struct arena *arena,
			 struct spec_resources *ret_resources, struct err *err);

/* Sets the bit 1 << CAP_x of the capability @name ("CAP_CHOWN"). False when it is not known. */
bool spec_parse_capability(const char *name, uint64_t *ret_bit);

/* Frees a spec and all that it refers to; NULL is fine. */
void spec_free(struct spec *spec);
DEFINE_AUTO(spec, struct spec *, spec_free)

/*
 * The text of the config.json that `ocirun spec` writes: a shell in rootfs/ with all namespaces
 * that need no set-up; a cgroup namespace with @has_cgroup_v2, the host's only hierarchy. @rootless:
 * for the caller @uid, @gid without privileges. malloc()ed.
 */
char *spec_default_text(bool rootless, bool has_cgroup_v2, uint32_t uid, uint32_t gid);

/* Bytes of arena that a document of @len bytes can need at most, whatever it holds. */
size_t spec_arena_bytes(size_t len);

#pragma GCC visibility pop

#endif
