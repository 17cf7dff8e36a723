/* SPDX-License-Identifier: Apache-2.0 */
/* Raw mode and window size. */
#include "tty.h"

#include "fd.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Any of stdin, stdout, stderr may be redirected; the controlling terminal is the last resort. */
static void find_terminal(struct tty *tty)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && tty->size_fd < 0; fd++) {
		if (isatty(fd))
			tty->size_fd = fd;
	}
	if (tty->size_fd < 0) {
		tty->size_fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
		tty->owns_size_fd = tty->size_fd >= 0;
	}
}

void tty_begin(struct tty *tty)
{
	find_terminal(tty);
}

bool tty_is_background(int fd)
{
	pid_t foreground = tcgetpgrp(fd);

	return foreground >= 0 && foreground != getpgrp();
}

int tty_take(struct tty *tty, struct err *err)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO))
		return 0;
	if (!tty->is_raw && tcgetattr(STDIN_FILENO, &tty->saved) < 0)
		return err_sys(err, "read the terminal's settings");
	raw = tty->saved;
	cfmakeraw(&raw);
	/* The container's terminal does not turn \n into \r\n: this one has to. */
	raw.c_oflag |= OPOST;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return err_sys(err, "put the terminal into raw mode");
	tty->is_raw = true;
	return 0;
}

void tty_find_size(uint16_t *ret_rows, uint16_t *ret_columns)
{
	struct tty tty = TTY_NONE;
	struct winsize size = { 0 };

	find_terminal(&tty);
	if (tty.size_fd >= 0 && ioctl(tty.size_fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
	if (tty.owns_size_fd)
		fd_close(&tty.size_fd);
}

void tty_copy_size(const struct tty *tty, int console_fd)
{
	struct winsize size;

	/* Failing is harmless: the window may have been closed. */
	if (tty->size_fd >= 0 && ioctl(tty->size_fd, TIOCGWINSZ, &size) == 0 &&
	    (size.ws_row || size.ws_col))
		ioctl(console_fd, TIOCSWINSZ, &size);
}

void tty_end(struct tty *tty)
{
	if (tty->is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &tty->saved);
	tty->is_raw = false;
	if (tty->owns_size_fd)
		fd_close(&tty->size_fd);
	tty->size_fd = -1;
	tty->owns_size_fd = false;
}
