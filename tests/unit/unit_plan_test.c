/* SPDX-License-Identifier: Apache-2.0 */
/* Units of systemd as they are planned: names, places, properties. */
#include "test.h"

#include "cgroup_subject.h"
#include "plan_unit.h"

static const struct host_hierarchy v2_service_list[] = {
	{ true, "/sys/fs/cgroup", "cpuset cpu io memory hugetlb pids",
	  "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service" },
};
static const struct host_hierarchy v2_session_list[] = {
	{ true, "/sys/fs/cgroup", "cpu memory pids", "/user.slice/user-7.slice/session-1.scope" },
};
static const struct host v2_user = {
	.n_hierarchies = 1, .hierarchies = v2_service_list, .euid = 1000, .in_user_ns = true
};
static const struct host v2_session = {
	.n_hierarchies = 1, .hierarchies = v2_session_list, .euid = 7, .in_user_ns = true
};

static int build_unit(const struct host *host)
{
	return build_with(CGROUP_MANAGER_SYSTEMD, "c1", host);
}

static int build_at(const char *path, const struct host *host)
{
	spec.linux_.cgroups_path = path;
	return build_unit(host);
}

static void annotate(const char *key, const char *value)
{
	static struct spec_pair pair;

	pair = (struct spec_pair){ key, value };
	spec.annotations = (struct spec_pairs){ 1, &pair };
}

/* The one property of the plan that an annotation has made. */
static const char *annotated(const char *key, const char *value)
{
	annotate(key, value);
	if (build_unit(&v2) < 0)
		return err.text;
	return lines_with("/annotations/");
}

/* ---- names and places ---- */

TEST(slice_prefix_and_name_make_a_scope_in_nested_slices)
{
	CHECK_INT(build_at("a-b-c.slice:libpod:42", &v2), 0);
	CHECK_STR(plan->unit->name, "libpod-42.scope");
	CHECK_STR(plan->unit->slice, "a-b-c.slice");
	CHECK(!plan->unit->is_user);
	CHECK_STR(plan->hierarchies[0].dir,
		  "/sys/fs/cgroup/a.slice/a-b.slice/a-b-c.slice/libpod-42.scope");
}

TEST(the_root_slice_is_the_root)
{
	CHECK_INT(build_at("-.slice:p:n", &v2), 0);
	CHECK_STR(plan->hierarchies[0].path, "/p-n.scope");
}

TEST(without_a_path_it_is_the_default_slice_and_the_id)
{
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(plan->hierarchies[0].path, "/system.slice/ocirun-c1.scope");
	CHECK_INT(build_at(":p:n", &v2), 0);
	CHECK_STR(plan->hierarchies[0].path, "/system.slice/p-n.scope");
	CHECK_INT(build_at("machine.slice::n", &v2), 0);
	CHECK_STR(plan->hierarchies[0].path, "/machine.slice/-n.scope");
}

TEST(a_user_has_it_below_the_users_manager)
{
	CHECK_INT(build_unit(&v2_user), 0);
	CHECK(plan->unit->is_user);
	CHECK_STR(plan->hierarchies[0].path,
		  "/user.slice/user-1000.slice/user@1000.service/user.slice/ocirun-c1.scope");
	CHECK_INT(build_at("x.slice:p:n", &v2_session), 0);
	CHECK_STR(plan->hierarchies[0].path,
		  "/user.slice/user-7.slice/user@7.service/x.slice/p-n.scope");
}

TEST(where_systemd_has_put_it_the_plan_follows)
{
	CHECK_INT(build_unit(&v2_user), 0);
	plan_unit_move(arena, plan, "/elsewhere/ocirun-c1.scope");
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/elsewhere/ocirun-c1.scope");
	CHECK_INT(build_unit(&v1), 0);
	plan_unit_move(arena, plan, "/e/c.scope");
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/memory/e/c.scope");
	CHECK_STR(dir_of("name=systemd"), "/sys/fs/cgroup/systemd/e/c.scope");
}

TEST(each_hierarchy_of_v1_has_it_at_the_same_place)
{
	CHECK_INT(build_at("a-b.slice:p:n", &v1), 0);
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		CHECK_STR(plan->hierarchies[i].path, "/a.slice/a-b.slice/p-n.scope");
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/memory/a.slice/a-b.slice/p-n.scope");
}

