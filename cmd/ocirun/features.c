/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features: what this build can do, in the form of the runtime-spec (features.md). Names come from
 * the tables that read config.json and build plans, so that none is promised and then refused;
 * where the kernel or a library decides, it is asked.
 */
#include "catalogue.h"
#include "commands.h"
#include "json_text.h"
#include "mount_options.h"
#include "spec.h"

#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Lists of words: where they go, and the key of config.json that may have them. */
static const struct {
	const char *object, *list;
	const char *pointer;
} word_lists[] = {
	{ "linux", "namespaces", "/linux/namespaces/N/type" },
	{ "linux/seccomp", "actions", "/linux/seccomp/syscalls/N/action" },
	{ "linux/seccomp", "operators", "/linux/seccomp/syscalls/N/args/N/op" },
	{ "linux/seccomp", "knownFlags", "/linux/seccomp/flags" },
	{ "linux/memoryPolicy", "modes", "/linux/memoryPolicy/mode" },
	{ "linux/memoryPolicy", "flags", "/linux/memoryPolicy/flags" },
};

static const struct {
	const char *object, *name;
	bool value;
} switches[] = {
	{ "linux/cgroup", "v1", true },
	{ "linux/cgroup", "v2", true },
	{ "linux/cgroup", "systemd", OCIRUN_HAS_SYSTEMD },
	{ "linux/cgroup", "systemdUser", OCIRUN_HAS_SYSTEMD },
	{ "linux/cgroup", "rdma", true },
	{ "linux/seccomp", "enabled", true },
	{ "linux/apparmor", "enabled", true },
	{ "linux/selinux", "enabled", true },
	{ "linux/intelRdt", "enabled", true },
	{ "linux/intelRdt", "schemata", true },
	{ "linux/intelRdt", "monitoring", true },
	{ "linux/mountExtensions/idmap", "enabled", true },
	{ "linux/netDevices", "enabled", true },
};

/* What an engine must not take from an image unseen; a "." at the end: all that follows. */
static const char *const unsafe_annotations[] = {
	"org.criu.config",
	"org.systemd.property.",
	"run.oci.",
};

/* The object at @path ("linux/cgroup") below @root, made when it is missing. Borrowed. */
static json_t *object_at(json_t *root, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		if (!json_object_get(root, name))
			json_put(root, name, json_object());
		root = json_object_get(root, name);
		path += len + (path[len] == '/');
	}
	return root;
}

/* The array @name of @object, made when it is missing. Borrowed. */
static json_t *array_of(json_t *object, const char *name)
{
	if (!json_object_get(object, name))
		json_put(object, name, json_array());
	return json_object_get(object, name);
}

/* Keeps @array sorted and without duplicates, as callers compare and people read it. */
static void insert_name(json_t *array, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++) {
		int order = strcmp(name, json_string_value(json_array_get(array, i)));

		if (order == 0)
			return;
		if (order < 0)
			break;
	}
	json_insert(array, i, json_string(name));
}

/* Takes what `features` shows from one key of config.json. */
static void visit_key(void *context, const struct spec_key *key)
{
	json_t *root = context;
	static const char hooks[] = "/hooks/";
	const char *hook = key->pointer + sizeof(hooks) - 1;

	if (key->status != SPEC_KEY_READ)
		return;
	if (strncmp(key->pointer, hooks, sizeof(hooks) - 1) == 0 && !strchr(hook, '/'))
		json_push(array_of(root, "hooks"), json_string(hook));

	for (size_t i = 0; i < sizeof(word_lists) / sizeof(word_lists[0]); i++) {
		if (strcmp(key->pointer, word_lists[i].pointer) != 0)
			continue;
		for (size_t k = 0; k < key->n_names; k++)
			insert_name(
				array_of(object_at(root, word_lists[i].object), word_lists[i].list),
				key->names[k].name);
	}
}

