// SPDX-License-Identifier: Apache-2.0
/* request.c - one line of a peer: read with suspicion, then given to its op. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server_impl.h"
#include "user/json/json_scan.h"

int request_refuse(struct cJSON *answer, const char *error, const char *format, ...)
{
	char reason[768];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	cJSON_DeleteItemFromObjectCaseSensitive(answer, "ok");
	return cJSON_AddFalseToObject(answer, "ok") &&
			       cJSON_AddStringToObject(answer, "error", error) &&
			       cJSON_AddStringToObject(answer, "reason", reason) ?
		       0 :
		       -ENOMEM;
}

/* Members that may stand once, spelt like this. */
static const struct json_watch members[] = {
	{ "op", -1 },	 { "tool", -1 }, { "arguments", -1 }, { "id", -1 },	  { "exact", -1 },
	{ "token", -1 }, { "call", -1 }, { "outcome", -1 },   { "approval", -1 }, { "verdict", -1 },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static int refuse_at(struct cJSON *answer, uint64_t at, const char *what)
{
	int r = request_refuse(answer, "bad_request", "%s", what);

	return r < 0 || cJSON_AddNumberToObject(answer, "at", (double)at) ? r : -ENOMEM;
}

static int depth_of(const cJSON *value)
{
	int deepest = 0;

	for (const cJSON *child = value->child; child; child = child->next) {
		int depth = depth_of(child);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

/* 0: *ret_request is an object of at most the stated size; 1: the answer says
 * why not. */
static int read_line(const char *line, size_t len, struct cJSON *answer, cJSON **ret_request)
{
	struct json_scan scan;
	enum json_kind kind;

	*ret_request = NULL;
	json_scan_init(&scan, members, MEMBERS);
	json_scan_feed(&scan, line, len);
	kind = json_scan_finish(&scan);
	if (kind != JSON_OBJECT)
		return refuse_at(answer, kind == JSON_INVALID ? scan.offset : 0, "a request is one JSON object on a line") ?:
			       1;
	for (size_t i = 0; i < MEMBERS; i++)
		if (scan.seen[i].count > 1 || scan.seen[i].folded)
			return request_refuse(answer, "bad_request",
					      "\"%s\" stands once, spelt like this",
					      members[i].key) ?:
				       1;
	if (scan.has_nul || scan.has_nonfinite || scan.deep)
		return request_refuse(answer, "bad_request", "%s",
				      scan.has_nul ? "U+0000 in a string" :
				      scan.deep	   ? "nested deeper than 64 levels" :
						     "a number is not finite") ?:
			       1;
	if (scan.values > CONTROL_VALUES_MAX)
		return request_refuse(answer, "limit", "more than %u values", CONTROL_VALUES_MAX) ?:
												    1;
	*ret_request = cJSON_ParseWithLength(line, len);
	if (!*ret_request)
		return -ENOMEM;
	if (depth_of(*ret_request) > CONTROL_DEPTH_MAX)
		return request_refuse(answer, "limit", "nested deeper than %d levels", CONTROL_DEPTH_MAX) ?:
			       1;
	return 0;
}

#define MAY(role) (1u << (role))

static const struct {
	const char *name;
	unsigned int may; /* MAY() of each role */
	bool declares;	  /* only where the agent may declare */
	request_op *op;
} ops[] = {
	{ "begin", MAY(CONTROL_AGENT), true, request_begin },
	{ "run", MAY(CONTROL_AGENT) | MAY(CONTROL_TOOL), true, request_run },
	{ "end", MAY(CONTROL_AGENT) | MAY(CONTROL_OUTSIDER), false, request_end },
	{ "status", MAY(CONTROL_AGENT) | MAY(CONTROL_TOOL) | MAY(CONTROL_OUTSIDER), false,
	  request_status },
	{ "approve", MAY(CONTROL_OUTSIDER), false, request_approve },
};

static const char *const role_names[] = {
	[CONTROL_AGENT] = "a task of the agent",
	[CONTROL_TOOL] = "a task that is part of a call",
	[CONTROL_OUTSIDER] = "a process outside the agent",
};

static int dispatch(struct connection *peer, const cJSON *request, struct cJSON *answer)
{
	const cJSON *op = cJSON_GetObjectItemCaseSensitive(request, "op");

	if (!cJSON_IsString(op))
		return request_refuse(answer, "bad_request", "\"op\" is missing or no string");
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, op->valuestring))
			continue;
		if (!(ops[i].may & MAY(peer->role)))
			return request_refuse(answer, "not_permitted", "%s may not %s",
					      role_names[peer->role], ops[i].name);
		if (ops[i].declares && !peer->control->options.declares)
			return request_refuse(answer, "not_permitted",
					      "nobody declares over this socket (kernel.declare)");
		return ops[i].op(peer, request, answer);
	}
	return request_refuse(answer, "bad_request", "\"op\" is none that is known");
}

struct cJSON *request_answer(struct connection *peer, const char *line, size_t len, bool *ret_ends)
{
	cJSON *answer = cJSON_CreateObject(), *request = NULL;
	int r = -ENOMEM;

	if (answer && cJSON_AddTrueToObject(answer, "ok"))
		r = read_line(line, len, answer, &request);
	/* who cannot be understood is not listened to any further */
	*ret_ends = r == 1;
	if (r == 0)
		r = dispatch(peer, request, answer);
	cJSON_Delete(request);
	if (r >= 0 && !peer->asked.approval)
		return answer;
	cJSON_Delete(answer);
	return NULL;
}