TEST(what_is_no_unit_is_refused_with_the_line_that_says_so)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{ "/a/b", "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd "
			  "cgroups, got \"/a/b\" instead" },
		{ "a:b", "expected cgroupsPath" },
		{ "a.slice:b:c:d", "expected cgroupsPath" },
		{ "a.slice:b:", "expected cgroupsPath" },
		{ "system:b:c", "invalid slice name: system" },
		{ ".slice:b:c", "invalid slice name: .slice" },
		{ "a--b.slice:b:c", "invalid slice name: a--b.slice" },
		{ "-a.slice:b:c", "invalid slice name: -a.slice" },
		{ "a-.slice:b:c", "invalid slice name: a-.slice" },
		{ "a/b.slice:b:c", "'/' cannot be in one" },
		{ "a.slice:b:../c", "'/' cannot be in one" },
		{ "a.slice:b:x.slice", "is a slice, which cannot hold a process" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(build_at(rows[i].path, &v2) < 0);
		CHECK_CONTAINS(err.text, rows[i].text);
		CHECK_STR(err.pointer, "/linux/cgroupsPath");
	}
	spec.linux_.cgroups_path = NULL;
	CHECK_INT(build_with(CGROUP_MANAGER_SYSTEMD, "a+b", &v2), -EINVAL);
	CHECK_CONTAINS(err.text, "'+' cannot be in one");
}

TEST(a_user_is_refused_on_v1_and_everybody_without_cgroups)
{
	struct host v1_user = v1;

	v1_user.euid = 1000;
	CHECK_INT(build_unit(&v1_user), -ENOTSUP);
	CHECK_STR(err.text, "cannot use rootless systemd cgroups manager on cgroup v1");
	CHECK_INT(build_unit(&none), -ENOTSUP);
	CHECK_STR(err.text, "no cgroup hierarchy is mounted on this host");
}

/* ---- properties ---- */

TEST(every_unit_is_delegated_and_accounted)
{
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("  []"),
		  "setup property: Description s = ocirun container c1  []\n"
		  "setup property: Slice s = system.slice  []\n"
		  "setup property: DefaultDependencies b = false  []\n"
		  "setup property: CollectMode s = inactive-or-failed (systemd 236)  []\n"
		  "setup property: Delegate b = true  []\n"
		  "setup property: CPUAccounting b = true  []\n"
		  "setup property: MemoryAccounting b = true  []\n"
		  "setup property: TasksAccounting b = true  []\n"
		  "setup property: IOAccounting b = true  []\n");
	CHECK_INT(build_unit(&v1), 0);
	CHECK_CONTAINS(lines_with("Accounting"), "BlockIOAccounting");
}

static void ask_for_everything(void)
{
	RES.memory.limit = INT(1000000);
	RES.memory.swap = INT(3000000);
	RES.memory.reservation = INT(500000);
	RES.cpu.shares = UINT(1024);
	RES.cpu.quota = INT(5550);
	RES.cpu.period = UINT(10000);
	RES.pids.limit = INT(10);
	RES.block_io.weight = UINT(1000);
}

TEST(each_file_that_systemd_writes_has_its_property_on_v2)
{
	ask_for_everything();
	RES.cpu.cpus = "0-1,9";
	RES.cpu.mems = "0";
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(
		lines_with("property: "),
		"setup property: DevicePolicy s = strict  [/linux/resources/devices]\n"
		"setup property: DeviceAllow a(ss) = char-* m block-* m /dev/char/1:3 rwm "
		"/dev/char/1:8 rwm /dev/char/1:7 rwm /dev/char/5:0 rwm /dev/char/1:5 rwm "
		"/dev/char/1:9 rwm char-136 rwm /dev/char/5:2 rwm /dev/char/10:200 rwm  "
		"[/linux/resources/devices]\n"
		"setup property: Description s = ocirun container c1  []\n"
		"setup property: Slice s = system.slice  []\n"
		"setup property: DefaultDependencies b = false  []\n"
		"setup property: CollectMode s = inactive-or-failed (systemd 236)  []\n"
		"setup property: Delegate b = true  []\n"
		"setup property: CPUAccounting b = true  []\n"
		"setup property: MemoryAccounting b = true  []\n"
		"setup property: TasksAccounting b = true  []\n"
		"setup property: IOAccounting b = true  []\n"
		"setup property: AllowedCPUs ay = 3 2 (systemd 244)  [/linux/resources/cpu/cpus]\n"
		"setup property: AllowedMemoryNodes ay = 1 (systemd 244)  "
		"[/linux/resources/cpu/mems]\n"
		"setup property: CPUWeight t = 100  [/linux/resources/cpu/shares]\n"
		"setup property: CPUQuotaPeriodUSec t = 10000 (systemd 242)  "
		"[/linux/resources/cpu/quota]\n"
		"setup property: CPUQuotaPerSecUSec t = 560000  [/linux/resources/cpu/quota]\n"
		"setup property: IOWeight t = 10000  [/linux/resources/blockIO/weight]\n"
		"last property: MemorySwapMax t = 2000000  [/linux/resources/memory/swap]\n"
		"last property: MemoryMax t = 1000000  [/linux/resources/memory/limit]\n"
		"last property: MemoryLow t = 500000  [/linux/resources/memory/reservation]\n"
		"last property: TasksMax t = 10  [/linux/resources/pids/limit]\n");
}

