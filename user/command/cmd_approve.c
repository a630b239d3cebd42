// SPDX-License-Identifier: Apache-2.0
/* cmd_approve.c - enforcecore approve: answers calls that the policy asks
 * about, of any agent on this host. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <argp.h>

#include "bpf/agent.h"
#include "commands.h"
#include "user/plain.h"
#include "user/control/client.h"
#include "user/util.h"

enum {
	NOTHING_WAITS = 1
};
#define TIMEOUT_MS 10000

enum {
	KEY_DENY = 256
};

struct arguments {
	double approval; /* 0 = list */
	bool deny;
};

static const struct argp_option options[] = {
	{ "deny", KEY_DENY, NULL, 0, "refuse it", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	char *end;

	switch (key) {
	case KEY_DENY:
		a->deny = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			return ARGP_ERR_UNKNOWN;
		a->approval = strtod(arg, &end);
		if (*end || !(a->approval >= 1 && a->approval < 9007199254740992.0))
			argp_error(state,
				   "an approval is a number, as `enforcecore approve` lists");
		return 0;
	case ARGP_KEY_END:
		if (a->deny && !a->approval)
			argp_error(state, "which one is to be refused?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[APPROVAL]",
	.doc = "Approves a call that waits because its policy asks (`ask: true`); without a "
	       "number, "
	       "lists what waits. For root outside every agent.\v"
	       "Exits with 0; 1 when nothing waits under that number (it was answered, its time is "
	       "over, or who asked is gone); 125 when EnforceCore itself failed.",
};

static cJSON *ask(unsigned int slot, const cJSON *request)
{
	_cleanup_close_ int fd = -1;
	cJSON *answer = NULL;
	char path[64];

	snprintf(path, sizeof(path), CONTROL_DIR "/%u.sock", slot);
	if (control_connect(path, &fd) == 0)
		control_request(fd, request, TIMEOUT_MS, &answer);
	return answer;
}

static int print_waiting(const cJSON *answer)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "waiting"), *one;
	int n = 0;

	cJSON_ArrayForEach (one, list) {
		printf("%.0f\t%.0f s left\t", plain_number(one, "approval"),
		       plain_number(one, "left_ms") / 1000);
		plain_print(plain_text(one, "tool"), stdout);
		printf("\t");
		plain_print(plain_text(one, "reason"), stdout);
		printf("\n");
		n++;
	}
	return n;
}

static int each(const cJSON *request, int (*take)(const cJSON *answer))
{
	int n = 0;

	for (unsigned int slot = 0; slot < EC_MAX_AGENTS; slot++) {
		cJSON *answer = ask(slot, request);

		if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
			n += take(answer);
		cJSON_Delete(answer);
	}
	return n;
}

static int one(const cJSON *answer)
{
	(void)answer;
	return 1;
}

static cJSON *request_of(const struct arguments *a)
{
	cJSON *request = cJSON_CreateObject();

	if (request && cJSON_AddStringToObject(request, "op", a->approval ? "approve" : "status") &&
	    (!a->approval ||
	     (cJSON_AddNumberToObject(request, "approval", a->approval) &&
	      cJSON_AddStringToObject(request, "verdict", a->deny ? "deny" : "allow"))))
		return request;
	cJSON_Delete(request);
	return NULL;
}

static int cmd_approve(int argc, char **argv)
{
	struct arguments a = { 0 };
	cJSON *request;
	int n;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (geteuid()) {
		fprintf(stderr, "enforcecore: approving needs root\n");
		return COMMANDS_FAILED;
	}
	request = request_of(&a);
	if (!request)
		return COMMANDS_FAILED;
	n = each(request, a.approval ? one : print_waiting);
	cJSON_Delete(request);
	if (n || !a.approval)
		return 0;
	fprintf(stderr, "enforcecore: nothing waits for approval %.0f\n", a.approval);
	return NOTHING_WAITS;
}

COMMAND(cmd_approve, "approve", "answer a call that its policy asks about");
