// SPDX-License-Identifier: Apache-2.0
#include "declare.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "user/control/client.h"
#include "user/learn/quote.h"
#include "user/util.h"

#define REASONS_MAX 4
#define REASON_MAX 256u /* bytes of one */

/* ---- words for a model ---- */

/* Adds at most most bytes of text, whole characters only. */
static void add(char *to, size_t to_len, const char *text, size_t most)
{
	size_t at = strlen(to), end = at + most < to_len ? at + most : to_len - 1;
	uint32_t code = 0;

	while (*text) {
		size_t len = quote_decode(text, &code);
		bool shows = len && quote_shows(code);

		if (at + (shows ? len : 1) > end)
			break;
		if (shows)
			memcpy(to + at, text, len);
		else
			to[at] = '?';
		at += shows ? len : 1;
		text += len ?: 1;
	}
	to[at] = '\0';
}

static const char *string_of(const cJSON *answer, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(answer, name);

	return cJSON_IsString(value) ? value->valuestring : "";
}

static void put_refusal(const cJSON *answer, struct declared *to)
{
	const char *reason = string_of(answer, "reason");

	snprintf(to->text, sizeof(to->text), "EnforceCore: ");
	add(to->text, sizeof(to->text), *reason ? reason : "the controller refuses", REASON_MAX);
}

static void put_denials(const cJSON *answer, struct declared *to)
{
	const cJSON *denials = cJSON_GetObjectItemCaseSensitive(answer, "denials");
	const cJSON *reasons = cJSON_GetObjectItemCaseSensitive(answer, "reasons"), *reason;
	uint64_t n = cJSON_IsNumber(denials) && denials->valuedouble > 0 &&
				     denials->valuedouble < 1e15 ?
			     (uint64_t)denials->valuedouble :
			     0;
	int told = 0;

	if (!n)
		return;
	snprintf(to->text, sizeof(to->text),
		 "EnforceCore refused %" PRIu64 " operation%s of this call", n, n == 1 ? "" : "s");
	cJSON_ArrayForEach (reason, reasons) {
		if (!cJSON_IsString(reason) || told == REASONS_MAX)
			continue;
		add(to->text, sizeof(to->text), told++ ? "; " : ": ", 2);
		add(to->text, sizeof(to->text), reason->valuestring, REASON_MAX);
	}
}

/* ---- questions ---- */

static int unreachable(struct declared *to, int error)
{
	snprintf(to->text, sizeof(to->text), "%s",
		 error == -ENOENT || error == -ECONNREFUSED || error == -EACCES ?
			 "no controller: start the agent with `enforcecore run`" :
		 error == -ETIME   ? "the controller did not answer in time" :
		 error == -EBADMSG ? "the controller's answer makes no sense" :
				     strerror(-error));
	return error;
}

static int ask(const struct hook_options *options, cJSON *request, struct declared *to,
	       cJSON **ret_answer)
{
	_cleanup_close_ int fd = -1;
	int r = request ? control_connect(options->socket, &fd) : -ENOMEM;

	*to = (struct declared) { 0 };
	*ret_answer = NULL;
	if (r == 0)
		r = control_request(fd, request, options->timeout_ms, ret_answer);
	if (r < 0)
		return unreachable(to, r);
	to->ok = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(*ret_answer, "ok"));
	return 0;
}

bool declare_is_exact(const struct hook_options *options, const struct event *event)
{
	enum dialect_rewrite rewrite = options->dialect->rewrite;

	return event->shell && !event->kind->tool && event->command &&
	       (rewrite == DIALECT_REWRITES || (rewrite == DIALECT_SOME_DO && options->exact));
}

static cJSON *begin_request(const struct event *event, bool exact)
{
	cJSON *request = cJSON_CreateObject();

	if (request && cJSON_AddStringToObject(request, "op", "begin") &&
	    cJSON_AddStringToObject(request, "tool", event->tool) &&
	    cJSON_AddStringToObject(request, "id", event->id) &&
	    cJSON_AddBoolToObject(request, "exact", exact) &&
	    cJSON_AddItemReferenceToObject(request, "arguments", event->args))
		return request;
	cJSON_Delete(request);
	return NULL;
}

int declare_begin(const struct hook_options *options, const struct event *event,
		  struct declared *ret_declared)
{
	bool exact = declare_is_exact(options, event);
	cJSON *request = begin_request(event, exact), *answer = NULL;
	int r = ask(options, request, ret_declared, &answer);

	cJSON_Delete(request);
	if (r == 0 && !ret_declared->ok) {
		put_refusal(answer, ret_declared);
	} else if (r == 0 && exact) {
		const char *token = string_of(answer, "token");

		if (strlen(token) != WRAP_TOKEN_LEN)
			r = unreachable(ret_declared, -EBADMSG);
		else
			memcpy(ret_declared->token, token, WRAP_TOKEN_LEN);
	}
	cJSON_Delete(answer);
	return r;
}

/* A call without an id of the agent's may have its token in what has run:
 * that tells it from another that looks the same. */
static cJSON *end_request(const struct hook_options *options, const struct event *event)
{
	cJSON *request = cJSON_CreateObject();
	char token[WRAP_TOKEN_LEN + 1];
	bool by_token = event->id_is_made && declare_is_exact(options, event) &&
			wrap_token(options->exe, options->socket, event->command, token);

	if (request && cJSON_AddStringToObject(request, "op", "end") &&
	    cJSON_AddStringToObject(request, by_token ? "token" : "id",
				    by_token ? token : event->id) &&
	    cJSON_AddStringToObject(request, "outcome", event->outcome))
		return request;
	cJSON_Delete(request);
	return NULL;
}

int declare_end(const struct hook_options *options, const struct event *event,
		struct declared *ret_declared)
{
	cJSON *request = end_request(options, event), *answer = NULL;
	int r = ask(options, request, ret_declared, &answer);

	cJSON_Delete(request);
	if (r == 0 && ret_declared->ok)
		put_denials(answer, ret_declared);
	else if (r == 0 && !strcmp(string_of(answer, "error"), "no_such_call"))
		snprintf(ret_declared->text, sizeof(ret_declared->text),
			 "EnforceCore had ended this call before: it was past its deadline");
	else if (r == 0)
		put_refusal(answer, ret_declared);
	cJSON_Delete(answer);
	return r;
}
