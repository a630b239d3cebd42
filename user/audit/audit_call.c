// SPDX-License-Identifier: Apache-2.0
/* audit_call.c - gathers what a trail has of one call. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "audit_impl.h"
#include "user/evidence/files_read.h"

struct gathering {
	uint64_t id;
	bool json;
	FILE *to;
	uint64_t found;
	bool has;
	cJSON *container; /* of the session that is being told */
	struct audit_story story;
};

static void story_done(struct audit_story *story)
{
	cJSON_Delete(story->begin);
	cJSON_Delete(story->end);
	cJSON_Delete(story->revoked);
	cJSON_Delete(story->lines);
	cJSON_Delete(story->late);
	cJSON_Delete(story->shared);
	cJSON_Delete(story->container);
	memset(story, 0, sizeof(*story));
}

/* Moves a part of the story into an object. */
static int give(cJSON *object, const char *name, cJSON **part)
{
	if (!*part)
		return 0;
	if (!cJSON_AddItemToObject(object, name, *part))
		return -ENOMEM;
	*part = NULL;
	return 0;
}

static int put_story_json(struct audit_story *story, FILE *to)
{
	cJSON *object = cJSON_CreateObject();
	int r = -ENOMEM;

	if (cJSON_AddNumberToObject(object, "call", (double)story->id) &&
	    cJSON_AddNumberToObject(object, "agent", (double)story->agent) &&
	    cJSON_AddNumberToObject(object, "omitted_lines", (double)story->omitted) &&
	    give(object, "declared", &story->begin) == 0 &&
	    give(object, "ended", &story->end) == 0 &&
	    give(object, "revoked", &story->revoked) == 0 &&
	    give(object, "lines", &story->lines) == 0 && give(object, "late", &story->late) == 0 &&
	    give(object, "shared", &story->shared) == 0 &&
	    give(object, "container", &story->container) == 0)
		r = audit_put_json(object, to);
	fputc('\n', to);
	cJSON_Delete(object);
	return r;
}

static int flush(struct gathering *g)
{
	int r = 0;

	if (!g->has)
		return 0;
	g->has = false;
	if (g->json)
		r = put_story_json(&g->story, g->to);
	else
		audit_tree(&g->story, g->to);
	story_done(&g->story);
	return r;
}

static int start(struct gathering *g, uint64_t agent)
{
	int r = flush(g);

	g->has = true;
	g->found++;
	g->story = (struct audit_story) { .agent = agent, .id = g->id };
	g->story.lines = cJSON_CreateArray();
	g->story.late = cJSON_CreateArray();
	g->story.shared = cJSON_CreateArray();
	g->story.container = g->container ? cJSON_Duplicate(g->container, 1) : NULL;
	return r < 0 ? r : g->story.lines && g->story.late && g->story.shared ? 0 : -ENOMEM;
}

static int keep(struct audit_story *story, cJSON *array, cJSON **record)
{
	if (story->kept == AUDIT_LINES_MAX) {
		story->omitted++;
		return 0;
	}
	story->kept++;
	if (!cJSON_AddItemToArray(array, *record))
		return -ENOMEM;
	*record = NULL;
	return 0;
}

static void keep_one(cJSON **place, cJSON **record)
{
	if (*place)
		return;
	*place = *record;
	*record = NULL;
}

static bool is_effect(const char *kind)
{
	return !strcmp(kind, "denial") || !strcmp(kind, "effect") || !strcmp(kind, "flow");
}

/* A record of this very call. */
static int take_own(struct gathering *g, const char *kind, uint64_t agent, cJSON **record)
{
	bool begin = !strcmp(kind, "call_begin");
	int r = 0;

	if (begin || !g->has || g->story.agent != agent)
		r = start(g, agent);
	if (r < 0)
		return r;
	if (begin)
		keep_one(&g->story.begin, record);
	else if (!strcmp(kind, "call_end"))
		keep_one(&g->story.end, record);
	else if (!strcmp(kind, "call_revoked"))
		keep_one(&g->story.revoked, record);
	else if (is_effect(kind))
		return keep(&g->story, g->story.end ? g->story.late : g->story.lines, record);
	return 0;
}

/* Whoever takes an agent over may not know. */
static void take_container(struct gathering *g, const char *kind, cJSON *record)
{
	bool begins = !strcmp(kind, "session_begin");
	cJSON *container = cJSON_DetachItemFromObjectCaseSensitive(record, "container");

	if (!begins && (strcmp(kind, "session_adopted") || !container)) {
		cJSON_Delete(container);
		return;
	}
	cJSON_Delete(g->container);
	g->container = container;
}

static int take(struct gathering *g, cJSON **record)
{
	const char *kind = audit_text(*record, "kind");
	uint64_t agent = audit_number(*record, "agent");

	if (!strncmp(kind, "session_", 8))
		take_container(g, kind, *record);
	if (!strcmp(kind, "session_begin"))
		return flush(g);
	if (audit_has_number(*record, "call"))
		return audit_number(*record, "call") == g->id ? take_own(g, kind, agent, record) :
								0;
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(g->story.begin, "exact")))
		return 0; /* what is its own says so */
	if (g->has && !g->story.end && g->story.agent == agent && !strcmp(kind, "denial") &&
	    audit_number(*record, "open_calls"))
		return keep(&g->story, g->story.shared, record);
	return 0;
}

static int on_line(void *ctx, const char *line, size_t line_len)
{
	cJSON *record = cJSON_ParseWithLength(line, line_len);
	int r = record ? take(ctx, &record) : 0;

	cJSON_Delete(record);
	return r;
}

int audit_call(const char *path, uint64_t id, bool json, FILE *to, struct trail_report *ret_report,
	       uint64_t *ret_found)
{
	struct gathering g = { .id = id, .json = json, .to = to };
	int r = files_read(path, on_line, &g, ret_report), more = flush(&g);

	story_done(&g.story);
	cJSON_Delete(g.container);
	*ret_found = g.found;
	return r < 0 ? r : more;
}
