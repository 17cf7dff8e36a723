/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libocirun: containers as the OCI runtime-spec describes them, for programs that run them by
 * themselves. This is the header to include:
 *
 *	#include <ocirun/ocirun.h>
 *	cc program.c $(pkg-config --cflags --libs ocirun)
 *
 * What the others that it brings are for:
 *
 *   ops.h        the operations: op_create(), op_start(), op_exec(), op_kill(), op_delete() ...
 *   ops_stats.h  what op_events() tells; ops_inspect.h: what a container really has;
 *                ops_doctor.h: what this host offers to containers
 *   spec.h       a config.json as C structs; load.h reads one, and says what is wrong with it
 *   arena.h      the memory of such structs: what spec_parse_resources() is given for op_update()
 *   host.h       enum cgroup_manager, which struct ops_context has; facts about a host
 *   seccomp_call.h  system calls that the caller of op_run() is told of: struct seccomp_call
 *   err.h        how a failure is described: struct err
 *   log.h        where remarks go that are no failure: struct log
 *   problem.h    all that is wrong with a bundle, from op_check(): struct problem
 *   trace.h      what was done and when, for who asks: struct trace
 *   auto.h       AUTO(name): values that are released when they go out of scope
 *
 * Rules for all of it. A function returns 0 or a negative errno; then the struct err that it was
 * given says what failed, where in config.json, and what to do. Strings and structs that are passed
 * in are borrowed for the call; what is named ret_x is set on success only and belongs to the
 * caller. Nothing prints, exits, or changes the calling process: its umask, working directory,
 * environment, signal mask and descriptors stay as they are. Every function can be called from any
 * thread; two calls about one container wait for each other through the state root, also between
 * processes.
 *
 * Two things are the caller's: SIGCHLD must not be ignored, since children are waited for, and
 * descriptors that a container must not get have to be close-on-exec or above those that it keeps.
 */
#ifndef OCIRUN_OCIRUN_H
#define OCIRUN_OCIRUN_H

#include "arena.h"
#include "err.h"
#include "host.h"
#include "load.h"
#include "log.h"
#include "ops.h"
#include "ops_doctor.h"
#include "ops_inspect.h"
#include "ops_stats.h"
#include "problem.h"
#include "seccomp_call.h"
#include "spec.h"
#include "trace.h"

#endif
