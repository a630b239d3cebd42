// SPDX-License-Identifier: Apache-2.0
/*
 * audit_tree.c - one call as a tree: declared, then observed by process, what
 * was refused first and marked with "!". A trail may say anything: what does not
 * hang on a process that is there stands by itself.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit_impl.h"
#include "user/util.h"

/* As deep as processes are nested here; deeper ones stand side by side. */
#define DEPTH_MAX 32
#define INDENT 2

struct tree {
	FILE *to;
	const cJSON *processes, *effects, *drift;
	size_t len;
	const cJSON **at; /* the processes */
	bool *is_shown;
};

static const cJSON *array_of(const cJSON *object, const char *key)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsArray(array) ? array : NULL;
}

static void indent(FILE *to, int depth)
{
	fprintf(to, "%*s", INDENT * depth, "");
}

static void put_what(const cJSON *entry, FILE *to)
{
	audit_put(audit_text(entry, "op"), to);
	fputc(' ', to);
	audit_put(audit_text(entry, "target"), to);
	/* what is stored there later no hook sees */
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "mapped")))
		fputs(" (mapped)", to);
}

static void put_count(const cJSON *entry, FILE *to)
{
	if (audit_number(entry, "count") > 1)
		fprintf(to, "  x%" PRIu64, audit_number(entry, "count"));
	fputc('\n', to);
}

static void put_effect(const cJSON *entry, int depth, FILE *to)
{
	indent(to, depth);
	put_what(entry, to);
	put_count(entry, to);
}

static void put_drift(const cJSON *entry, int depth, FILE *to)
{
	indent(to, depth);
	fputs("! ", to);
	audit_put(audit_text(entry, "verdict"), to);
	fputc(' ', to);
	put_what(entry, to);
	fputs(": ", to);
	audit_put(audit_text(entry, "reason"), to);
	if (*audit_text(entry, "rule")) {
		fputs(" by ", to);
		audit_put(audit_text(entry, "rule"), to);
	}
	put_count(entry, to);
}

static void put_of(const cJSON *array, uint64_t pid,
		   void (*put)(const cJSON *entry, int depth, FILE *to), int depth, FILE *to)
{
	const cJSON *entry;

	cJSON_ArrayForEach (entry, array) {
		if (audit_number(entry, "pid") == pid)
			put(entry, depth, to);
	}
}

static void put_programs(const cJSON *process, FILE *to)
{
	const cJSON *program;
	const char *before = " ";

	cJSON_ArrayForEach (program, array_of(process, "programs")) {
		fputs(before, to);
		audit_put(audit_text(program, "exe"), to);
		before = " > ";
	}
	fputc('\n', to);
}

static bool has_process(const struct tree *tree, uint64_t pid)
{
	for (size_t i = 0; i < tree->len; i++)
		if (audit_number(tree->at[i], "pid") == pid)
			return true;
	return false;
}

static void put_process(struct tree *tree, size_t i, int depth)
{
	uint64_t pid = audit_number(tree->at[i], "pid");
	uint64_t parent = audit_number(tree->at[i], "parent");

	tree->is_shown[i] = true;
	indent(tree->to, depth);
	fprintf(tree->to, "process %" PRIu64, pid);
	if (!has_process(tree, parent))
		fprintf(tree->to, ", child of %" PRIu64 ",", parent);
	put_programs(tree->at[i], tree->to);
	put_of(tree->drift, pid, put_drift, depth + 1, tree->to);
	put_of(tree->effects, pid, put_effect, depth + 1, tree->to);
	for (size_t j = 0; j < tree->len && depth < DEPTH_MAX; j++)
		if (!tree->is_shown[j] && audit_number(tree->at[j], "parent") == pid)
			put_process(tree, j, depth + 1);
}

/* Those without a parent here first; then what a circle of parents hides. */
static void put_processes(struct tree *tree, int depth)
{
	for (size_t i = 0; i < tree->len; i++)
		if (!tree->is_shown[i] && !has_process(tree, audit_number(tree->at[i], "parent")))
			put_process(tree, i, depth);
	for (size_t i = 0; i < tree->len; i++)
		if (!tree->is_shown[i])
			put_process(tree, i, depth);
}

static void put_orphans(const struct tree *tree, const cJSON *array,
			void (*put)(const cJSON *entry, int depth, FILE *to), int depth)
{
	const cJSON *entry;

	cJSON_ArrayForEach (entry, array) {
		if (!has_process(tree, audit_number(entry, "pid")))
			put(entry, depth, tree->to);
	}
}

static void put_bytes(const cJSON *bytes, int depth, FILE *to)
{
	if (!cJSON_IsObject(bytes))
		return;
	indent(to, depth);
	fprintf(to, "bytes %" PRIu64 " read, %" PRIu64 " written, %" PRIu64 " sent",
		audit_number(bytes, "read"), audit_number(bytes, "written"),
		audit_number(bytes, "sent"));
	if (audit_number(bytes, "unknown"))
		fprintf(to, ", and what %" PRIu64 " more tasks moved",
			audit_number(bytes, "unknown"));
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(bytes, "shared")))
		fputs(", some perhaps by other calls", to);
	fputc('\n', to);
}

/* Processes past this are not made a tree of: a trail that we wrote has fewer. */
#define PROCESSES_MAX 256

