// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_inspect.c - enforcecore inspect: the last calls of a trail, ours or the
 * Python version's, by tool and decision. It reads; `verify` tells whether the
 * record was altered.
 */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "number.h"
#include "one_file.h"
#include "user/learn/quote.h"
#include "user/util.h"

#define UNUSABLE 2
#define ENTRIES_MAX 100000ul
#define FIELD_LEN 160

struct words {
	const char *path;
	const char *tool;
	const char *decision;
	size_t entries;
};

/* One line of the table. */
struct entry {
	char time[FIELD_LEN];
	char tool[FIELD_LEN];
	char decision[16];
	char what[FIELD_LEN];
};

/* The last `max` entries, oldest first from `next`. */
struct table {
	struct entry *entries;
	size_t max, len, next;
};

static const struct argp_option options[] = {
	{ "entries", 'n', "N", 0, "the last N, 1 to 100000 (default 20)", 0 },
	{ "tool", 't', "TOOL", 0, "only of this tool", 0 },
	{ "decision", 'd', "DECISION", 0, "only allowed, or only blocked", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->path;
		return 0;
	case 'n':
		words->entries = number_parse("-n", arg, ENTRIES_MAX, state);
		return 0;
	case 't':
		words->tool = arg;
		return 0;
	case 'd':
		if (strcmp(arg, "allowed") && strcmp(arg, "blocked"))
			argp_error(state, "-d takes allowed or blocked");
		words->decision = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &one_file_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Shows the last calls and refusals of the trail FILE, ours or that of the Python "
	       "version: time, decision, tool, and the arguments or what was refused and why. "
	       "What was only recorded (would-deny) counts as allowed.\v"
	       "Exits with 0, or 2 when FILE cannot be read or a line of it is no entry "
	       "(file:line).",
	.children = children,
};

static const char *text_of(const cJSON *record, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, key));

	return text ? text : "";
}

/* Names are other people's text: what a terminal would act on, or not show, is
 * a question mark; what is too long ends in dots, and in a whole character. */
static void put(char *to, size_t to_len, const char *from)
{
	static const char cut[] = "...";
	size_t at = 0, len;
	uint32_t code = 0;

	for (; *from; from += len) {
		bool shows = (len = quote_decode(from, &code)) && quote_shows(code);

		len = len ? len : 1;
		if (at + (shows ? len : 1) + strlen(cut) >= to_len) {
			strcpy(to + at, cut);
			return;
		}
		memcpy(to + at, shows ? from : "?", shows ? len : 1);
		at += shows ? len : 1;
	}
	to[at] = '\0';
}

static void put_arguments(struct entry *entry, const cJSON *record)
{
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(record, "arguments");
	char *text = arguments ? cJSON_PrintUnformatted(arguments) : NULL;
	char what[2 * FIELD_LEN] = "";
	const cJSON *guard;

	cJSON_ArrayForEach (guard, cJSON_GetObjectItemCaseSensitive(record, "guards")) {
		size_t len = strlen(what);

		snprintf(what + len, sizeof(what) - len, "%.40s:%.10s ", text_of(guard, "guard"),
			 text_of(guard, "verdict"));
	}
	snprintf(what + strlen(what), sizeof(what) - strlen(what), "%s", text ? text : "");
	put(entry->what, sizeof(entry->what), what);
	cJSON_free(text);
}

/* The reason comes first: a name may be longer than the field. */
static void put_refusal(struct entry *entry, const cJSON *record, bool would)
{
	const char *op = text_of(record, "op");
	char what[2 * FIELD_LEN];

	snprintf(what, sizeof(what), "%s%s%s%s%s%s", would ? "would-deny " : "",
		 text_of(record, "reason"), *op ? ": " : "", op, *op ? " " : "",
		 text_of(record, "target"));
	put(entry->what, sizeof(entry->what), what);
}

/* False: a record that is about no decision. */
static bool read_ours(const cJSON *record, const char *kind, struct entry *entry)
{
	bool would = !strcmp(text_of(record, "verdict"), "would-deny");
	bool begin = !strcmp(kind, "call_begin");

	if (!begin && strcmp(kind, "denial") && strcmp(kind, "call_refused"))
		return false;
	put(entry->time, sizeof(entry->time), text_of(record, "time"));
	put(entry->tool, sizeof(entry->tool), text_of(record, "tool"));
	strcpy(entry->decision, begin || would ? "allowed" : "blocked");
	if (begin)
		put_arguments(entry, record);
	else
		put_refusal(entry, record, would);
	return true;
}

