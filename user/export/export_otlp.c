// SPDX-License-Identifier: Apache-2.0
/*
 * export_otlp.c - traces of OpenTelemetry in the JSON encoding of OTLP 1.11 (proto
 * trace/v1), a request a line as its File Exporter writes them, or posted (otlp_post.h).
 * Names follow the GenAI conventions of semantic conventions 1.37 (Development):
 *
 *   a session     a trace, and its root span invoke_agent
 *   a call        a span, execute_tool TOOL: gen_ai.tool.name, gen_ai.tool.call.id …
 *                 (and those of resources: container.*, k8s.*, where the trail has them)
 *   its effects   the span's events enforcecore.effect and enforcecore.denial; what has
 *                 no call, and what happened to the session, are events of the root
 *
 * Status is ERROR where something was refused, or the call ended in one. Arguments are
 * Opt-In in the conventions, and here (--arguments). Ids are made of the trail's lines:
 * the same trail gives the same ids. A span has 128 events at most, as the SDKs' limit
 * is; the rest is counted in droppedEventsCount.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_impl.h"
#include "otlp_batch.h"
#include "otlp_events.h"
#include "otlp_json.h"

struct state {
	struct otlp_batch batch;
	struct export_calls calls;
	/* the session that is being told */
	bool is_open;
	char trace_id[OTLP_TRACE_ID_SIZE], root_id[OTLP_SPAN_ID_SIZE];
	uint64_t agent, denials;
	int64_t begin_us, last_us;
	cJSON *events;
	cJSON *container;
	uint64_t events_dropped;
	char policy[256], version[64], mode[32];
};

static void copy(char *to, size_t to_len, const char *text)
{
	snprintf(to, to_len, "%s", text ?: "");
}

static void take_policy(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;

	copy(state->policy, sizeof(state->policy),
	     export_text(record->json, "policy") ?: export->options->policy_name);
	copy(state->version, sizeof(state->version),
	     export_text(record->json, "policy_version") ?: export->options->policy_version);
	copy(state->mode, sizeof(state->mode), export_text(record->json, "mode"));
}

/* Of the session that is told now, which is not always the one that was read last. */
static int take_container(struct export *export)
{
	struct state *state = export->state;

	cJSON_Delete(state->container);
	state->container = export->container ? cJSON_Duplicate(export->container, 1) : NULL;
	return export->container && !state->container ? -ENOMEM : 0;
}

/* Also of a trail that does not begin with a session's beginning. */
static int open_session(struct export *export, const struct export_record *record, int64_t time_us)
{
	struct state *state = export->state;
	char *line = strndup(record->line, record->line_len);

	if (!line)
		return -ENOMEM;
	otlp_id("trace", line, "", 16, state->trace_id);
	otlp_id("session", line, "", 8, state->root_id);
	free(line);
	state->is_open = true;
	state->begin_us = state->last_us = time_us;
	state->agent = state->denials = state->events_dropped = 0;
	export_count(record->json, "agent", &state->agent);
	take_policy(export, record);
	state->events = cJSON_CreateArray();
	return state->events ? take_container(export) : -ENOMEM;
}

/* end NULL: its call_end is not in the trail. */
static int put_call(struct export *export, struct export_call *call,
		    const struct export_record *end, int64_t end_us)
{
	struct state *state = export->state;
	char span_id[OTLP_SPAN_ID_SIZE], id[64], name[300];
	cJSON *span, *attributes;

	snprintf(id, sizeof(id), "%" PRIu64 "/%" PRIu64, call->agent, call->id);
	otlp_id(id, state->trace_id, call->begin_seq, 8, span_id);
	snprintf(name, sizeof(name), "execute_tool %s", call->tool);
	name[export_whole(name)] = '\0';
	span = otlp_span(state->trace_id, span_id, state->root_id, name,
			 (struct otlp_times) { call->begin_us, end_us });
	attributes = otlp_attributes(span);
	otlp_add_text(attributes, "gen_ai.operation.name", "execute_tool");
	otlp_add_text(attributes, "gen_ai.tool.name", call->tool);
	otlp_add_text(attributes, "gen_ai.tool.call.id",
		      call->tool_use_id ? call->tool_use_id :
		      call->request	? call->request :
					  id);
	otlp_add_int(attributes, "enforcecore.agent.id", call->agent);
	otlp_add_int(attributes, "enforcecore.call.id", call->id);
	otlp_add_json(attributes, "gen_ai.tool.call.arguments", call->arguments);
	otlp_add_container(attributes, state->container);
	otlp_add_end(span, call, end);
	otlp_set_events(span, call->events, call->events_dropped);
	call->events = NULL;
	export_calls_forget(call);
	return otlp_batch_add(&state->batch, export, span);
}

