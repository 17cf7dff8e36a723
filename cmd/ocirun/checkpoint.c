/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint: the state of a running container as files. */
#include "commands.h"
#include "criu_options.h"
#include "owned.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* All of the text is one number from 0 to @max. */
static bool read_number(const char *text, long max, int *ret_number)
{
	char *end;
	long number;

	if (!text[0] || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || number > max)
		return false;
	*ret_number = (int)number;
	return true;
}

/* "ADDRESS:PORT", an IPv6 address in brackets. *@ret_address is malloc()ed. */
static int read_page_server(const char *text, char **ret_address, int *ret_port, struct err *err)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	AUTO(text) char *address = NULL;
	size_t len;

	if (!text)
		return 0;
	len = colon ? (size_t)(colon - text) : 0;
	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || !colon[1])
		return err_set(err, EINVAL,
			       "Use --page-server ADDRESS:PORT to specify page server");
	if (!read_number(colon + 1, 65535, ret_port) || *ret_port == 0)
		return err_set(err, EINVAL, "Invalid port number");
	address = strndup(text, len);
	if (!address)
		return err_set(err, ENOMEM, "no memory for the address of the page server");
	*ret_address = TAKE(address);
	return 0;
}

static int checkpoint(struct cli *cli, const void *values, const struct arguments *arguments,
		      struct err *err)
{
	const struct criu_values *v = values;
	AUTO(text) char *address = NULL;
	struct ops_checkpoint_options options = {
		.id = arguments->v[0],
		.parent_path = v->parent_path,
		.status_fd = -1,
		.leave_running = v->leave_running,
		.pre_dump = v->pre_dump,
		.tcp_skip_in_flight = v->tcp_skip_in_flight,
	};

	TRY(criu_options_read(v, &options.criu, err));
	if (v->status_fd && strcmp(v->status_fd, "-1") != 0 &&
	    !read_number(v->status_fd, INT_MAX, &options.status_fd))
		return err_set(err, EINVAL, "invalid --status-fd argument %s", v->status_fd);
	TRY(read_page_server(v->page_server, &address, &options.page_server_port, err));
	options.page_server_address = address;
	return op_checkpoint(&cli->ops, &options, err);
}

const struct command command_checkpoint = {
	.name = "checkpoint",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "checkpoint a running container",
	.description =
		"Writes the container's processes, with their memory and open files, to an image,\n"
		"from which 'restore' makes them again, and deletes the container. This is done "
		"by\n"
		"the program criu, which has to be installed.\n",
	.example = "$0 checkpoint --image-path /tmp/image c1\n"
		   "$0 restore --image-path /tmp/image --bundle hello --detach c1\n",
	.options = (const struct option *const[]){ criu_options, NULL },
	.values_size = sizeof(struct criu_values),
	.run = checkpoint,
};
