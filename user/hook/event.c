// SPDX-License-Identifier: Apache-2.0
#include "event.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "payload.h"

struct reading {
	const struct dialect *dialect;
	struct event *event;
	char *reason;
	size_t reason_len;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct reading *in,
							const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(in->reason, in->reason_len, format, values);
	va_end(values);
	return -EINVAL;
}

static cJSON *member(const cJSON *object, const char *const names[DIALECT_FEW])
{
	cJSON *found = NULL;

	for (size_t i = 0; !found && i < DIALECT_FEW && names[i]; i++)
		found = cJSON_GetObjectItemCaseSensitive(object, names[i]);
	return found;
}

static const char *text(const cJSON *object, const char *const names[DIALECT_FEW])
{
	const cJSON *found = member(object, names);

	return cJSON_IsString(found) ? found->valuestring : "";
}

/* ---- which event ---- */

static const struct dialect_event *by_name(const struct dialect *dialect, const char *name)
{
	for (size_t i = 0; i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++)
		if (!strcmp(dialect->events[i].name, name))
			return &dialect->events[i];
	return NULL;
}

static const struct dialect_event *by_moment(const struct dialect *dialect,
					     enum dialect_moment moment)
{
	for (size_t i = 0; i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++)
		if (dialect->events[i].moment == moment)
			return &dialect->events[i];
	return NULL;
}

/* An agent that names no event: only one that is over has a result. */
static const struct dialect_event *by_result(const struct dialect *dialect, const cJSON *payload)
{
	const cJSON *result = member(payload, dialect->result);

	if (!result)
		return by_moment(dialect, DIALECT_BEFORE);
	return by_moment(dialect, result->string && !strcmp(result->string, "error") ?
					  DIALECT_FAILED :
					  DIALECT_AFTER);
}

static int read_kind(const struct reading *in)
{
	const struct dialect *dialect = in->dialect;
	const cJSON *name = member(in->event->payload, dialect->event);

	if (!name && dialect->result[0])
		in->event->kind = by_result(dialect, in->event->payload);
	else if (cJSON_IsString(name))
		in->event->kind = by_name(dialect, name->valuestring);
	if (in->event->kind)
		return 0;
	if (!cJSON_IsString(name))
		return refuse(in, "the event has no \"%s\"", dialect->event[0]);
	return refuse(in, "%s has no event \"%.64s\" that declares a call", dialect->name,
		      name->valuestring);
}

/* ---- one reading only ---- */

static int unclear(const struct reading *in, int error)
{
	return refuse(in, "%s",
		      error == -EEXIST ? "a member occurs twice, and who reads it picks one" :
		      error == -E2BIG  ? "there are more than 62 levels" :
					 "no memory");
}

/* Before a call there must be no doubt that the agent reads what we read. */
static int check_once(const struct reading *in, const cJSON *value, bool has_nul)
{
	char hex[DIGEST_LEN + 1];
	int r;

	if (in->event->kind->moment != DIALECT_BEFORE)
		return 0;
	if (has_nul)
		return refuse(in, "an argument holds U+0000");
	r = digest_of("", "", value, hex);
	return r < 0 ? unclear(in, r) : 0;
}

/* ---- tool and arguments ---- */

static int read_tool(const struct reading *in)
{
	struct event *event = in->event;
	const char *tool = event->kind->tool ?: text(event->payload, in->dialect->tool);

	if (!*tool || strlen(tool) > EVENT_TOOL_MAX)
		return refuse(in, "\"%s\" is no name of at most %u bytes", in->dialect->tool[0],
			      EVENT_TOOL_MAX);
	snprintf(event->tool, sizeof(event->tool), "%s", tool);
	return 0;
}

/* Some send the arguments as a text that is JSON. */
static int unpack(const struct reading *in, cJSON **value)
{
	cJSON *parsed;
	bool has_nul;
	char *packed;

	if (!cJSON_IsString(*value))
		return 0;
	packed = (*value)->valuestring;
	if (packed[strspn(packed, " \t\r\n")] != '{')
		return 0; /* a text of the tool's own */
	if (payload_parse(packed, strlen(packed), &parsed, &has_nul, in->reason, in->reason_len))
		return refuse(in, "\"%s\" is a text that begins as JSON and is none",
			      in->dialect->args[0]);
	cJSON_Delete(*value);
	*value = parsed;
	return check_once(in, parsed, has_nul);
}

