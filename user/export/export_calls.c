// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_impl.h"

static struct export_call *find(struct export_calls *calls, uint64_t agent, uint64_t id)
{
	for (size_t i = 0; i < EXPORT_CALLS_MAX; i++)
		if (calls->at[i].is_open && calls->at[i].id == id && calls->at[i].agent == agent)
			return &calls->at[i];
	return NULL;
}

struct export_call *export_calls_find(struct export_calls *calls,
				      const struct export_record *record)
{
	uint64_t agent = 0, id = 0;

	export_count(record->json, "agent", &agent);
	return export_count(record->json, "call", &id) && id ? find(calls, agent, id) : NULL;
}

static char *copy(const struct export_record *record, const char *name)
{
	const char *text = export_text(record->json, name);

	return text ? strdup(text) : NULL;
}

static int fill(struct export_call *call, const struct export_record *record, bool arguments)
{
	uint64_t seq = 0;

	call->tool = copy(record, "tool");
	call->request = copy(record, "request");
	call->tool_use_id = copy(record, "tool_use_id");
	if (arguments)
		call->arguments = cJSON_DetachItemFromObjectCaseSensitive(record->json,
									  "arguments");
	export_count(record->json, "input_redactions", &call->input_redactions);
	export_count(record->json, "seq", &seq);
	snprintf(call->begin_seq, sizeof(call->begin_seq), "%" PRIu64, seq);
	return call->tool ? 0 : -ENOMEM;
}

int export_calls_begin(struct export *export, struct export_calls *calls,
		       const struct export_record *record, bool arguments,
		       struct export_call **ret_call)
{
	uint64_t agent = 0, id = 0;
	struct export_call *call = NULL;
	int64_t begin_us;
	int r = export_time(export, record, &begin_us);

	*ret_call = NULL;
	if (r < 0)
		return r;
	if (!export_count(record->json, "call", &id) || !id || !export_text(record->json, "tool"))
		return export_refuse(export, "a call_begin without its call or tool");
	export_count(record->json, "agent", &agent);
	if (find(calls, agent, id))
		return export_refuse(export, "this call has begun before");
	for (size_t i = 0; !call && i < EXPORT_CALLS_MAX; i++)
		if (!calls->at[i].is_open)
			call = &calls->at[i];
	if (!call)
		return 0;
	*call = (struct export_call) { .is_open = true, .agent = agent, .id = id };
	call->begin_us = begin_us;
	*ret_call = call;
	return fill(call, record, arguments);
}

void export_calls_forget(struct export_call *call)
{
	free(call->tool);
	free(call->request);
	free(call->tool_use_id);
	cJSON_Delete(call->arguments);
	cJSON_Delete(call->events);
	memset(call, 0, sizeof(*call));
}

void export_calls_done(struct export_calls *calls)
{
	for (size_t i = 0; i < EXPORT_CALLS_MAX; i++)
		export_calls_forget(&calls->at[i]);
}
