// SPDX-License-Identifier: Apache-2.0
#include "become.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "user/util.h"

/* The first connection spends the token, the second makes us the call. Before
 * 6.x the kernel may find its own lock busy and let one go by. */
#define ATTEMPTS 16

static int ask(const char *socket, const cJSON *request, int timeout_ms, cJSON **ret_answer)
{
	_cleanup_close_ int fd = -1;
	int r = control_connect(socket, &fd);

	return r < 0 ? r : control_request(fd, request, timeout_ms, ret_answer);
}

/* 1: once more. */
static int read_answer(const cJSON *answer, char *reason, size_t reason_len)
{
	const cJSON *why = cJSON_GetObjectItemCaseSensitive(answer, "reason");

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
		return cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(answer, "call")) ? 0 : 1;
	snprintf(reason, reason_len, "%s", cJSON_IsString(why) ? why->valuestring : "refused");
	return -EACCES;
}

int control_become(const char *socket, const char *token, int timeout_ms, char *reason,
		   size_t reason_len)
{
	cJSON *request = cJSON_CreateObject(), *answer;
	int r = 1;

	if (!request || !cJSON_AddStringToObject(request, "op", "run") ||
	    !cJSON_AddStringToObject(request, "token", token))
		r = -ENOMEM;
	for (int i = 0; r == 1 && i < ATTEMPTS; i++) {
		answer = NULL;
		r = ask(socket, request, timeout_ms, &answer);
		if (r == 0)
			r = read_answer(answer, reason, reason_len);
		else if (r == -EACCES)
			r = 1; /* the kernel shut the door for this once, or for good */
		cJSON_Delete(answer);
	}
	cJSON_Delete(request);
	if (r == 1) {
		snprintf(reason, reason_len, "the kernel does not make this task the call");
		return -EPROTO;
	}
	if (r < 0 && r != -EACCES)
		snprintf(reason, reason_len, "%s",
			 r == -ENOENT ? "no controller: is this an agent of enforcecore?" :
					strerror(-r));
	return r;
}
