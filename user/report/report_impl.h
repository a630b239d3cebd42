/* SPDX-License-Identifier: Apache-2.0 */
/* report_impl.h - what the report's own files share; nobody else's. */
#ifndef EC_REPORT_IMPL_H
#define EC_REPORT_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

struct cJSON;

/* ---- report_text.c: JSON that is safe within a <script> of data ---- */

/* A string, quotes included: no `<`, `>` or `&`, and nothing that does not show. */
void report_put_text(const char *text, FILE *to);
int report_put_value(const struct cJSON *value, FILE *to); /* -ENOMEM */
/* Text of an HTML element: the same, and no quotes. */
void report_put_html(const char *text, FILE *to);

/* ---- report_names.c: strings of one chunk of rows, each once ---- */

/* Rows refer to them by number, from 1. A chunk ends behind so many, and a line of 1 MiB
 * cannot have as many as there is room for beyond. */
#define REPORT_CHUNK_NAMES 8192u
#define REPORT_NAMES_MAX (1u << 17)

struct report_names {
	char *at[REPORT_NAMES_MAX];
	bool is_hex[REPORT_NAMES_MAX];
	size_t len;
	size_t text_len;
	unsigned int slots[2 * REPORT_NAMES_MAX];
};

void report_names_clear(struct report_names *names);
/* 0: "", or no memory. is_hex: the text is bytes that are
 * not UTF-8, in hex. */
unsigned int report_names_add(struct report_names *names, const char *text, bool is_hex);
/* Those of a record's member, and of its exact bytes beside it, if there are. */
unsigned int report_names_member(struct report_names *names, const struct cJSON *record,
				 const char *name);
void report_names_put(const struct report_names *names, FILE *to);

/* ---- report_row.c: a record as a row, see README.md ---- */

/* Whole numbers that JavaScript has exactly. */
#define REPORT_NUMBER_MAX 9007199254740991.0

/* Rows that stand together: each is told by what differs from the one before. */
struct report_chunk {
	struct report_names names;
	struct report_last {
		double seq, time_us;
	} last;
};

/* Takes members out of record. -ENOMEM. */
int report_put_row(struct report_chunk *chunk, struct cJSON *record, FILE *to);
/* Refusals, and what else asks for attention. */
bool report_is_finding(const struct cJSON *record);

/* report_observed.c: of a call's end. */
void report_put_observed(struct report_names *names, const struct cJSON *observed, FILE *to);

/* ---- report_pack.c ---- */

/* A <script> of data: a zlib stream in base64. -ENOMEM. */
int report_put_packed(const char *text, size_t len, FILE *to);

/* ---- report_totals.c ---- */

#define REPORT_TIME_SIZE 40u

struct report_totals {
	uint64_t records, denials, would_deny, refused, calls, effects, drift, sessions;
	uint64_t lost; /* effects and denials that no line tells of */
	char first[REPORT_TIME_SIZE], last[REPORT_TIME_SIZE];
};
void report_totals_add(struct report_totals *totals, const struct cJSON *record);

/* ---- report_page.c: the page around the data ---- */

struct report_page {
	const char *path;
	const struct report_result *result;
	int holds; /* 0, or -EBADMSG */
	const struct report_totals *totals;
	int (*put_data)(void *ctx, FILE *to);
	void *ctx;
};
int report_put_page(const struct report_page *page, FILE *to);

#endif