static void add_capabilities(json_t *root)
{
	json_t *array = array_of(object_at(root, "linux"), "capabilities");

	for (int cap = 0; cap < cap_max_bits(); cap++) {
		char *name = cap_to_name((cap_value_t)cap);

		for (char *c = name; c && *c; c++)
			*c = (char)toupper((unsigned char)*c);
		/* One that libcap does not know comes as a number; none at all is want of memory. */
		if (!name || strncmp(name, "CAP_", 4) == 0)
			json_push(array, json_string(name));
		cap_free(name);
	}
}

/*
 * A flag that the kernel has is checked before the program it applies to: a NULL program gets
 * EFAULT, an unknown flag EINVAL.
 */
static bool kernel_has_flag(const struct spec_name *flag)
{
	unsigned int flags = (unsigned int)flag->value;

	if (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER; /* only valid together */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT;
}

static void visit_seccomp_flags(void *context, const struct spec_key *key)
{
	json_t *root = context;

	if (strcmp(key->pointer, "/linux/seccomp/flags") != 0)
		return;
	for (size_t i = 0; i < key->n_names; i++)
		if (kernel_has_flag(&key->names[i]))
			insert_name(array_of(object_at(root, "linux/seccomp"), "supportedFlags"),
				    key->names[i].name);
}

/* The architectures of the spec that the libseccomp in use can make filters for. */
static void visit_seccomp_archs(void *context, const struct spec_key *key)
{
	static const char prefix[] = "SCMP_ARCH_";
	json_t *root = context;
	char name[32];

	if (strcmp(key->pointer, "/linux/seccomp/architectures") != 0)
		return;
	for (size_t i = 0; i < key->n_names; i++) {
		snprintf(name, sizeof(name), "%s", key->names[i].name + sizeof(prefix) - 1);
		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		if (seccomp_arch_resolve_name(name) != 0)
			insert_name(array_of(object_at(root, "linux/seccomp"), "archs"),
				    key->names[i].name);
	}
}

static void add_annotations(json_t *root)
{
	const struct scmp_version *seccomp = seccomp_version();
	json_t *annotations = object_at(root, "annotations");

	if (seccomp)
		json_put(annotations, "io.github.seccomp.libseccomp.version",
			 json_sprintf("%u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro));
	json_put(annotations, "org.opencontainers.ocirun.commit", json_string(OCIRUN_COMMIT));
	json_put(annotations, "org.opencontainers.ocirun.version", json_string(OCIRUN_VERSION));
}

static json_t *features_json(void)
{
	json_t *root = json_object();
	const char *name;

	json_put(root, "ociVersionMin", json_string(SPEC_OCI_VERSION_MIN));
	json_put(root, "ociVersionMax", json_string(SPEC_OCI_VERSION));
	array_of(root, "hooks"); /* made in the order in which a reader looks for them */
	for (size_t i = 0; (name = mount_option_name(i)); i++)
		insert_name(array_of(root, "mountOptions"), name);
	spec_catalogue(visit_key, root);
	add_capabilities(root);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		json_put(object_at(root, switches[i].object), switches[i].name,
			 json_boolean(switches[i].value));
	spec_catalogue(visit_seccomp_archs, root);
	spec_catalogue(visit_seccomp_flags, root);
	add_annotations(root);
	for (size_t i = 0; i < sizeof(unsafe_annotations) / sizeof(unsafe_annotations[0]); i++)
		json_push(array_of(root, "potentiallyUnsafeConfigAnnotations"),
			  json_string(unsafe_annotations[i]));
	return root;
}

static int features(struct cli *cli, const void *values, const struct arguments *arguments,
		    struct err *err)
{
	AUTO(json) json_t *json = features_json();

	(void)cli;
	(void)values;
	(void)arguments;
	return json_print(json, JSON_INDENT(4), err);
}

const struct command command_features = {
	.name = "features",
	.arguments = "",
	.summary = "print what this build supports, as JSON",
	.description = "The document is described in features.md of the runtime-spec.\n",
	.example = "$0 features | jq '.linux.cgroup'\n",
	.run = features,
};