/* status: of its session_end, NULL: it has none. */
static int close_session(struct export *export, const struct export_record *end)
{
	struct state *state = export->state;
	cJSON *span, *attributes;
	int r = 0;

	if (!state->is_open)
		return 0;
	for (size_t i = 0; r == 0 && i < EXPORT_CALLS_MAX; i++)
		if (state->calls.at[i].is_open)
			r = put_call(export, &state->calls.at[i], NULL, state->last_us);
	if (r < 0)
		return r;
	state->is_open = false;
	span = otlp_span(state->trace_id, state->root_id, NULL, "invoke_agent",
			 (struct otlp_times) { state->begin_us, state->last_us });
	attributes = otlp_attributes(span);
	otlp_add_text(attributes, "gen_ai.operation.name", "invoke_agent");
	otlp_add_int(attributes, "enforcecore.agent.id", state->agent);
	otlp_add_text(attributes, "enforcecore.policy.name", *state->policy ? state->policy : NULL);
	otlp_add_text(attributes, "enforcecore.policy.version",
		      *state->version ? state->version : NULL);
	otlp_add_text(attributes, "enforcecore.mode", *state->mode ? state->mode : NULL);
	otlp_add_int(attributes, "enforcecore.denials", state->denials);
	otlp_add_bool(attributes, "enforcecore.session.ended", end != NULL);
	otlp_add_container(attributes, state->container);
	if (state->denials)
		otlp_set_error(span, "effects or calls were refused");
	otlp_set_events(span, state->events, state->events_dropped);
	state->events = NULL;
	return otlp_batch_add(&state->batch, export, span);
}

static int on_begin(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	struct export_call *call;
	int r = export_calls_begin(export, &state->calls, record, export->options->arguments,
				   &call);

	if (r == 0 && call && !(call->events = cJSON_CreateArray()))
		r = -ENOMEM;
	if (r == 0 && call)
		otlp_add_guards(call->events, &call->events_dropped, record, call->begin_us);
	export->result->left_out += r == 0 && !call;
	return r;
}

static int on_end(struct export *export, const struct export_record *record, int64_t time_us)
{
	struct state *state = export->state;
	struct export_call *call = export_calls_find(&state->calls, record);

	if (!call) { /* nothing says when it began */
		export->result->left_out++;
		return 0;
	}
	otlp_add_observed(call, record, time_us);
	return put_call(export, call, record, time_us);
}

static int on_effect(struct export *export, const struct export_record *record, int64_t time_us)
{
	struct state *state = export->state;
	struct export_call *call = export_calls_find(&state->calls, record);
	bool denied = otlp_is_denied(record->json);

	state->denials += denied;
	if (!call)
		otlp_add_record(state->events, &state->events_dropped, record, time_us);
	else
		otlp_add_record(call->events, &call->events_dropped, record, time_us);
	if (call && strcmp(record->kind, "effect")) {
		call->denials += denied;
		call->has_denials = true;
	} else if (call) {
		call->has_effects = true;
	}
	return 0;
}

