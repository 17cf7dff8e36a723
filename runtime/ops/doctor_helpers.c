/* SPDX-License-Identifier: Apache-2.0 */
/* What is not the kernel's: services and programs beside the runtime. */
#include "doctor.h"

#include "fd.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SECTION          "helpers"
#define UNIT_ARENA_BYTES 16384
#define INSTALL_PROGRAM                                                                            \
	"install -D ocirun-systemd /usr/libexec/ocirun/ocirun-systemd # of ocirun's build"

static bool can_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

/* As sd_booted(3) has it. */
bool doctor_has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static int tell_systemd(const struct doctor *doctor)
{
	bool is_there = doctor_has_systemd();

	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "systemd",
				   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .found = is_there ? "runs this host" : "does not run this host",
				   .purpose = "cgroups that it gives to users and services",
			   });
}

static int tell_program(const struct doctor *doctor, const char *program)
{
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "ocirun-systemd",
				   .health = program[0] ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .found = program[0] ? program : "not installed",
				   .purpose = "speaking to systemd: --systemd-cgroup",
				   .remedy = INSTALL_PROGRAM,
			   });
}

/* Asked as a container would have it asked, which takes 10 s where nobody answers. */
static int tell_manager(const struct doctor *doctor)
{
	bool is_user = doctor->host->euid != 0 || doctor->host->in_user_ns;
	AUTO(arena) struct arena *arena = NULL;
	const char *bus, *program, *found;
	unsigned long long version;
	struct err why = { 0 };
	int ret;

	TRY(arena_new(UNIT_ARENA_BYTES, &arena, doctor->err));
	bus = unit_bus(arena, is_user);
	ret = unit_greet(arena, bus, &program, &version, &why);
	TRY(tell_program(doctor, program));
	if (ret == 0)
		found = arena_printf(arena, "systemd %llu answers at %s", version, bus);
	else
		found = program[0] ? why.text : "not asked, for want of ocirun-systemd";
	return doctor_tell(
		doctor,
		&(struct ops_finding){
			.section = SECTION,
			.name = is_user ? "user's manager" : "system's manager",
			.health = ret == 0 ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
			.found = found,
			.purpose = "cgroups that systemd makes: --systemd-cgroup",
			.remedy = is_user && doctor_has_systemd() ? "loginctl enable-linger" : NULL,
		});
}

/* The system's bus for root, for others that of their session. */
static int tell_dbus(const struct doctor *doctor)
{
	char path[64] = "/run/dbus/system_bus_socket", found[DOCTOR_TEXT_MAX];
	bool is_there;

	if (geteuid() != 0)
		snprintf(path, sizeof(path), "/run/user/%u/bus", geteuid());
	is_there = can_connect(path);
	snprintf(found, sizeof(found), "%s: %s", path,
		 is_there ? "answers" : "nobody answers there");
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "D-Bus",
				   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .found = found,
				   .purpose = "engines that ask systemd for cgroups",
				   .remedy = geteuid() == 0 ? DOCTOR_INSTALL("dbus")
							    : DOCTOR_INSTALL("dbus-user-session"),
			   });
}

static int tell_criu(const struct doctor *doctor)
{
	char path[64];
	const char *program = doctor_find_program("criu", path, sizeof(path));

	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = "criu",
					   .health = program ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .found = program ? program : "not installed",
					   .purpose = "checkpoint and restore",
					   .remedy = DOCTOR_INSTALL("criu"),
				   });
}

/* The processor has it, the kernel shows it, and somebody mounted it. */
static int tell_resctrl(const struct doctor *doctor)
{
	bool is_known = access("/sys/fs/resctrl", F_OK) == 0;
	bool is_mounted = access("/sys/fs/resctrl/schemata", F_OK) == 0;

	return doctor_tell(
		doctor,
		&(struct ops_finding){
			.section = SECTION,
			.name = "resctrl",
			.health = is_mounted ? OPS_HEALTH_OK
				  : is_known ? OPS_HEALTH_LIMITED
					     : OPS_HEALTH_MISSING,
			.found = is_mounted ? "mounted"
				 : is_known ? "not mounted"
					    : "not in this kernel or processor",
			.purpose = "shares of cache and memory bandwidth (intelRdt)",
			.remedy = is_known ? "mount -t resctrl resctrl /sys/fs/resctrl" : NULL,
		});
}

int doctor_look_at_helpers(const struct doctor *doctor)
{
	TRY(tell_systemd(doctor));
	TRY(tell_manager(doctor));
	TRY(tell_dbus(doctor));
	TRY(tell_criu(doctor));
	return tell_resctrl(doctor);
}
