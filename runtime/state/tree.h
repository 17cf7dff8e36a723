/* SPDX-License-Identifier: Apache-2.0 */
/* A directory that a container may have written to, and its end. Private to this layer. */
#ifndef OCIRUN_STATE_TREE_H
#define OCIRUN_STATE_TREE_H

/*
 * Removes what has the name @name in @dir_fd, with all that is in it, however deep that is: with three
 * descriptors and no recursion. No link is followed. 0, also when there is nothing, or -errno; after
 * that as after a kill it can be done again.
 */
int tree_remove(int dir_fd, const char *name);

/* The same for what is no directory: -EISDIR when it is one. */
int tree_remove_file(int dir_fd, const char *name);

#endif