static bool read_python(const cJSON *record, struct entry *entry)
{
	put(entry->time, sizeof(entry->time), text_of(record, "timestamp"));
	put(entry->tool, sizeof(entry->tool), text_of(record, "tool_name"));
	put(entry->decision, sizeof(entry->decision), text_of(record, "decision"));
	put(entry->what, sizeof(entry->what), text_of(record, "violation_reason"));
	return true;
}

static bool is_python(const cJSON *record)
{
	const char *decision = text_of(record, "decision");

	return cJSON_IsString(cJSON_GetObjectItemCaseSensitive(record, "tool_name")) &&
	       (!strcmp(decision, "allowed") || !strcmp(decision, "blocked"));
}

/* Every record of ours has its number; see trail.h. */
static bool is_ours(const cJSON *record)
{
	return *text_of(record, "kind") && *text_of(record, "time") &&
	       cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(record, "seq"));
}

static bool wanted(const struct words *words, const struct entry *entry)
{
	return (!words->tool || !strcmp(words->tool, entry->tool)) &&
	       (!words->decision || !strcmp(words->decision, entry->decision));
}

static void add(struct table *table, const struct entry *entry)
{
	table->entries[table->next] = *entry;
	table->next = (table->next + 1) % table->max;
	table->len += table->len < table->max;
}

static int add_line(const struct words *words, struct table *table, const char *line, size_t len)
{
	/* the whole line: nothing stands behind the entry, and no NUL hides it */
	cJSON *record = strlen(line) == len ? cJSON_ParseWithOpts(line, NULL, true) : NULL;
	bool ours = is_ours(record), python = !ours && is_python(record);
	struct entry entry;

	memset(&entry, 0, sizeof(entry));
	if ((ours ? read_ours(record, text_of(record, "kind"), &entry) :
		    python && read_python(record, &entry)) &&
	    wanted(words, &entry))
		add(table, &entry);
	cJSON_Delete(record);
	return ours || python ? 0 : -EBADMSG;
}

static int complain(const struct words *words, int error)
{
	fprintf(stderr, "enforcecore: inspect: %s: %s\n", words->path, strerror(error));
	return -error;
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int read_all(const struct words *words, struct table *table)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(words->path, "re");
	_cleanup_free_ char *line = NULL;
	unsigned long number = 0;
	size_t room = 0;
	ssize_t len;
	int r = 0;

	if (!file)
		return complain(words, errno);
	while ((len = getline(&line, &room, file)) > 0) {
		number++;
		if (add_line(words, table, line, (size_t)len) == 0)
			continue;
		fprintf(stderr, "enforcecore: inspect: %s:%lu: not an entry of a trail\n",
			words->path, number);
		r = -EBADMSG;
	}
	return feof(file) ? r : complain(words, errno);
}

static void print(const struct table *table)
{
	size_t first = (table->next + table->max - table->len) % table->max;

	printf("%-32s %-8s %-24s %s\n", "TIME", "DECISION", "TOOL", "WHAT");
	for (size_t i = 0; i < table->len; i++) {
		const struct entry *e = &table->entries[(first + i) % table->max];

		printf("%-32s %-8s %-24s %s\n", e->time, e->decision, *e->tool ? e->tool : "-",
		       e->what);
	}
	printf("%zu shown\n", table->len);
}

static int cmd_inspect(int argc, char **argv)
{
	struct words words = { .entries = 20 };
	struct table table = { 0 };
	int r;

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return UNUSABLE;
	table.max = words.entries;
	table.entries = calloc(table.max, sizeof(*table.entries));
	if (!table.entries)
		return UNUSABLE;
	r = read_all(&words, &table);
	if (r == 0 || r == -EBADMSG)
		print(&table);
	free(table.entries);
	return r < 0 ? UNUSABLE : 0;
}

COMMAND(cmd_inspect, "inspect", "the last calls of a trail");
