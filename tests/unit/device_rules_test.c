/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of /linux/resources/devices as cgroup v1 and v2 take them. */
#include "test.h"

#include "cgroup_subject.h"

TEST(device_rules_stand_between_deny_all_and_the_defaults)
{
	rule(0, false, 'a', -1, -1, "rwm");
	rule(1, true, 'c', 10, 229, "rw");
	rule(2, true, 'b', 8, -1, "r");
	rule(3, false, 'c', 10, 229, "w");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "devices.deny = a  [/linux/resources/devices/0]");
	CHECK_CONTAINS(text, "devices.allow = c 10:229 r  [/linux/resources/devices/1]");
	CHECK_CONTAINS(text, "devices.allow = b 8:* r  [/linux/resources/devices/2]");
	CHECK_CONTAINS(text, "devices.allow = c 1:3 rwm  [/linux/resources/devices]");
	CHECK_INT(plan->n_writes, 1 + 2 + 11);
	CHECK_INT(build(&v2), 0);
	CHECK_INT(plan->n_devices, 4 + 11);
	CHECK_CONTAINS(text, "device deny c 10:229 w  [/linux/resources/devices/3]");
}

TEST(allow_all_leaves_only_the_exceptions)
{
	rule(0, true, 'a', -1, -1, "rwm");
	rule(1, false, 'b', 8, 0, "w");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(lines_with("devices/c1/devices."),
		  "setup: /sys/fs/cgroup/devices/c1/devices.allow = a  "
		  "[/linux/resources/devices/0]\n"
		  "setup: /sys/fs/cgroup/devices/c1/devices.deny = b 8:0 w  "
		  "[/linux/resources/devices/1]\n");
}

TEST(a_rule_for_all_types_with_numbers_is_not_everything)
{
	rule(0, true, 'a', 10, 229, "rw");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "devices.deny = a  [");
	CHECK_CONTAINS(text, "devices.allow = c 10:229 rw");
	CHECK_CONTAINS(text, "devices.allow = b 10:229 rw");
}

TEST(a_denied_range_takes_its_members_with_it)
{
	rule(0, true, 'c', 10, 229, "rwm");
	rule(1, true, 'c', 11, 1, "rwm");
	rule(2, false, 'c', 10, -1, "rwm");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(lines_with("10:229"), "");
	CHECK_CONTAINS(text, "c 11:1 rwm");
}

TEST(v1_refuses_an_exception_that_the_kernel_would_ignore)
{
	rule(0, true, 'c', 8, -1, "rwm");
	rule(1, false, 'c', 8, 3, "w");
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/devices/1");
	CHECK_INT(build(&v2), 0);
}

TEST(an_access_is_made_of_r_w_and_m)
{
	rule(0, true, 'c', 1, 3, NULL);
	CHECK_INT(build(&hybrid), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/devices/0/access");
	CHECK_STR(err.text, "device access at 0 field cannot be empty");
	rule(0, true, 'c', 1, 3, "x");
	CHECK_INT(build(&hybrid), -EINVAL);
	rule(0, true, 'c', 1, 11, "rxx");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "c 1:11 r  ");
}

TEST_MAIN()
