// SPDX-License-Identifier: Apache-2.0
/*
 * Lines of a control connection, each after a byte that says who speaks.
 *
 * 1. Every line has an answer, a JSON object with `ok`.
 * 2. Only a task of the agent that is part of no call opens one, and what is
 *    open is what was begun and not ended.
 * 3. A token makes a call of the task that spent it, and of no other.
 */
#include <stdint.h>
#include <stdlib.h>

#include "claim.h"
#include "tests/unit/control_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(struct control *control, uint8_t who, const char *line, size_t len)
{
	struct session *session = control->options.session;
	struct connection peer = { .control = control, .role = CONTROL_AGENT };
	uint64_t calls = session->calls;
	bool ends;
	cJSON *answer;

	peer.peer.uid = 7;
	peer.peer.task = 1 + (who >> 2 & 3);
	if ((who & 3) == 1) {
		peer.role = CONTROL_TOOL;
		peer.peer.call = 1 + (who >> 4);
	}
	if ((who & 3) == 2)
		peer.role = CONTROL_OUTSIDER;
	answer = request_answer(&peer, line, len, &ends);
	CLAIM(answer && cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(answer, "ok")));
	CLAIM(session->calls == calls || peer.role == CONTROL_AGENT);
	cJSON_Delete(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct control control;
	struct session session = { 0 };
	const uint8_t *end = data + size, *newline;
	uint64_t open = 0;

	memset(&control, 0, sizeof(control));
	control.options = (struct control_options) { .ops = &fake_ops,
						     .session = &session,
						     .declares = true };
	while (data < end) {
		uint8_t who = *data++;

		newline = memchr(data, '\n', (size_t)(end - data));
		if (!newline)
			newline = end;
		char *line = malloc((size_t)(newline - data) + 1);

		memcpy(line, data, (size_t)(newline - data));
		one(&control, who, line, (size_t)(newline - data));
		free(line);
		data = newline < end ? newline + 1 : end;
	}
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		const struct control_call *call = &control.calls.at[i];

		open += call->id != 0;
		CLAIM(!call->runs || call->offered);
	}
	CLAIM(open == session.open);
	return 0;
}
