/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digest of a kept filter's instructions, which stands before them (ops/filter.c): written once
 * more for tests that make such files, so that another digest there is seen as another format.
 */
#ifndef OCIRUN_TEST_KEPT_DIGEST_H
#define OCIRUN_TEST_KEPT_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of @n words of eight bytes: an instruction is one. */
static inline uint64_t kept_digest(const void *words, size_t n)
{
	uint64_t value = n * sizeof(value), word;

	for (size_t i = 0; i < n; i++) {
		memcpy(&word, (const char *)words + i * sizeof(word), sizeof(word));
		value = (value ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		value ^= value >> 32;
	}
	return value;
}

#endif
