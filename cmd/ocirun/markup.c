/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping for XML and HTML. */
#include "markup.h"

#include "json_text.h"

#include <string.h>

void markup_part(FILE *out, const char *text, size_t len)
{
	static const struct {
		char c;
		const char *entity;
	} rows[] = {
		{ '<', "&lt;" },
		{ '>', "&gt;" },
		{ '&', "&amp;" },
		{ '"', "&quot;" },
	};

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *entity = NULL;

		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (rows[k].c == text[i])
				entity = rows[k].entity;
		if (entity)
			fputs(entity, out);
		else
			fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

/* Bytes of the first @max characters. */
static size_t prefix(const char *text, size_t max)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && max-- == 0)
			break;
	return i;
}

void markup_cut(FILE *out, const char *text, size_t max)
{
	/* A JSON string is what is left of any bytes as UTF-8. */
	AUTO(json) json_t *clean = json_text(text);
	const char *whole = clean ? json_string_value(clean) : "";
	size_t len = prefix(whole, max);

	if (whole[len] && max > 0)
		len = prefix(whole, max - 1);
	markup_part(out, whole, len);
	if (whole[len])
		fputs("…", out);
}

void markup_text(FILE *out, const char *text)
{
	markup_cut(out, text, (size_t)-1);
}
