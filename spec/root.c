/* SPDX-License-Identifier: Apache-2.0 */
/* The document itself: version, root, names, annotations, and where the other objects are. */
#include "tables.h"

#include <string.h>

/* ---- ociVersion ---- */

/* Reads a number of SemVer: no sign, no leading zero. Returns what follows it, or NULL. */
static const char *version_number(const char *text, unsigned *ret_number)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || (digits > 1 && text[0] == '0'))
		return NULL;
	*ret_number = 0;
	for (size_t i = 0; i < digits; i++)
		*ret_number = *ret_number * 10 + (unsigned)(text[i] - '0');
	return text + digits;
}

/* What SemVer allows behind the numbers: "-rc.1", "+build", both. */
static bool is_version_suffix(const char *text)
{
	static const char allowed[] = "0123456789.-"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	if (*text == '-') {
		size_t len = strspn(text + 1, allowed);

		if (len == 0)
			return false;
		text += 1 + len;
	}
	if (*text == '+') {
		size_t len = strspn(text + 1, allowed);

		if (len == 0)
			return false;
		text += 1 + len;
	}
	return *text == '\0';
}

static bool parse_version(const char *text, unsigned number[3])
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *text++ != '.')
			return false;
		text = version_number(text, &number[i]);
		if (!text)
			return false;
	}
	return is_version_suffix(text);
}

static int check_version(struct field_reader *r, const char *text)
{
	unsigned number[3], newest[3];

	if (!parse_version(text, number))
		return field_problem(r, "is %s, expected a version like \"%s\"",
				     field_quote(text).text, SPEC_OCI_VERSION);
	if (number[0] != 1)
		return field_problem(r, "is %s, which is not supported; expected %s or a later 1.x",
				     field_quote(text).text, SPEC_OCI_VERSION_MIN);
	/* spec: compatible within a major version; what a newer minor version adds is unknown. */
	if (parse_version(SPEC_OCI_VERSION, newest) && number[1] > newest[1])
		field_warning(r, "is %s, newer than %s: what that version added is ignored",
			      field_quote(text).text, SPEC_OCI_VERSION);
	return 0;
}

/* ---- the objects ---- */

static const struct field root_fields[] = {
	{ "path", FIELD_MEMBER(struct spec_root, path), .is_required = true,
	  .check_text = field_text_path },
	{ "readonly", FIELD_MEMBER(struct spec_root, readonly) },
};
static const struct field_object root_object = {
	FIELD_ROWS_SET(struct spec_root, root_fields, set),
};

static const struct field document_fields[] = {
	{ "ociVersion", FIELD_MEMBER(struct spec, oci_version), .is_required = true,
	  .check_text = check_version },
	/* config.md: required on all platforms but Windows. */
	{ "root", FIELD_STRUCT(struct spec, root, &root_object), .is_required = true },
	{ "mounts", FIELD_STRUCT_LIST(struct spec, mounts, &spec_table_mount) },
	{ "process", FIELD_STRUCT(struct spec, process, &spec_table_process) },
	{ "hostname", FIELD_MEMBER(struct spec, hostname) },
	{ "domainname", FIELD_MEMBER(struct spec, domainname) },
	{ "hooks", FIELD_GROUP(&spec_table_hooks) },
	{ "annotations", FIELD_MEMBER(struct spec, annotations) },
	{ "linux", FIELD_GROUP(&spec_table_linux) },
	{ "solaris", FIELD_IGNORED("it is for Solaris") },
	{ "windows", FIELD_IGNORED("it is for Windows") },
	{ "vm", FIELD_IGNORED("it is for containers that are virtual machines") },
	{ "zos", FIELD_IGNORED("it is for z/OS") },
	{ "freebsd", FIELD_IGNORED("it is for FreeBSD") },
};
FIELD_ASSERT_ROWS(document_fields);

const struct field_object spec_table_root = {
	FIELD_ROWS(struct spec, document_fields),
};
