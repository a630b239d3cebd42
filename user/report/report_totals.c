// SPDX-License-Identifier: Apache-2.0
/* report_totals.c - what the whole trail comes to, also where the page has no room
 * for its rows. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "report_impl.h"
#include "user/plain.h"

static uint64_t count_of(const cJSON *object, const char *name)
{
	double number = plain_number(object, name);

	return number > 0 && number <= REPORT_NUMBER_MAX ? (uint64_t)number : 0;
}

static void add_end(struct report_totals *totals, const cJSON *record)
{
	static const char *const ops[] = { "read", "write", "exec", "connect", "listen", "load" };
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(record, "observed");
	const cJSON *counts = cJSON_GetObjectItemCaseSensitive(observed, "counts");

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		totals->effects += count_of(counts, ops[i]);
	totals->drift += count_of(counts, "drift");
}

static void add_gap(struct report_totals *totals, const cJSON *record)
{
	static const char *const counts[] = { "lost_denials",	   "lost_effects",
					      "unwritten_denials", "unwritten_effects",
					      "unwritten_others",  "bad_records" };

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		totals->lost += count_of(record, counts[i]);
}

void report_totals_add(struct report_totals *totals, const struct cJSON *record)
{
	const char *kind = plain_text(record, "kind"), *time = plain_text(record, "time");
	bool would = !strcmp(plain_text(record, "verdict"), "would-deny");

	totals->records++;
	if (!*totals->first)
		snprintf(totals->first, sizeof(totals->first), "%s", time);
	snprintf(totals->last, sizeof(totals->last), "%s", time);
	if (!strcmp(kind, "denial") && would)
		totals->would_deny++;
	else if (!strcmp(kind, "denial"))
		totals->denials++;
	else if (!strcmp(kind, "call_refused"))
		totals->refused++;
	else if (!strcmp(kind, "call_begin"))
		totals->calls++;
	else if (!strcmp(kind, "session_begin"))
		totals->sessions++;
	else if (!strcmp(kind, "gap"))
		add_gap(totals, record);
	else if (!strcmp(kind, "call_end"))
		add_end(totals, record);
}