TEST(each_file_that_systemd_writes_has_its_property_on_v1)
{
	ask_for_everything();
	CHECK_INT(build_unit(&v1), 0);
	CHECK_STR(lines_with(" t = "),
		  "setup property: CPUShares t = 1024  [/linux/resources/cpu/shares]\n"
		  "setup property: CPUQuotaPeriodUSec t = 10000 (systemd 242)  "
		  "[/linux/resources/cpu/quota]\n"
		  "setup property: CPUQuotaPerSecUSec t = 560000  [/linux/resources/cpu/quota]\n"
		  "setup property: BlockIOWeight t = 1000  [/linux/resources/blockIO/weight]\n"
		  "last property: MemoryLimit t = 1000000  [/linux/resources/memory/limit]\n"
		  "last property: TasksMax t = 10  [/linux/resources/pids/limit]\n");
}

TEST(the_files_are_written_all_the_same)
{
	ask_for_everything();
	CHECK_INT(build_unit(&v2), 0);
	CHECK_CONTAINS(lines_with("cpu.max"), "cpu.max = 5550 10000");
	CHECK_CONTAINS(lines_with("memory.max"), "memory.max = 1000000");
}

TEST(no_limit_is_infinity)
{
	RES.memory.limit = INT(-1);
	RES.pids.limit = INT(-1);
	RES.cpu.quota = INT(-1);
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with(" t = "),
		  "setup property: CPUQuotaPeriodUSec t = 100000 (systemd 242)  "
		  "[/linux/resources/cpu/quota]\n"
		  "setup property: CPUQuotaPerSecUSec t = 18446744073709551615  "
		  "[/linux/resources/cpu/quota]\n"
		  "last property: MemorySwapMax t = 18446744073709551615  "
		  "[/linux/resources/memory/swap]\n"
		  "last property: MemoryMax t = 18446744073709551615  "
		  "[/linux/resources/memory/limit]\n"
		  "last property: TasksMax t = 18446744073709551615  "
		  "[/linux/resources/pids/limit]\n");
}

TEST(an_idle_group_has_no_weight_and_no_file_of_one)
{
	RES.cpu.shares = UINT(2048);
	RES.cpu.idle = INT(1);
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("CPUWeight"),
		  "setup property: CPUWeight t = 0 (systemd 252)  [/linux/resources/cpu/idle]\n");
	CHECK_STR(lines_with("cpu.weight"), "");
	CHECK_STR(warned, "unable to apply both CPUWeight and cpu.idle to systemd, ignoring the "
			  "weight (/linux/resources/cpu/shares)");
	RES.cpu.idle = INT(0);
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("CPUWeight"),
		  "setup property: CPUWeight t = 174  [/linux/resources/cpu/shares]\n");
	CHECK_STR(warned, "");
}

TEST(a_group_that_unified_makes_idle_has_no_weight)
{
	static struct spec_pair pairs[] = { { "cpu.weight", "8" }, { "cpu.idle", "1" } };

	RES.unified = (struct spec_pairs){ sizeof(pairs) / sizeof(pairs[0]), pairs };
	RES.cpu.shares = UINT(2048);
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("eight"), "setup property: CPUWeight t = 0 (systemd 252)  "
				       "[/linux/resources/unified/cpu.idle]\n");
	CHECK_CONTAINS(warned, "ignoring the weight (/linux/resources/unified/cpu.weight)");
}

