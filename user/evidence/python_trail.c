// SPDX-License-Identifier: Apache-2.0
#include "python_trail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python_text.h"
#include "user/json/json_whole.h"
#include "user/trail/trail_hash.h"
#include "user/trail/trail_source.h"
#include "user/util.h"

/* As Python's sort_keys orders them; entry_hash is not in its own hash. */
enum {
	CALL_DURATION_MS,
	CALL_ID,
	DECISION,
	ENTRY_ID,
	INPUT_REDACTIONS,
	OUTPUT_REDACTIONS,
	OVERHEAD_MS,
	POLICY_NAME,
	POLICY_VERSION,
	PREVIOUS_HASH,
	TENANT_ID,
	TIMESTAMP,
	TOOL_NAME,
	VIOLATION_REASON,
	VIOLATION_TYPE,
	ENTRY_HASH,
	FIELDS
};

static const struct json_watch fields[FIELDS] = {
	[CALL_DURATION_MS] = { "call_duration_ms", -1 },
	[CALL_ID] = { "call_id", -1 },
	[DECISION] = { "decision", -1 },
	[ENTRY_ID] = { "entry_id", -1 },
	[INPUT_REDACTIONS] = { "input_redactions", -1 },
	[OUTPUT_REDACTIONS] = { "output_redactions", -1 },
	[OVERHEAD_MS] = { "overhead_ms", -1 },
	[POLICY_NAME] = { "policy_name", -1 },
	[POLICY_VERSION] = { "policy_version", -1 },
	[PREVIOUS_HASH] = { "previous_hash", -1 },
	[TENANT_ID] = { "tenant_id", -1 },
	[TIMESTAMP] = { "timestamp", -1 },
	[TOOL_NAME] = { "tool_name", -1 },
	[VIOLATION_REASON] = { "violation_reason", -1 },
	[VIOLATION_TYPE] = { "violation_type", -1 },
	[ENTRY_HASH] = { "entry_hash", -1 },
};

/* Strings may grow sixfold. */
#define TEXT_MAX(line_len) (6 * (line_len) + FIELDS * JSON_SCAN_KEY_MAX)

bool python_trail_is(const char *line, size_t line_len)
{
	struct json_whole_seen seen[FIELDS];

	return json_whole(line, line_len, fields, FIELDS, seen) == JSON_OBJECT &&
	       seen[ENTRY_HASH].count && seen[PREVIOUS_HASH].count && seen[ENTRY_ID].count;
}

static bool put_value(const struct json_whole_seen *seen, char *text, size_t *len)
{
	size_t n = seen->raw_len;

	switch (seen->kind) {
	case JSON_STRING:
		n = python_string(seen->raw, seen->raw_len, text + *len);
		break;
	case JSON_NUMBER:
		if (!python_number(seen->raw, n))
			return false;
		/* fall through */
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		memcpy(text + *len, seen->raw, n);
		break;
	default:
		return false; /* no field is an array or an object */
	}
	*len += n;
	return n > 0;
}

/* What the hash is of. False: a field is not what it should be. */
static bool make_text(const struct json_whole_seen *seen, char *text, size_t *ret_len)
{
	size_t len = 0;

	for (int i = 0; i < ENTRY_HASH; i++) {
		if (!seen[i].count)
			continue;
		text[len] = len ? ',' : '{';
		text[len + 1] = '"';
		len += 2;
		len = (size_t)(stpcpy(stpcpy(text + len, fields[i].key), "\":") - text);
		if (!put_value(&seen[i], text, &len))
			return false;
	}
	text[len++] = '}';
	*ret_len = len;
	return true;
}

static bool is_string(const struct json_whole_seen *seen, const char *text)
{
	size_t len = strlen(text);

	return seen->kind == JSON_STRING && seen->raw_len == len + 2 &&
	       !memcmp(seen->raw + 1, text, len);
}

