/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of command lines and of documents: ids, signals, amounts, lists of processors, numbers of users,
 * names of capabilities.
 */
#include "fuzz.h"

#include "amount.h"
#include "bit_list.h"
#include "json_text.h"
#include "load.h"
#include "passwd.h"
#include "signals.h"
#include "store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BITS 1024

static void check_id(const char *text)
{
	struct err err = { 0 };
	int ret = store_check_id(text, &err);

	fuzz_check_error(ret, &err);
	if (ret == 0)
		FUZZ_CHECK(text[0] && text[0] != '.' && !strchr(text, '/') &&
			   strlen(text) <= STORE_ID_MAX);
}

static void check_amounts(const char *text)
{
	int64_t value = -1;

	if (amount_bytes(text, &value) == 0)
		FUZZ_CHECK(value >= 0);
	if (amount_duration(text, &value) == 0)
		FUZZ_CHECK(value >= 0);
}

static void check_bits(const char *text)
{
	unsigned long bits[BITS / (CHAR_BIT * sizeof(long)) + 1] = { 0 };

	(void)plan_read_bit_list(text, BITS, bits);
	FUZZ_CHECK(bits[BITS / (CHAR_BIT * sizeof(long))] == 0);
}

static void check_names(const char *text)
{
	struct err err = { 0 };
	uint64_t bit = 0;
	uint32_t id = UINT32_MAX;
	int signal = -1;
	json_t *json = json_text(text);

	fuzz_check_error(signal_parse(text, &signal, &err), &err);
	FUZZ_CHECK(signal >= -1 && signal <= 64);
	if (spec_parse_capability(text, &bit))
		FUZZ_CHECK(bit && (bit & (bit - 1)) == 0);
	if (passwd_parse_id(text, text + strlen(text), &id) == 0)
		FUZZ_CHECK(id != UINT32_MAX);
	FUZZ_CHECK(json_is_string(json));
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_id(text);
	check_amounts(text);
	check_bits(text);
	check_names(text);
	free(text);
	return 0;
}