TEST(keys_of_unified_have_properties_too)
{
	static struct spec_pair pairs[] = {
		{ "cpu.max", "max 20000" },   { "cpu.weight", "7" },
		{ "io.weight", "default 9" }, { "memory.high", "max" },
		{ "memory.min", "4096" },     { "memory.oom.group", "1" },
		{ "cpuset.cpus", "8" },       { "hugetlb.2MB.max", "0" },
	};

	RES.unified = (struct spec_pairs){ sizeof(pairs) / sizeof(pairs[0]), pairs };
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("  [/linux/resources/unified/cpu.max"),
		  "setup property: CPUQuotaPeriodUSec t = 20000 (systemd 242)  "
		  "[/linux/resources/unified/cpu.max]\n"
		  "setup property: CPUQuotaPerSecUSec t = 18446744073709551615  "
		  "[/linux/resources/unified/cpu.max]\n"
		  "last: /sys/fs/cgroup/system.slice/ocirun-c1.scope/cpu.max = max 20000  "
		  "[/linux/resources/unified/cpu.max]\n");
	CHECK_CONTAINS(lines_with("IOWeight"), "IOWeight t = 9 ");
	CHECK_CONTAINS(lines_with("MemoryHigh"), "last property: MemoryHigh t = 18446744");
	CHECK_CONTAINS(lines_with("MemoryMin"), "t = 4096 (systemd 240)");
	CHECK_CONTAINS(lines_with("OOMPolicy"), "setup property: OOMPolicy s = kill");
	CHECK_CONTAINS(lines_with("AllowedCPUs"), "ay = 0 1 (systemd 244)");
	CHECK_STR(lines_with("property: Huge"), "");
	pairs[0].value = "lots";
	CHECK_INT(build_unit(&v2), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/unified/cpu.max");
	CHECK_CONTAINS(err.text, "CPUQuotaPerSecUSec");
}

TEST(an_update_has_properties_of_what_it_changes)
{
	static struct host own = HOST(v2_list);
	static struct spec_pair pair = { "memory.oom.group", "1" };

	CHECK_INT(arena_new(64u << 20, &arena, &err), 0);
	RES.memory.limit = INT(4096);
	RES.unified = (struct spec_pairs){ 1, &pair };
	CHECK_INT(plan_build_cgroup_update(arena, &RES, &own, true, NULL, &plan, &err), 0);
	CHECK_INT(plan->unit->n_properties, 1);
	CHECK_STR(plan->unit->properties[0].name, "MemoryMax");
	CHECK_STR(plan->unit->properties[0].origin, "/memory/limit");
	CHECK_INT(plan_build_cgroup_update(arena, &RES, &own, false, NULL, &plan, &err), 0);
	CHECK(!plan->unit);
}

/* ---- devices ---- */

TEST(all_devices_are_what_systemd_does_by_itself)
{
	rule(0, false, 0, -1, -1, "rwm");
	rule(1, true, 0, -1, -1, "rwm");
	CHECK_INT(build_unit(&v2), 0);
	CHECK_STR(lines_with("property: Device"),
		  "setup property: DevicePolicy s = auto  [/linux/resources/devices/1]\n"
		  "setup property: DeviceAllow a(ss) =  [/linux/resources/devices/1]\n");
}

TEST(rules_that_systemd_cannot_have_are_refused)
{
	rule(0, true, 0, -1, -1, "rwm");
	rule(1, false, 'b', 8, 0, "r");
	CHECK_INT(build_unit(&v2), -ENOTSUP);
	CHECK_STR(err.text, "systemd cannot allow all devices but some");
	CHECK_STR(err.pointer, "/linux/resources/devices/1");
	rule(0, false, 0, -1, -1, "rwm");
	rule(1, true, 'c', -1, 7, "r");
	CHECK_INT(build_unit(&v2), -ENOTSUP);
	CHECK_STR(err.text, "systemd cannot allow a minor number of all major numbers");
	rule(1, true, 'c', 10, -1, "rw");
	rule(2, false, 'c', 10, 3, "w");
	CHECK_INT(build_unit(&v2), -ENOTSUP);
	CHECK_CONTAINS(err.text, "systemd cannot make the exception 'c 10:3 w'");
}

TEST(a_user_has_no_rules_for_devices)
{
	CHECK_INT(build_unit(&v2_user), 0);
	CHECK_STR(lines_with("property: Device"), "");
}

/* ---- annotations ---- */