static const char *check_fields(const struct json_whole_seen *seen, const char *head,
				struct python_report *report)
{
	for (int i = 0; i < FIELDS; i++) {
		if (seen[i].count > 1)
			return "a field occurs twice";
		if (seen[i].folded || (!seen[i].count && i != TENANT_ID))
			return "a field is missing";
	}
	report->untenanted += !seen[TENANT_ID].count;
	return is_string(&seen[PREVIOUS_HASH], head) ?
		       NULL :
		       "\"previous_hash\" is not the \"entry_hash\" of the line before";
}

const char *python_trail_line(const char *line, size_t line_len, char head[65],
			      struct python_report *report)
{
	struct json_whole_seen seen[FIELDS];
	_cleanup_free_ char *text = NULL;
	char hash[TRAIL_HASH_SIZE];
	const char *why;
	size_t len, members;

	if (json_whole_counted(line, line_len, fields, FIELDS, seen, &members) != JSON_OBJECT)
		return "it is not a JSON object";
	why = check_fields(seen, head, report);
	if (why)
		return why;
	text = malloc(TEXT_MAX(line_len));
	if (!text)
		return "there is no memory for it";
	if (!make_text(seen, text, &len))
		return "a field is not as Python writes it";
	trail_hash(text, len, hash);
	if (!is_string(&seen[ENTRY_HASH], hash))
		return "\"entry_hash\" is not the hash of its fields";
	report->extra += members > FIELDS - 1 + seen[TENANT_ID].count;
	memcpy(head, hash, sizeof(hash));
	return NULL;
}

/* ---- a file of them ---- */

#define BUFFER_SIZE (4 * (size_t)TRAIL_LINE_MAX)

static int fail(struct python_report *report, const char *why)
{
	report->bad_line = report->lines;
	snprintf(report->reason, sizeof(report->reason), "%s", why);
	return -EBADMSG;
}

static bool is_blank(const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	return !len;
}

/* Python reads over blank lines. */
static int take_line(const char *line, size_t len, struct python_report *report)
{
	const char *why;

	report->lines++;
	if (is_blank(line, len))
		return 0;
	why = python_trail_line(line, len, report->head, report);
	return why ? fail(report, why) : 0;
}

static int take_lines(char *buf, size_t *len, struct python_report *report)
{
	const char *at = buf, *newline;
	int r = 0;

	while (r == 0 && (newline = memchr(at, '\n', *len - (size_t)(at - buf)))) {
		r = take_line(at, (size_t)(newline - at), report);
		at = newline + 1;
	}
	*len -= (size_t)(at - buf);
	memmove(buf, at, *len);
	return r;
}

/* Behind the last newline: a whole line, or one that was cut off while it was
 * written, and that is no object then. */
static int take_rest(const char *buf, size_t len, struct python_report *report)
{
	struct json_whole_seen seen[FIELDS];

	if (is_blank(buf, len))
		return 0;
	if (json_whole(buf, len, fields, FIELDS, seen) == JSON_OBJECT)
		return take_line(buf, len, report);
	report->torn_len = len;
	return 0;
}

int python_trail_verify(const char *path, struct python_report *ret_report)
{
	_cleanup_free_ char *buf = NULL;
	struct trail_source *source;
	size_t len = 0;
	bool end = false;
	int r = trail_source_open(path, &source);

	memset(ret_report, 0, sizeof(*ret_report));
	if (r < 0)
		return r;
	buf = malloc(BUFFER_SIZE);
	r = buf ? 0 : -ENOMEM;
	while (r == 0 && !end && len < BUFFER_SIZE) {
		r = trail_source_fill(source, buf, BUFFER_SIZE, &len, &end);
		if (r == 0)
			r = take_lines(buf, &len, ret_report);
	}
	trail_source_close(source);
	if (r == 0 && !end) {
		ret_report->lines++;
		return fail(ret_report, "it is longer than 4 MiB");
	}
	return r == 0 ? take_rest(buf, len, ret_report) : r;
}
