/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document that `ocirun spec` writes. It is kept as text, so that it can be read here as users
 * will read it; the two variants differ in the parts that are arguments.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

#define CAPS "[\"CAP_AUDIT_WRITE\", \"CAP_KILL\", \"CAP_NET_BIND_SERVICE\"]"

static const char template[] =
	"{\n"
	"\t\"ociVersion\": \"" SPEC_OCI_VERSION "\",\n"
	"\t\"process\": {\n"
	"\t\t\"terminal\": true,\n"
	"\t\t\"user\": { \"uid\": 0, \"gid\": 0 },\n"
	"\t\t\"args\": [\"sh\"],\n"
	"\t\t\"env\": [\n"
	"\t\t\t\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\n"
	"\t\t\t\"TERM=xterm\"\n"
	"\t\t],\n"
	"\t\t\"cwd\": \"/\",\n"
	"\t\t\"capabilities\": {\n"
	"\t\t\t\"bounding\": " CAPS ",\n"
	"\t\t\t\"effective\": " CAPS ",\n"
	"\t\t\t\"permitted\": " CAPS "\n"
	"\t\t},\n"
	"\t\t\"rlimits\": [\n"
	"\t\t\t{ \"type\": \"RLIMIT_NOFILE\", \"hard\": 1024, \"soft\": 1024 }\n"
	"\t\t],\n"
	"\t\t\"noNewPrivileges\": true\n"
	"\t},\n"
	"\t\"root\": {\n"
	"\t\t\"path\": \"rootfs\",\n"
	"\t\t\"readonly\": true\n"
	"\t},\n"
	"\t\"hostname\": \"ocirun\",\n"
	"\t\"mounts\": [\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/proc\",\n"
	"\t\t\t\"type\": \"proc\",\n"
	"\t\t\t\"source\": \"proc\"\n"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/dev\",\n"
	"\t\t\t\"type\": \"tmpfs\",\n"
	"\t\t\t\"source\": \"tmpfs\",\n"
	"\t\t\t\"options\": [\"nosuid\", \"strictatime\", \"mode=755\", \"size=65536k\"]\n"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/dev/pts\",\n"
	"\t\t\t\"type\": \"devpts\",\n"
	"\t\t\t\"source\": \"devpts\",\n"
	"\t\t\t\"options\": [\"nosuid\", \"noexec\", \"newinstance\", \"ptmxmode=0666\", "
	"\"mode=0620\"%s]\n"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/dev/shm\",\n"
	"\t\t\t\"type\": \"tmpfs\",\n"
	"\t\t\t\"source\": \"shm\",\n"
	"\t\t\t\"options\": [\"nosuid\", \"noexec\", \"nodev\", \"mode=1777\", "
	"\"size=65536k\"]\n"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/dev/mqueue\",\n"
	"\t\t\t\"type\": \"mqueue\",\n"
	"\t\t\t\"source\": \"mqueue\",\n"
	"\t\t\t\"options\": [\"nosuid\", \"noexec\", \"nodev\"]\n"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/sys\",\n"
	"%s"
	"\t\t},\n"
	"\t\t{\n"
	"\t\t\t\"destination\": \"/sys/fs/cgroup\",\n"
	"\t\t\t\"type\": \"cgroup\",\n"
	"\t\t\t\"source\": \"cgroup\",\n"
	"\t\t\t\"options\": [\"nosuid\", \"noexec\", \"nodev\", \"relatime\", \"ro\"]\n"
	"\t\t}\n"
	"\t],\n"
	"\t\"linux\": {\n"
	"%s"
	"\t\t\"namespaces\": [\n"
	"\t\t\t{ \"type\": \"pid\" },\n"
	"\t\t\t{ \"type\": \"%s\" },\n"
	"\t\t\t{ \"type\": \"ipc\" },\n"
	"\t\t\t{ \"type\": \"uts\" },\n"
	"\t\t\t{ \"type\": \"mount\" }%s\n"
	"\t\t],\n"
	"\t\t\"maskedPaths\": [\n"
	"\t\t\t\"/proc/acpi\",\n"
	"\t\t\t\"/proc/asound\",\n"
	"\t\t\t\"/proc/kcore\",\n"
	"\t\t\t\"/proc/keys\",\n"
	"\t\t\t\"/proc/latency_stats\",\n"
	"\t\t\t\"/proc/timer_list\",\n"
	"\t\t\t\"/proc/timer_stats\",\n"
	"\t\t\t\"/proc/sched_debug\",\n"
	"\t\t\t\"/proc/scsi\",\n"
	"\t\t\t\"/sys/firmware\"\n"
	"\t\t],\n"
	"\t\t\"readonlyPaths\": [\n"
	"\t\t\t\"/proc/bus\",\n"
	"\t\t\t\"/proc/fs\",\n"
	"\t\t\t\"/proc/irq\",\n"
	"\t\t\t\"/proc/sys\",\n"
	"\t\t\t\"/proc/sysrq-trigger\"\n"
	"\t\t]\n"
	"\t}\n"
	"}\n";

static const char sys_mount[] = "\t\t\t\"type\": \"sysfs\",\n"
				"\t\t\t\"source\": \"sysfs\",\n"
				"\t\t\t\"options\": [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]\n";

/* sysfs can only be mounted by who owns the network namespace, and that is the host's. */
static const char sys_bind[] =
	"\t\t\t\"type\": \"none\",\n"
	"\t\t\t\"source\": \"/sys\",\n"
	"\t\t\t\"options\": [\"rbind\", \"nosuid\", \"noexec\", \"nodev\", \"ro\"]\n";

static const char device_rules[] = "\t\t\"resources\": {\n"
				   "\t\t\t\"devices\": [\n"
				   "\t\t\t\t{ \"allow\": false, \"access\": \"rwm\" }\n"
				   "\t\t\t]\n"
				   "\t\t},\n";

static const char id_maps[] = "\t\t\"uidMappings\": [\n"
			      "\t\t\t{ \"containerID\": 0, \"hostID\": %u, \"size\": 1 }\n"
			      "\t\t],\n"
			      "\t\t\"gidMappings\": [\n"
			      "\t\t\t{ \"containerID\": 0, \"hostID\": %u, \"size\": 1 }\n"
			      "\t\t],\n";

/* As runc writes it: on a host with cgroup v1, callers expect to see the host's paths inside. */
static const char cgroup_ns[] = ",\n\t\t\t{ \"type\": \"cgroup\" }";

char *spec_default_text(bool rootless, bool has_cgroup_v2, uint32_t uid, uint32_t gid)
{
	char maps[sizeof(id_maps) + 32];
	char *text;

	snprintf(maps, sizeof(maps), id_maps, uid, gid);
	/* With one id mapped, the group tty (5) does not exist; a new network namespace is of no
	 * use without the privilege to connect it. */
	if (asprintf(&text, template, rootless ? "" : ", \"gid=5\"",
		     rootless ? sys_bind : sys_mount, rootless ? maps : device_rules,
		     rootless ? "user" : "network", has_cgroup_v2 ? cgroup_ns : "") < 0)
		return NULL;
	return text;
}