static void put_observed(const cJSON *observed, FILE *to)
{
	struct tree tree = { .to = to,
			     .processes = array_of(observed, "processes"),
			     .effects = array_of(observed, "effects"),
			     .drift = array_of(observed, "drift") };
	const cJSON *at[PROCESSES_MAX], *process;
	bool is_shown[PROCESSES_MAX] = { false };

	cJSON_ArrayForEach (process, tree.processes) {
		if (tree.len < PROCESSES_MAX)
			at[tree.len++] = process;
	}
	tree.at = at;
	tree.is_shown = is_shown;
	fputs("  observed\n", to);
	if (!cJSON_GetArraySize(tree.effects) && !cJSON_GetArraySize(tree.drift))
		fputs("    nothing\n", to);
	put_orphans(&tree, tree.drift, put_drift, 2);
	put_orphans(&tree, tree.effects, put_effect, 2);
	put_processes(&tree, 2);
	put_bytes(cJSON_GetObjectItemCaseSensitive(observed, "bytes"), 2, to);
}

/* A section, if it has anything in it. */
static void put_section(const char *title, const cJSON *array,
			void (*put)(const cJSON *entry, int depth, FILE *to), FILE *to)
{
	const cJSON *entry;

	if (!cJSON_GetArraySize(array))
		return;
	fprintf(to, "  %s\n", title);
	cJSON_ArrayForEach (entry, array) {
		put(entry, 2, to);
	}
}

/* A line of the trail: a refusal, or something that was permitted. */
static void put_line(const cJSON *entry, int depth, FILE *to)
{
	if (!strcmp(audit_text(entry, "verdict"), "allow"))
		put_effect(entry, depth, to);
	else
		put_drift(entry, depth, to);
}

static void put_missing(const cJSON *observed, FILE *to)
{
	static const struct {
		const char *key, *about;
	} missing[] = {
		{ "shared", "refused while other calls were open, too: see above, or the trail" },
		{ "lost", "effects lost: the ring was full" },
		{ "omitted", "not listed: there was no room" },
	};

	for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++)
		if (audit_number(observed, missing[i].key))
			fprintf(to, "  %" PRIu64 " %s\n", audit_number(observed, missing[i].key),
				missing[i].about);
}

static void put_member(const cJSON *object, const char *key, const char *before, FILE *to)
{
	const char *text = audit_text(object, key);

	if (!*text)
		return;
	fputs(before, to);
	audit_put(text, to);
}

static void put_container(const cJSON *container, FILE *to)
{
	const cJSON *pod = cJSON_GetObjectItemCaseSensitive(container, "pod");

	if (!container)
		return;
	fputs("  in container", to);
	put_member(container, "name", " ", to);
	fprintf(to, " %.12s", audit_text(container, "id"));
	put_member(container, "runtime", ", ", to);
	put_member(container, "image", ", image ", to);
	put_member(pod, "name", ", pod ", to);
	put_member(pod, "namespace", " in ", to);
	put_member(container, "node", ", node ", to);
	fputc('\n', to);
}

static void put_head(const struct audit_story *story, FILE *to)
{
	fprintf(to, "call %" PRIu64 " of agent %" PRIu64 ": ", story->id, story->agent);
	audit_put(audit_text(story->begin ? story->begin : story->end, "tool"), to);
	if (story->end) {
		fputs(", ", to);
		audit_put(audit_text(story->end, "outcome"), to);
		fprintf(to, " after %" PRIu64 " ms", audit_number(story->end, "duration_ms"));
	} else {
		fputs(", its end is not in the trail", to);
	}
	fputc('\n', to);
	put_container(story->container, to);
}

/* "guard llama: safe after 12 ms" */
static void put_guards(const cJSON *guards, FILE *to)
{
	const cJSON *guard;

	cJSON_ArrayForEach (guard, guards) {
		fputs("    guard ", to);
		audit_put(audit_text(guard, "guard"), to);
		fputs(": ", to);
		audit_put(audit_text(guard, "verdict"), to);
		if (*audit_text(guard, "why")) {
			fputs(", ", to);
			audit_put(audit_text(guard, "why"), to);
		}
		if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(guard, "cached")))
			fputs(", known from an earlier call\n", to);
		else
			fprintf(to, " after %" PRIu64 " ms\n", audit_number(guard, "ms"));
	}
}

static void put_declared(const struct audit_story *story, FILE *to)
{
	static const char *const keys[] = { "time", "request", "tool_use_id" };
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(story->begin, "arguments");

	fputs("  declared\n    ", to);
	if (!story->begin) {
		fputs("its begin is not in the trail\n", to);
		return;
	}
	audit_put(audit_text(story->begin, "tool"), to);
	if (arguments) {
		fputc(' ', to);
		audit_put_json(arguments, to);
	}
	fputc('\n', to);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!*audit_text(story->begin, keys[i]))
			continue;
		fprintf(to, "    %s ", keys[i]);
		audit_put(audit_text(story->begin, keys[i]), to);
		fputc('\n', to);
	}
	put_guards(array_of(story->begin, "guards"), to);
	if (story->revoked) {
		fputs("    ! revoked: ", to);
		audit_put(audit_text(story->revoked, "reason"), to);
		fputc('\n', to);
	}
}

void audit_tree(const struct audit_story *story, FILE *to)
{
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(story->end, "observed");

	put_head(story, to);
	put_declared(story, to);
	if (cJSON_IsObject(observed))
		put_observed(observed, to);
	else
		put_section("observed, as far as it has lines of its own", story->lines, put_line,
			    to);
	put_section("granted by name and not seen", array_of(observed, "unused"), put_effect, to);
	put_section("told after its end", story->late, put_line, to);
	put_section("while other calls were open, too", story->shared, put_drift, to);
	put_missing(observed, to);
	if (story->omitted)
		fprintf(to, "  %" PRIu64 " lines not shown: there were too many\n", story->omitted);
}
