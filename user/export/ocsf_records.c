// SPDX-License-Identifier: Apache-2.0
/* ocsf_records.c - which records of a trail are events, and of which class. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export_ocsf.h"

/* Calls of which effects have lines of their own (run --record all): their end tells of
 * them again. Of more calls at once the end's account is taken as well. */
#define TOLD_MAX 1024u

struct state {
	struct told {
		uint64_t agent, call;
	} told[TOLD_MAX];
	size_t told_len;
};

static void remember(struct state *state, const cJSON *record)
{
	struct told told = { 0 };

	export_count(record, "agent", &told.agent);
	if (!export_count(record, "call", &told.call) || !told.call || state->told_len == TOLD_MAX)
		return;
	for (size_t i = 0; i < state->told_len; i++)
		if (state->told[i].agent == told.agent && state->told[i].call == told.call)
			return;
	state->told[state->told_len++] = told;
}

/* And forgets it: the call has ended. */
static bool was_told(struct state *state, const cJSON *record)
{
	struct told told = { 0 };

	export_count(record, "agent", &told.agent);
	export_count(record, "call", &told.call);
	for (size_t i = 0; i < state->told_len; i++) {
		if (state->told[i].agent != told.agent || state->told[i].call != told.call)
			continue;
		state->told[i] = state->told[--state->told_len];
		return true;
	}
	return false;
}

static int make_event(struct export *export, const struct export_record *record, const cJSON *json,
		      struct ocsf_event *ret_event)
{
	*ret_event = (struct ocsf_event) {
		.record = record,
		.json = json,
		.host = export->options->host,
		.container = export->container,
		.op = export_text(json, "op"),
		.target = export_text(json, "target"),
		.verdict = export_text(json, "verdict"),
		.reason = export_text(json, "reason"),
		.exe = export_text(json, "exe"),
		.count = 1,
	};
	export_count(record->json, "seq", &ret_event->seq);
	export_count(json, "pid", &ret_event->pid);
	export_count(json, "count", &ret_event->count);
	return export_time(export, record, &ret_event->time_us);
}

static int on_effect(struct export *export, const struct export_record *record)
{
	struct ocsf_event event;
	int r = make_event(export, record, record->json, &event);

	if (r < 0)
		return r;
	if (!ocsf_class_of(event.op))
		return export_refuse(export, "an effect whose op is none");
	event.is_finding = strcmp(record->kind, "effect") != 0;
	if (!event.is_finding)
		remember(export->state, record->json);
	return ocsf_put(&event, export);
}

static int on_finding(struct export *export, const struct export_record *record)
{
	struct ocsf_event event;
	int r = make_event(export, record, record->json, &event);

	event.is_finding = true;
	if (r == 0 && !event.target)
		event.target = export_text(record->json, "name");
	return r < 0 ? r : ocsf_put(&event, export);
}

/* The process that an effect of this call is of: its parent, and its last program. */
static void find_process(const cJSON *observed, struct ocsf_event *event)
{
	const cJSON *process, *program;
	uint64_t pid;

	cJSON_ArrayForEach (process, cJSON_GetObjectItemCaseSensitive(observed, "processes")) {
		if (!export_count(process, "pid", &pid) || pid != event->pid)
			continue;
		export_count(process, "parent", &event->parent);
		cJSON_ArrayForEach (program,
				    cJSON_GetObjectItemCaseSensitive(process, "programs")) {
			event->exe = export_text(program, "exe");
		}
	}
}

static int on_end(struct export *export, const struct export_record *record)
{
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(record->json, "observed"), *entry;
	struct ocsf_event event;
	unsigned int part = 0;
	int r = 0;

	if (was_told(export->state, record->json) || !cJSON_IsObject(observed)) {
		export->result->left_out++;
		return 0;
	}
	cJSON_ArrayForEach (entry, cJSON_GetObjectItemCaseSensitive(observed, "effects")) {
		r = make_event(export, record, entry, &event);
		if (r == 0 && !ocsf_class_of(event.op))
			r = export_refuse(export, "an observed effect whose op is none");
		if (r < 0)
			return r;
		event.part = ++part;
		event.verdict = "allow";
		find_process(observed, &event);
		if ((r = ocsf_put(&event, export)) < 0)
			return r;
	}
	return 0;
}

static int take(struct export *export, const struct export_record *record)
{
	static const char *const findings[] = { "call_refused", "result_refused", "lookup",
						"call_revoked" };
	const char *kind = record->kind;

	if (!strcmp(kind, "effect") || !strcmp(kind, "denial") || !strcmp(kind, "flow"))
		return on_effect(export, record);
	if (!strcmp(kind, "call_end"))
		return on_end(export, record);
	/* what a guard said of a call that opened, or that it said nothing */
	if (!strcmp(kind, "call_begin") && cJSON_GetObjectItemCaseSensitive(record->json, "guards"))
		return on_finding(export, record);
	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++)
		if (!strcmp(kind, findings[i]))
			return on_finding(export, record);
	export->result->left_out++;
	return 0;
}

static int begin(struct export *export)
{
	export->state = calloc(1, sizeof(struct state));
	return export->state ? 0 : -ENOMEM;
}

static int end(struct export *export, int r)
{
	free(export->state);
	return r;
}

const struct export_format export_ocsf = {
	.name = "ocsf",
	.about = "OCSF 1.3.0 events, one a line",
	.begin = begin,
	.record = take,
	.end = end,
};
