/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocirun-systemd, spoken to as the runtime does, between it and a manager that answers, refuses, hangs or
 * dies (tests/systemd/fake_systemd.c). A build without libsystemd has neither.
 */
#include "test.h"

#include "deadline.h"
#include "fd.h"
#include "temp_tree.h"
#include "unit_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 400 /* what requests that are not to be answered may take */

#ifndef SYSTEMD_PROGRAM
#define SYSTEMD_PROGRAM NULL
#define FAKE_SYSTEMD    NULL
#endif

static const char *const program = SYSTEMD_PROGRAM;
static struct unit_wire wire;
static int program_fd = -1;
static char addresses[512];
static const char *unit = "oci-c1.scope";

static pid_t spawn(const char *const argv[], int stdin_fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (stdin_fd >= 0)
			dup2(stdin_fd, 0);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static void run_program(void)
{
	const char *const argv[] = { program, NULL };
	int fds[2];

	if (!program)
		test_skip("built without libsystemd");
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	CHECK(spawn(argv, fds[1]) > 0);
	close(fds[1]);
	program_fd = fds[0];
}

/* A manager of this kind, and the program that asks it. */
static pid_t run_fake(const char *mode)
{
	char socket_path[256], log_path[256];
	const char *const argv[] = { FAKE_SYSTEMD, socket_path, log_path, mode, NULL };
	pid_t pid;

	run_program();
	temp_make_dir("systemd");
	snprintf(socket_path, sizeof(socket_path), "%s", temp_path("systemd/private"));
	snprintf(log_path, sizeof(log_path), "%s", temp_path("log"));
	snprintf(addresses, sizeof(addresses), "unix:path=%s", socket_path);
	pid = spawn(argv, -1);
	for (int i = 0; i < 5000 && access(socket_path, F_OK) < 0; i++)
		usleep(1000);
	/* bind(2) comes before listen(2), by some microseconds. */
	usleep(20000);
	return pid;
}

static void begin(const char *verb, unsigned ms)
{
	unit_wire_begin(&wire, verb);
	unit_wire_put(&wire, addresses);
	unit_wire_put(&wire, unit);
	unit_wire_put_number(&wire, ms);
}

static void put_property(const char *name, const char *signature, unsigned since, size_t n,
			 const char *const *values)
{
	unit_wire_put(&wire, name);
	unit_wire_put(&wire, signature);
	unit_wire_put_number(&wire, since);
	unit_wire_put_number(&wire, n);
	for (size_t i = 0; i < n; i++)
		unit_wire_put(&wire, values[i]);
}

/* Sends the request; the first word of the reply. */
static const char *ask(void)
{
	if (unit_wire_send(program_fd, &wire) < 0 || unit_wire_receive(program_fd, &wire) < 0)
		return "end of file";
	return unit_wire_get(&wire);
}

static void begin_start(unsigned ms)
{
	begin(UNIT_START, ms);
	unit_wire_put_number(&wire, 4711);
	unit_wire_put_number(&wire, 1);
	put_property("Description", "s", 0, 1, (const char *const[]){ "ocirun container c1" });
}

/* The reply is this error. */
static void check_error(int code, const char *part)
{
	CHECK_STR(ask(), UNIT_ERROR);
	CHECK_INT(unit_wire_get_number(&wire), code);
	CHECK_CONTAINS(unit_wire_get(&wire), part);
}

/* What is asked for without waiting for the answer comes to the log some time later. */
static const char *log_with(const char *part)
{
	for (int i = 0; i < 5000 && !strstr(temp_read("log"), part); i++)
		usleep(1000);
	return temp_read("log");
}

/* ---- a manager that is well ---- */

TEST(a_scope_is_started_with_properties_of_every_type)
{
	run_fake("answer");
	begin(UNIT_START, 5000);
	unit_wire_put_number(&wire, 4711);
	unit_wire_put_number(&wire, 8);
	put_property("Slice", "s", 0, 1, (const char *const[]){ "a-b.slice" });
	put_property("Delegate", "b", 0, 1, (const char *const[]){ "true" });
	put_property("MemoryMax", "t", 0, 1, (const char *const[]){ "18446744073709551615" });
	put_property("KillSignal", "i", 0, 1, (const char *const[]){ "15" });
	put_property("After", "as", 0, 2, (const char *const[]){ "a.service", "b.service" });
	put_property("AllowedCPUs", "ay", 200, 2, (const char *const[]){ "0", "255" });
	put_property("DeviceAllow", "a(ss)", 0, 4,
		     (const char *const[]){ "/dev/char/1:3", "rwm", "char-*", "m" });
	put_property("Newer", "t", 242, 1, (const char *const[]){ "1" });
	CHECK_STR(ask(), UNIT_OK);
	CHECK_STR(unit_wire_get(&wire), "/system.slice/c1.scope");
	CHECK_STR(temp_read("log"), "StartTransientUnit oci-c1.scope replace\n"
				    "  PIDs au 4711\n"
				    "  Slice s a-b.slice\n"
				    "  Delegate b yes\n"
				    "  MemoryMax t 18446744073709551615\n"
				    "  KillSignal i 15\n"
				    "  After as a.service b.service\n"
				    "  AllowedCPUs ay 0 255\n"
				    "  DeviceAllow a(ss) /dev/char/1:3 rwm char-* m\n");
}

TEST(a_greeting_is_answered_with_the_version_and_asks_for_nothing)
{
	run_fake("answer");
	begin(UNIT_GREET, 5000);
	CHECK_STR(ask(), UNIT_OK);
	CHECK_INT(unit_wire_get_number(&wire), 241);
	CHECK_STR(temp_read("log"), "");
}

TEST(properties_are_set_until_the_unit_ends_and_the_old_ones_are_told)
{
	run_fake("answer");
	begin(UNIT_SET, 5000);
	unit_wire_put_number(&wire, 3);
	put_property("MemoryMax", "t", 0, 1, (const char *const[]){ "4096" });
	put_property("Newer", "t", 242, 1, (const char *const[]){ "1" });
	put_property("TasksMax", "t", 0, 1, (const char *const[]){ "7" });
	CHECK_STR(ask(), UNIT_OK);
	CHECK_INT(unit_wire_get_number(&wire), 2);
	CHECK_STR(unit_wire_get(&wire), "MemoryMax");
	CHECK_STR(unit_wire_get(&wire), "t");
	CHECK_INT(unit_wire_get_number(&wire), 0);
	CHECK_INT(unit_wire_get_number(&wire), 1);
	CHECK_STR(unit_wire_get(&wire), "9"); /* the fake's: the length of the name */
	CHECK_STR(unit_wire_get(&wire), "TasksMax");
	CHECK_STR(temp_read("log"), "SetUnitProperties oci-c1.scope runtime\n"
				    "  MemoryMax t 4096\n  TasksMax t 7\n");
}

TEST(a_process_is_attached_and_requests_follow_each_other)
{
	run_fake("answer");
	for (int i = 0; i < 2; i++) {
		begin(UNIT_ATTACH, 5000);
		unit_wire_put(&wire, "/sub");
		unit_wire_put_number(&wire, 4712);
		CHECK_STR(ask(), UNIT_OK);
	}
	CHECK_STR(temp_read("log"), "AttachProcessesToUnit oci-c1.scope '/sub' 4712\n"
				    "AttachProcessesToUnit oci-c1.scope '/sub' 4712\n");
}

TEST(a_unit_is_stopped_and_its_failure_forgotten)
{
	run_fake("answer");
	begin_start(5000);
	CHECK_STR(ask(), UNIT_OK);
	begin(UNIT_STOP, 5000);
	unit_wire_put(&wire, "ocirun container c1");
	CHECK_STR(ask(), UNIT_OK);
	CHECK_CONTAINS(temp_read("log"),
		       "StopUnit oci-c1.scope replace\nResetFailedUnit oci-c1.scope\n");
}

TEST(stopping_what_is_not_there_is_fine)
{
	run_fake("answer");
	begin(UNIT_STOP, 5000);
	unit_wire_put(&wire, "");
	CHECK_STR(ask(), UNIT_OK);
}

TEST(a_unit_that_is_described_otherwise_is_left_alone)
{
	run_fake("other");
	begin(UNIT_STOP, 5000);
	unit_wire_put(&wire, "ocirun container c1");
	CHECK_STR(ask(), UNIT_OK);
	CHECK_STR(temp_read("log"), "");
	begin(UNIT_STOP, 5000);
	unit_wire_put(&wire, "");
	CHECK_STR(ask(), UNIT_OK);
	CHECK_CONTAINS(temp_read("log"), "StopUnit");
}

/* ---- a manager that refuses ---- */

TEST(a_unit_that_failed_once_makes_room)
{
	run_fake("exists");
	begin_start(5000);
	CHECK_STR(ask(), UNIT_OK);
	CHECK_CONTAINS(temp_read("log"),
		       "  Description s ocirun container c1\nResetFailedUnit oci-c1.scope\n"
		       "StartTransientUnit oci-c1.scope replace\n  PIDs au 4711\n");
}

TEST(a_unit_of_another_container_is_not_touched)
{
	run_fake("taken");
	begin_start(5000);
	check_error(EEXIST, "start unit oci-c1.scope: systemd: Unit oci-c1.scope already exists.");
	CHECK_CONTAINS(unit_wire_get(&wire), "cgroupsPath");
	CHECK(!strstr(temp_read("log"), "StopUnit"));
}

TEST(a_property_that_is_refused_is_named)
{
	run_fake("refuse");
	begin_start(5000);
	check_error(EINVAL, "Cannot set property CPUWeight");
}

TEST(a_job_that_fails_leaves_no_unit)
{
	run_fake("fail");
	begin_start(5000);
	check_error(ECANCELED, "could not start unit oci-c1.scope (the job's result: failed)");
	CHECK_CONTAINS(log_with("ResetFailedUnit"),
		       "StopUnit oci-c1.scope replace\nResetFailedUnit oci-c1.scope\n");
}

/* ---- a manager that is not well ---- */

/* The request fails within its time, of which some is left for the way back. */
static void check_timeout(const char *part)
{
	int64_t begun = deadline_clock_ms();

	check_error(ETIMEDOUT, part);
	CHECK(deadline_clock_ms() - begun >= ANSWER_MS - 1);
	CHECK(deadline_clock_ms() - begun < ANSWER_MS + 3000);
	CHECK_CONTAINS(unit_wire_get(&wire), "--cgroup-manager cgroupfs");
}

TEST(who_does_not_greet_is_given_up)
{
	run_fake("hang-auth");
	begin_start(ANSWER_MS);
	check_timeout("systemd does not answer at 'unix:path=/");
}

TEST(a_start_without_an_answer_is_given_up_and_taken_back)
{
	run_fake("hang-start");
	begin_start(ANSWER_MS);
	check_timeout("start unit oci-c1.scope: systemd does not answer at");
	CHECK_CONTAINS(log_with("StopUnit"), "StopUnit oci-c1.scope replace\n");
}

TEST(a_job_without_an_end_is_given_up_and_taken_back)
{
	run_fake("hang-job");
	begin_start(ANSWER_MS);
	check_timeout("start unit oci-c1.scope: ");
	CHECK_CONTAINS(log_with("StopUnit"), "StopUnit oci-c1.scope replace\n");
}

TEST(properties_without_an_answer_are_given_up)
{
	run_fake("hang-set");
	begin(UNIT_SET, ANSWER_MS);
	unit_wire_put_number(&wire, 0);
	check_timeout("set properties of unit oci-c1.scope");
}

TEST(a_manager_that_dies_is_an_error)
{
	run_fake("die-start");
	begin_start(5000);
	check_error(ECONNRESET, "start unit oci-c1.scope");
}

TEST(where_nobody_listens_the_addresses_are_named)
{
	run_program();
	snprintf(addresses, sizeof(addresses), "unix:path=%s;unix:path=/nonexistent/bus",
		 temp_path("systemd/private"));
	begin_start(5000);
	check_error(ENOENT, addresses);
	CHECK_CONTAINS(unit_wire_get(&wire), "--cgroup-manager cgroupfs");
}

TEST(the_first_address_with_somebody_counts)
{
	char there[512];

	run_fake("answer");
	snprintf(there, sizeof(there), "%s", addresses);
	snprintf(addresses, sizeof(addresses), "unix:path=/nonexistent;%.200s;unix:path=/none",
		 there);
	begin_start(5000);
	CHECK_STR(ask(), UNIT_OK);
}

/* ---- the program itself ---- */

TEST(a_request_that_makes_no_sense_is_refused)
{
	run_fake("answer");
	begin("dance", 5000);
	check_error(EPROTO, "does not know the request 'dance'");
	begin(UNIT_START, 5000);
	unit_wire_put_number(&wire, 1);
	unit_wire_put_number(&wire, 5);
	check_error(EPROTO, "ends too early");
	begin(UNIT_SET, 5000);
	unit_wire_put_number(&wire, 1);
	put_property("X", "a(ss)", 0, 3, (const char *const[]){ "a", "b", "c" });
	CHECK_STR(ask(), UNIT_ERROR);
	begin(UNIT_START, 5000);
	unit_wire_put_number(&wire, 1);
	unit_wire_put_number(&wire, 1);
	put_property("X", "v", 0, 1, (const char *const[]){ "a" });
	check_error(EPROTO, "knows no type 'v'");
}

TEST(it_ends_with_the_socket)
{
	const char *const argv[] = { program, NULL };
	int fds[2], status = -1;
	pid_t pid;

	if (!program)
		test_skip("built without libsystemd");
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	pid = spawn(argv, fds[1]);
	close(fds[1]);
	close(fds[0]);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

/* ---- messages ---- */

TEST(a_message_without_room_is_not_sent)
{
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	unit_wire_begin(&wire, text_of('x', UNIT_WIRE_MAX - 10));
	unit_wire_put(&wire, "12345678"); /* and its NUL: full */
	CHECK(!wire.is_bad);
	CHECK_INT(unit_wire_send(fds[0], &wire), 0);
	unit_wire_put(&wire, "");
	CHECK_INT(unit_wire_send(fds[0], &wire), -EMSGSIZE);
	CHECK_INT(unit_wire_receive(fds[1], &wire), 0);
	CHECK_INT(strlen(unit_wire_get(&wire)), UNIT_WIRE_MAX - 10);
	CHECK_STR(unit_wire_get(&wire), "12345678");
	CHECK_STR(unit_wire_get(&wire), "");
	CHECK(wire.is_bad);
}

TEST(what_is_no_message_is_refused)
{
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	CHECK_INT(send(fds[0], "abc", 3, 0), 3);
	CHECK_INT(unit_wire_receive(fds[1], &wire), -EPROTO);
	CHECK_INT(send(fds[0], text_of('x', UNIT_WIRE_MAX + 1), UNIT_WIRE_MAX + 1, 0),
		  UNIT_WIRE_MAX + 1);
	CHECK_INT(unit_wire_receive(fds[1], &wire), -EPROTO);
	CHECK_INT(send(fds[0], "5x", 3, 0), 3);
	CHECK_INT(unit_wire_receive(fds[1], &wire), 0);
	CHECK_INT(unit_wire_get_number(&wire), 5);
	CHECK(wire.is_bad);
	close(fds[0]);
	CHECK_INT(unit_wire_receive(fds[1], &wire), -EPIPE);
}

TEST_MAIN()
