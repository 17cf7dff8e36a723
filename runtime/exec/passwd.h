/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's /etc/passwd, read as the hostile file that it may be: no FIFO is waited for, no
 * more than a bounded part is read, no code of the image (NSS) runs.
 */
#ifndef OCIRUN_EXEC_PASSWD_H
#define OCIRUN_EXEC_PASSWD_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The home directory of @uid by the passwd file @path, "/" when it names none. Allocates nothing.
 */
void passwd_find_home(const char *path, uid_t uid, char *home, size_t size);

#endif