static int as_object(const struct reading *in, const char *name, cJSON *value)
{
	struct event *event = in->event;

	if (cJSON_IsObject(value)) {
		event->args = value;
		return 0;
	}
	event->args = cJSON_CreateObject();
	if (!value || cJSON_IsNull(value)) {
		cJSON_Delete(value);
		return event->args ? 0 : refuse(in, "no memory");
	}
	if (event->args && cJSON_AddItemToObject(event->args, name, value))
		return 0;
	cJSON_Delete(value);
	return refuse(in, "no memory");
}

static int read_args(const struct reading *in)
{
	struct event *event = in->event;
	const char *only = event->kind->argument;
	cJSON *value = only ? cJSON_GetObjectItemCaseSensitive(event->payload, only) :
			      member(event->payload, in->dialect->args);
	int r;

	if (value)
		cJSON_DetachItemViaPointer(event->payload, value);
	r = only ? 0 : unpack(in, &value);
	if (r < 0) {
		cJSON_Delete(value);
		return r;
	}
	return as_object(in, only ?: "input", value);
}

static int read_shell(const struct reading *in)
{
	struct event *event = in->event;
	const cJSON *command;

	for (size_t i = 0; i < DIALECT_FEW && in->dialect->shells[i].tool; i++)
		if (!strcmp(in->dialect->shells[i].tool, event->tool))
			event->shell = &in->dialect->shells[i];
	if (!event->shell)
		return 0;
	event->background = cJSON_IsTrue(member(event->args, in->dialect->background));
	command = cJSON_GetObjectItemCaseSensitive(event->args, event->shell->member);
	if (cJSON_IsString(command))
		event->command = command->valuestring;
	else if (event->kind->moment == DIALECT_BEFORE)
		return refuse(in, "%s without \"%s\"", event->tool, event->shell->member);
	return 0;
}

/* ---- which call ---- */

static int read_id(const struct reading *in)
{
	struct event *event = in->event;
	const char *session = text(event->payload, in->dialect->session);
	const cJSON *id = member(event->payload, in->dialect->id);
	char hex[DIGEST_LEN + 1];
	int r;

	if (cJSON_IsString(id) && *id->valuestring && strlen(id->valuestring) <= EVENT_ID_MAX) {
		snprintf(event->id, sizeof(event->id), "%s", id->valuestring);
		return 0;
	}
	event->id_is_made = !cJSON_IsString(id) || !*id->valuestring;
	r = digest_of(session, event->tool, event->id_is_made ? event->args : id, hex);
	if (r < 0)
		return unclear(in, r);
	snprintf(event->id, sizeof(event->id), "sha256:%s", hex);
	return 0;
}

static const char *outcome(const struct reading *in)
{
	static const char *const answers[DIALECT_FEW] = { "tool_response", "toolResult",
							  "tool_result" };
	const cJSON *payload = in->event->payload, *answer = member(payload, answers);
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");
	const cJSON *kind = cJSON_GetObjectItemCaseSensitive(answer, "resultType");

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(payload, "is_interrupt")))
		return "cancelled";
	if (in->event->kind->moment == DIALECT_FAILED || (error && !cJSON_IsNull(error)) ||
	    (cJSON_IsString(kind) && strcmp(kind->valuestring, "success")))
		return "error";
	return "done";
}

static int read_all(const struct reading *in, bool has_nul)
{
	int r;

	if ((r = read_kind(in)) < 0 || (r = check_once(in, in->event->payload, has_nul)) < 0 ||
	    (r = read_tool(in)) < 0 || (r = read_args(in)) < 0 || (r = read_shell(in)) < 0 ||
	    (r = read_id(in)) < 0)
		return r;
	in->event->outcome = outcome(in);
	return 0;
}

int event_read(const struct dialect *dialect, char *bytes, size_t bytes_len,
	       struct event *ret_event, char *reason, size_t reason_len)
{
	struct reading in = { dialect, ret_event, reason, reason_len };
	bool has_nul = false;
	int r;

	*ret_event = (struct event) { 0 };
	r = payload_parse(bytes, bytes_len, &ret_event->payload, &has_nul, reason, reason_len);
	if (r == 0)
		r = read_all(&in, has_nul);
	if (r < 0)
		event_done(ret_event);
	return r;
}

void event_done(struct event *event)
{
	cJSON_Delete(event->args);
	cJSON_Delete(event->payload);
	*event = (struct event) { 0 };
}
