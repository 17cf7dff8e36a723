/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership. AUTO(name) on a pointer variable releases it with the function that
 * DEFINE_AUTO(name, ...) named, when the variable goes out of scope; TAKE() hands it over.
 */
#ifndef OCIRUN_BASE_AUTO_H
#define OCIRUN_BASE_AUTO_H

#define AUTO(name) __attribute__((cleanup(name##_auto)))

/* For a type whose variables are pointers: release(pointer) is called unless it is NULL. */
#define DEFINE_AUTO(name, type, release)                                                           \
	static inline void name##_auto(type *owned)                                                \
	{                                                                                          \
		if (*owned)                                                                        \
			release(*owned);                                                           \
	}

/* The value of a pointer variable, which afterwards owns nothing. */
#define TAKE(pointer)                                                                              \
	__extension__({                                                                            \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

#endif
