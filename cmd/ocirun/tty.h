/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of whoever called the program. */
#ifndef OCIRUN_CMD_TTY_H
#define OCIRUN_CMD_TTY_H

#include "auto.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

struct tty {
	int size_fd; /* tells the window's size; -1: there is no terminal */
	bool owns_size_fd;
	bool is_raw; /* stdin is a terminal and is in raw mode, or was put there */
	struct termios saved;
};

#define TTY_NONE                                                                                   \
	{                                                                                          \
		.size_fd = -1                                                                      \
	}

/* Finds the terminal. Having none is no error. */
void tty_begin(struct tty *tty);

/* Whether @fd is our controlling terminal and we are a background job of it: its keys are for others. */
bool tty_is_background(int fd);

/*
 * When stdin is a terminal puts it into raw mode: keys go to the container's terminal, which echoes
 * and makes signals of them.
 */
int tty_take(struct tty *tty, struct err *err);

/* Gives the terminal behind @console_fd the size of this one, when there is one with a size. */
void tty_copy_size(const struct tty *tty, int console_fd);

/* That size, for a terminal that is still to be made; 0 when there is none. */
void tty_find_size(uint16_t *ret_rows, uint16_t *ret_columns);

/* Ends raw mode. */
void tty_end(struct tty *tty);

static inline void tty_auto(struct tty *tty)
{
	tty_end(tty);
}

#endif