TEST(an_annotation_has_a_type_of_its_own_or_that_of_the_property)
{
	static const struct {
		const char *key, *value, *property;
	} rows[] = {
		{ "TimeoutStopUSec", "uint64 5000000", "TimeoutStopUSec t = 5000000" },
		{ "TimeoutStopUSec", "@t 0x10", "TimeoutStopUSec t = 16" },
		{ "TimeoutStopUSec", " 010 ", "TimeoutStopUSec t = 8" },
		{ "TimeoutStopSec", "7", "TimeoutStopUSec t = 7000000" },
		{ "TimeoutStopSec", "0.25", "TimeoutStopUSec t = 250000" },
		{ "TimeoutStopSec", "int32 3", "TimeoutStopUSec t = 3000000" },
		{ "CollectMode", "'inactive'", "CollectMode s = inactive" },
		{ "CollectMode", "\"in\\\"\\u0041\\tx\"", "CollectMode s = in\"A\tx" },
		{ "DefaultDependencies", "true", "DefaultDependencies b = true" },
		{ "SendSIGHUP", "boolean false", "SendSIGHUP b = false" },
		{ "After", "['a.service', \"b.service\"]", "After as = a.service b.service" },
		{ "After", "@as []", "After as =" },
		{ "KillSignal", "37", "KillSignal i = 37" },
		{ "ManagedOOMMemoryPressureLimit", "4294967295",
		  "ManagedOOMMemoryPressureLimit u = 4294967295" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char key[128], wanted[256];

		snprintf(key, sizeof(key), "org.systemd.property.%s", rows[i].key);
		snprintf(wanted, sizeof(wanted), "setup property: %s  [/annotations/%s]\n",
			 rows[i].property, key);
		CHECK_STR(annotated(key, rows[i].value), wanted);
	}
	CHECK_CONTAINS(annotated("org.systemd.property.MemoryHigh", "5"), "last property");
	CHECK_STR(annotated("org.systemd.propertyX", "5"), "");
}

TEST(an_annotation_is_refused_with_the_reason)
{
	static const struct {
		const char *key, *value, *text;
	} rows[] = {
		{ "Conflicts", "['sshd.service']", "may not set this property" },
		{ "FailureAction", "'reboot'", "may not set this property" },
		{ "PIDs", "[1]", "may not set this property" },
		{ "Slice", "'x.slice'", "may not set this property" },
		{ "DeviceAllow", "[('/dev/sda','rwm')]", "may not set this property" },
		{ "Delegate", "false", "may not set this property" },
		{ "timeoutstopusec", "1", "may not set this property" },
		{ "Se", "1", "name incorrect: too short" },
		{ "", "1", "name incorrect: too short" },
		{ "A.B", "1", "name incorrect: contains non-alphabetic character" },
		{ "CollectMode", "inactive", "strings are quoted: 'text'" },
		{ "CollectMode", "'inactive", "a string does not end" },
		{ "CollectMode", "'a' 'b'", "something follows the value" },
		{ "CollectMode", "'\\u00'", "a backslash is followed by what has no meaning" },
		{ "CollectMode", "5", "the property has the type 's', not 'i'" },
		{ "CollectMode", "['a']", "the property has one value, not a list" },
		{ "CollectMode", "", "strings are quoted: 'text'" },
		{ "After", "'a'", "the property has a list of values: ['...']" },
		{ "After", "[]", "an empty list needs a type in front: @as []" },
		{ "After", "['a', 5]", "the values of a list have one type" },
		{ "After", "['a'", "a list does not end" },
		{ "After", "[['a']]", "lists of lists are no property's" },
		{ "After", "@a{sv} {}", "the type is none of" },
		{ "TimeoutStopUSec", "-1", "the number is out of range" },
		{ "TimeoutStopUSec", "1.5", "the number is out of range" },
		{ "TimeoutStopUSec", "99999999999999999999", "the number is out of range" },
		{ "TimeoutStopUSec", "uint64 'x'", "the value is not of the type that it names" },
		{ "TimeoutStopUSec", "5x", "strings are quoted: 'text'" },
		{ "TimeoutStopSec", "'5'", "not a number" },
		{ "TimeoutStopSec", "-5", "the number is out of range" },
		{ "KillSignal", "3000000000", "the number is out of range" },
		{ "DefaultDependencies", "1", "the property has the type 'b', not 'i'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char key[128];

		snprintf(key, sizeof(key), "org.systemd.property.%s", rows[i].key);
		CHECK_CONTAINS(annotated(key, rows[i].value), rows[i].text);
		CHECK_CONTAINS(err.pointer, "/annotations/org.systemd.property.");
	}
}

TEST(long_texts_fit_into_their_memory)
{
	static char value[200000];
	size_t len = 1;

	value[0] = '[';
	for (int i = 0; i < 256; i++)
		len += (size_t)sprintf(value + len, "%s'%0700d'", i ? "," : "", i);
	strcpy(value + len, "]");
	CHECK_INT(arena_new(4u << 20, &arena, &err), 0);
	annotate("org.systemd.property.After", value);
	CHECK_INT(build_unit(&v2), 0);
}

TEST(other_managers_do_not_look_at_annotations)
{
	annotate("org.systemd.property.Conflicts", "x");
	CHECK_INT(build_with(CGROUP_MANAGER_CGROUPFS, "c1", &v2), 0);
	CHECK(!plan->unit);
}

TEST_MAIN()
