// SPDX-License-Identifier: Apache-2.0
/* audit_list.c - the calls of a trail, a line each, in the order of their ends. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit_impl.h"
#include "user/evidence/files_read.h"

/* A call that has begun. */
struct begun {
	uint64_t agent;
	uint64_t id;
	char *tool;
	char *time;
};

struct listing {
	bool json;
	FILE *to;
	struct begun open[AUDIT_OPEN_MAX];
	size_t open_len;
};

/* What a line of the list says. */
struct listed {
	uint64_t agent, id;
	const char *time, *tool, *outcome;
	const cJSON *end; /* NULL: it has none */
};

static uint64_t count_of(const cJSON *observed, const char *key)
{
	return audit_number(cJSON_GetObjectItemCaseSensitive(observed, "counts"), key);
}

static uint64_t effects_of(const cJSON *observed)
{
	static const char *const ops[] = { "read", "write", "exec", "connect", "listen", "load" };
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		sum += count_of(observed, ops[i]);
	return sum;
}

static void put_text(const struct listed *listed, const cJSON *observed, int unused, FILE *to)
{
	if (listed->id)
		fprintf(to, "%-6" PRIu64 " ", listed->id);
	else
		fprintf(to, "%-6s ", "-");
	audit_put(listed->time, to);
	fputc(' ', to);
	audit_put(listed->tool, to);
	fputs(": ", to);
	audit_put(listed->outcome, to);
	if (cJSON_IsObject(observed))
		fprintf(to, ", effects %" PRIu64 ", drift %" PRIu64 ", not seen %d",
			effects_of(observed), count_of(observed, "drift"), unused);
	else if (listed->end)
		fprintf(to, ", denials %" PRIu64, audit_number(listed->end, "denials"));
	if (audit_number(observed, "shared"))
		fprintf(to, ", shared %" PRIu64, audit_number(observed, "shared"));
	fputc('\n', to);
}

static int put_json(const struct listed *listed, const cJSON *observed, int unused, FILE *to)
{
	cJSON *object = cJSON_CreateObject();
	int r = -ENOMEM;

	if (cJSON_AddNumberToObject(object, "call", (double)listed->id) &&
	    cJSON_AddNumberToObject(object, "agent", (double)listed->agent) &&
	    cJSON_AddStringToObject(object, "time", listed->time) &&
	    cJSON_AddStringToObject(object, "tool", listed->tool) &&
	    cJSON_AddStringToObject(object, "outcome", listed->outcome) &&
	    cJSON_AddNumberToObject(object, "duration_ms",
				    (double)audit_number(listed->end, "duration_ms")) &&
	    cJSON_AddNumberToObject(object, "denials",
				    (double)audit_number(listed->end, "denials")) &&
	    cJSON_AddNumberToObject(object, "effects", (double)effects_of(observed)) &&
	    cJSON_AddNumberToObject(object, "drift", (double)count_of(observed, "drift")) &&
	    cJSON_AddNumberToObject(object, "unused", unused) &&
	    cJSON_AddNumberToObject(object, "shared", (double)audit_number(observed, "shared")))
		r = audit_put_json(object, to);
	fputc('\n', to);
	cJSON_Delete(object);
	return r;
}

static int put(const struct listing *listing, const struct listed *listed)
{
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(listed->end, "observed");
	int unused = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(observed, "unused"));

	if (listing->json)
		return put_json(listed, observed, unused, listing->to);
	put_text(listed, observed, unused, listing->to);
	return 0;
}

static void forget(struct listing *listing, size_t i)
{
	free(listing->open[i].tool);
	free(listing->open[i].time);
	listing->open_len--;
	memmove(&listing->open[i], &listing->open[i + 1],
		(listing->open_len - i) * sizeof(listing->open[0]));
}

/* What is left open when a session or the trail ends. */
static int put_open(struct listing *listing)
{
	int r = 0;

	while (listing->open_len) {
		const struct begun *begun = &listing->open[0];
		const struct listed listed = { .agent = begun->agent,
					       .id = begun->id,
					       .time = begun->time,
					       .tool = begun->tool,
					       .outcome = "no-end" };

		if (r == 0)
			r = put(listing, &listed);
		forget(listing, 0);
	}
	return r;
}

static int on_begin(struct listing *listing, const cJSON *record)
{
	struct begun *begun = &listing->open[listing->open_len];

	if (listing->open_len == AUDIT_OPEN_MAX)
		return 0;
	*begun = (struct begun) { .agent = audit_number(record, "agent"),
				  .id = audit_number(record, "call"),
				  .tool = strdup(audit_text(record, "tool")),
				  .time = strdup(audit_text(record, "time")) };
	listing->open_len++;
	return begun->tool && begun->time ? 0 : -ENOMEM;
}

static int on_end(struct listing *listing, const cJSON *record)
{
	struct listed listed = { .agent = audit_number(record, "agent"),
				 .id = audit_number(record, "call"),
				 .time = "?",
				 .tool = audit_text(record, "tool"),
				 .outcome = audit_text(record, "outcome"),
				 .end = record };
	size_t i = 0;
	int r;

	while (i < listing->open_len &&
	       (listing->open[i].id != listed.id || listing->open[i].agent != listed.agent))
		i++;
	if (i < listing->open_len)
		listed.time = listing->open[i].time;
	r = put(listing, &listed);
	if (i < listing->open_len)
		forget(listing, i);
	return r;
}

static int on_refused(const struct listing *listing, const cJSON *record)
{
	const struct listed listed = { .agent = audit_number(record, "agent"),
				       .time = audit_text(record, "time"),
				       .tool = audit_text(record, "tool"),
				       .outcome = "refused" };

	return put(listing, &listed);
}

static int take(struct listing *listing, const cJSON *record)
{
	const char *kind = audit_text(record, "kind");

	if (!strcmp(kind, "session_begin"))
		return put_open(listing);
	if (!strcmp(kind, "call_begin"))
		return on_begin(listing, record);
	if (!strcmp(kind, "call_end"))
		return on_end(listing, record);
	return strcmp(kind, "call_refused") ? 0 : on_refused(listing, record);
}

static int on_line(void *ctx, const char *line, size_t line_len)
{
	cJSON *record = cJSON_ParseWithLength(line, line_len);
	int r = record ? take(ctx, record) : 0;

	cJSON_Delete(record);
	return r;
}

int audit_list(const char *path, bool json, FILE *to, struct trail_report *ret_report)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	int r, more;

	if (!listing)
		return -ENOMEM;
	listing->json = json;
	listing->to = to;
	r = files_read(path, on_line, listing, ret_report);
	more = put_open(listing);
	free(listing);
	return r < 0 ? r : more;
}
