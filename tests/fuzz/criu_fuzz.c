/* SPDX-License-Identifier: Apache-2.0 */
/* What CRIU answers: protocol buffers. */
#include "fuzz.h"

#include "criu_rpc.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct protobuf_cursor cursor = { data, data + size };
	struct protobuf_value value;
	struct criu_response response;
	struct err err = { 0 };
	int ret = criu_response_decode(data, size, &response, &err);

	fuzz_check_error(ret, &err);
	if (ret == 0) {
		FUZZ_CHECK(memchr(response.script, '\0', sizeof(response.script)));
		FUZZ_CHECK(memchr(response.errmsg, '\0', sizeof(response.errmsg)));
	}
	while (protobuf_next(&cursor, &value) > 0) {
		FUZZ_CHECK(cursor.at <= cursor.end && value.number > 0);
		FUZZ_CHECK(!value.is_bytes || value.len <= size);
	}
	return 0;
}
