// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a trail that is replayed, in any pieces: each event is one line, for
 * people without anything that acts on a terminal, for programs one JSON object. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "user/trace/trace_print.h"
#include "user/trace/trace_replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct trace_event *event, bool json, size_t *ret_len)
{
	char *text;
	FILE *to = open_memstream(&text, ret_len);

	CLAIM(to);
	if (json)
		trace_print_json(event, to);
	else
		trace_print_text(event, false, to);
	CLAIM(!fclose(to));
	return text;
}

static void one(void *ctx, const struct trace_event *event)
{
	cJSON *json;
	size_t len;
	char *text;

	(void)ctx;
	for (int i = 0; i < 2; i++) {
		text = print(event, i, &len);
		CLAIM(len && strcspn(text, "\n") == len - 1);
		for (size_t at = 0; at + 1 < len; at++)
			CLAIM((unsigned char)text[at] >= 0x20 && text[at] != 0x7f);
		CLAIM(!strstr(text, "\xe2\x80\xae"));
		json = i ? cJSON_ParseWithOpts(text, NULL, false) : NULL;
		CLAIM(!i || cJSON_IsObject(json));
		cJSON_Delete(json);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_replay replay = { .each = one };
	size_t piece = size ? 1 + data[0] : 1;

	for (size_t at = 0; at < size; at += piece)
		CLAIM(trace_replay_feed(&replay, (const char *)data + at,
					size - at < piece ? size - at : piece) == 0);
	trace_replay_done(&replay);
	return 0;
}