/* A span without duration: it never ran. */
static int on_refused(struct export *export, const struct export_record *record, int64_t time_us)
{
	struct state *state = export->state;
	const char *tool = export_text(record->json, "tool"),
		   *reason = export_text(record->json, "reason"),
		   *id = export_text(record->json, "tool_use_id");
	char span_id[OTLP_SPAN_ID_SIZE], name[300], seq[24];
	uint64_t number = 0, dropped = 0;
	cJSON *span, *attributes, *events;

	if (!tool)
		return export_refuse(export, "a refused call without its tool");
	export_count(record->json, "seq", &number);
	snprintf(seq, sizeof(seq), "%" PRIu64, number);
	otlp_id("refused", state->trace_id, seq, 8, span_id);
	snprintf(name, sizeof(name), "execute_tool %s", tool);
	name[export_whole(name)] = '\0';
	span = otlp_span(state->trace_id, span_id, state->root_id, name,
			 (struct otlp_times) { time_us, time_us });
	if ((events = cJSON_CreateArray())) {
		otlp_add_guards(events, &dropped, record, time_us);
		otlp_set_events(span, events, dropped);
	}
	attributes = otlp_attributes(span);
	otlp_add_text(attributes, "gen_ai.operation.name", "execute_tool");
	otlp_add_text(attributes, "gen_ai.tool.name", tool);
	otlp_add_text(attributes, "gen_ai.tool.call.id",
		      id ? id : export_text(record->json, "request"));
	otlp_add_int(attributes, "enforcecore.agent.id", state->agent);
	if (export->options->arguments)
		otlp_add_json(attributes, "gen_ai.tool.call.arguments",
			      cJSON_GetObjectItemCaseSensitive(record->json, "arguments"));
	otlp_add_container(attributes, state->container);
	otlp_add_text(attributes, "enforcecore.verdict", export_text(record->json, "verdict"));
	otlp_add_text(attributes, "enforcecore.rule", export_text(record->json, "rule"));
	if (otlp_is_denied(record->json)) {
		state->denials++;
		otlp_add_text(attributes, "error.type",
			      export_text(record->json, "violation_type") ?: "refused");
		otlp_set_error(span, reason ?: "refused");
	}
	return otlp_batch_add(&state->batch, export, span);
}

static int take(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	const char *kind = record->kind;
	bool begins = !strcmp(kind, "session_begin");
	int64_t time_us;
	int r = export_time(export, record, &time_us);

	if (r == 0 && begins)
		r = close_session(export, NULL);
	if (r == 0 && !state->is_open)
		r = open_session(export, record, time_us);
	if (r < 0 || begins)
		return r;
	state->last_us = time_us;
	if (!strcmp(kind, "session_end"))
		return close_session(export, record);
	if (!strcmp(kind, "call_begin"))
		return on_begin(export, record);
	if (!strcmp(kind, "call_end"))
		return on_end(export, record, time_us);
	if (!strcmp(kind, "call_refused"))
		return on_refused(export, record, time_us);
	if (!strcmp(kind, "policy_replaced"))
		take_policy(export, record);
	if (!strcmp(kind, "session_adopted") && (r = take_container(export)) < 0)
		return r;
	return on_effect(export, record, time_us);
}

static int begin(struct export *export)
{
	struct state *state = calloc(1, sizeof(*state));

	export->state = state;
	return state ? otlp_batch_init(&state->batch) : -ENOMEM;
}

static int end(struct export *export, int r)
{
	struct state *state = export->state;

	if (!state)
		return r;
	if (r == 0)
		r = close_session(export, NULL);
	if (r == 0)
		r = otlp_batch_flush(&state->batch, export);
	otlp_batch_done(&state->batch);
	export_calls_done(&state->calls);
	cJSON_Delete(state->events);
	cJSON_Delete(state->container);
	free(state);
	return r;
}

const struct export_format export_otlp = {
	.name = "otlp",
	.about = "OpenTelemetry traces (OTLP/HTTP JSON), to a file or to --endpoint",
	.begin = begin,
	.record = take,
	.end = end,
};
