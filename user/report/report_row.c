// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_impl.h"
#include "user/moment.h"
#include "user/plain.h"

bool report_is_finding(const struct cJSON *record)
{
	/* what no refusal is, and nobody should miss */
	static const char *const kinds[] = {
		"call_refused", "result_refused", "call_revoked", "flow",
		"gap",		"canary",	  "recovered",	  "controller_lost",
		"session_left", "budget_spent",	  "unseen",
	};
	const char *kind = plain_text(record, "kind"), *verdict = plain_text(record, "verdict");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return !strcmp(verdict, "deny") || !strcmp(verdict, "would-deny");
}

static bool is_count(const cJSON *item)
{
	return cJSON_IsNumber(item) && item->valuedouble >= 0 &&
	       item->valuedouble <= REPORT_NUMBER_MAX &&
	       item->valuedouble == (double)(uint64_t)item->valuedouble;
}

/* A column: what is not of its type stays among the rest. */
static double take_number(cJSON *record, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, name);
	double number = 0;

	if (cJSON_IsNull(item) || is_count(item)) {
		number = cJSON_IsNull(item) ? 0 : item->valuedouble;
		cJSON_DeleteItemFromObjectCaseSensitive(record, name);
	}
	return number;
}

static double take_name(struct report_names *names, cJSON *record, const char *name)
{
	unsigned int number = report_names_member(names, record, name);
	char beside[64];

	if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(record, name)))
		cJSON_DeleteItemFromObjectCaseSensitive(record, name);
	if (!number)
		return 0;
	snprintf(beside, sizeof(beside), "%s_hex", name);
	cJSON_DeleteItemFromObjectCaseSensitive(record, beside);
	cJSON_DeleteItemFromObjectCaseSensitive(record, name);
	return number;
}

/* Those of seq and time stand before them. */
#define COLUMNS 13

static void take_columns(struct report_names *names, cJSON *record, double columns[COLUMNS])
{
	static const struct {
		const char *name;
		bool is_number;
	} members[COLUMNS] = {
		{ "kind", false }, { "agent", true },	{ "call", true },     { "tool", false },
		{ "op", false },   { "target", false }, { "verdict", false }, { "reason", false },
		{ "rule", false }, { "pid", true },	{ "exe", false },     { "uid", true },
		{ "tid", true },
	};

	for (size_t i = 0; i < COLUMNS; i++)
		columns[i] = members[i].is_number ? take_number(record, members[i].name) :
						    take_name(names, record, members[i].name);
}

/* "2026-01-31T12:00:00.123456Z", as trails have it, in microseconds; 0: another. */
static double read_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00.000000Z";
	int64_t seconds;

	if (strlen(text) != strlen(shape))
		return 0;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return 0;
	/* a leap second would be shown as the moment after it */
	if (text[17] == '6' || moment_parse(text, &seconds) < 0)
		return 0;
	return (double)seconds * 1e6 + (double)strtoul(text + 20, NULL, 10);
}

static void put_time(struct report_last *last, cJSON *record, FILE *to)
{
	cJSON *time = cJSON_GetObjectItemCaseSensitive(record, "time");
	double time_us = cJSON_IsString(time) ? read_time(time->valuestring) : 0;

	fputc(',', to);
	if (time_us) {
		fprintf(to, "%.0f", time_us - last->time_us);
		last->time_us = time_us;
	} else {
		report_put_text(cJSON_IsString(time) ? time->valuestring : "", to);
	}
	if (cJSON_IsString(time))
		cJSON_DeleteItemFromObjectCaseSensitive(record, "time");
}

/* 0: the number behind that of the row before. */
static void put_seq(struct report_last *last, cJSON *record, FILE *to)
{
	double seq = take_number(record, "seq");

	fprintf(to, "[%.0f", seq == last->seq + 1 ? 0 : seq);
	last->seq = seq;
}

/* Everything else, and `observed` in its own form. */
static int put_rest(struct report_names *names, cJSON *record, FILE *to)
{
	cJSON *observed = cJSON_GetObjectItemCaseSensitive(record, "observed");
	int r = 0;

	if (cJSON_IsObject(observed))
		observed = cJSON_DetachItemViaPointer(record, observed);
	else
		observed = NULL;
	if (record->child) {
		fputc(',', to);
		r = report_put_value(record, to);
	} else if (observed) {
		fputs(",0", to);
	}
	if (observed) {
		fputc(',', to);
		report_put_observed(names, observed, to);
	}
	cJSON_Delete(observed);
	return r;
}

int report_put_row(struct report_chunk *chunk, struct cJSON *record, FILE *to)
{
	double columns[COLUMNS];
	size_t len = COLUMNS;

	cJSON_DeleteItemFromObjectCaseSensitive(record, "prev");
	put_seq(&chunk->last, record, to);
	put_time(&chunk->last, record, to);
	take_columns(&chunk->names, record, columns);
	while (!record->child && len && !columns[len - 1])
		len--;
	for (size_t i = 0; i < len; i++)
		fprintf(to, columns[i] ? ",%.0f" : ",0", columns[i]);
	if (record->child && put_rest(&chunk->names, record, to) < 0)
		return -ENOMEM;
	fputc(']', to);
	return 0;
}
