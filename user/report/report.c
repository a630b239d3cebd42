// SPDX-License-Identifier: Apache-2.0
/*
 * report.c - the trail is read twice: once for whether it holds and what it comes
 * to, which stands first in the page, and once for its rows.
 */
#include "report.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_impl.h"
#include "user/evidence/files_read.h"

/* Rows that are packed together; a browser parses them in one step. */
#define CHUNK_TEXT_MAX (1u << 20)

struct report {
	struct report_result *result;
	const char *path;
	struct report_totals totals;
	/* the second reading */
	FILE *to;
	FILE *row; /* one, until it is known that there is room for it */
	char *row_text;
	size_t row_len;
	FILE *rows; /* those of the chunk */
	char *rows_text;
	size_t rows_len;
	struct report_chunk chunk;
	uint64_t findings, others, findings_bytes, others_bytes;
	uint64_t read, rows_put;
	uint64_t bad_row; /* from 1: the first that stands where the chain does not hold */
	struct trail_report trail;
};

static int on_count(void *ctx, const char *line, size_t line_len)
{
	struct report *report = ctx;
	cJSON *record = cJSON_ParseWithLength(line, line_len);

	report_totals_add(&report->totals, record);
	cJSON_Delete(record);
	return 0;
}

static int end_chunk(struct report *report)
{
	int r = 0;

	if (fflush(report->rows))
		return -ENOMEM;
	if (!report->rows_len)
		return 0;
	fputs("],\"s\":", report->rows);
	report_names_put(&report->chunk.names, report->rows);
	fputc('}', report->rows);
	r = fflush(report->rows) ? -ENOMEM : 0;
	if (r == 0)
		r = report_put_packed(report->rows_text, report->rows_len, report->to);
	rewind(report->rows);
	report->chunk.last = (struct report_last) { 0 };
	report_names_clear(&report->chunk.names);
	return r < 0 ? r : fflush(report->rows) ? -ENOMEM : 0;
}

/* False: the page has no room for it, and says so. */
static bool has_room(struct report *report, bool is_finding, size_t len)
{
	uint64_t *count = is_finding ? &report->findings : &report->others;
	uint64_t *bytes = is_finding ? &report->findings_bytes : &report->others_bytes;

	if (*count == (is_finding ? REPORT_FINDINGS_MAX : REPORT_OTHERS_MAX) ||
	    *bytes + len > (is_finding ? REPORT_FINDINGS_BYTES_MAX : REPORT_OTHERS_BYTES_MAX)) {
		(*(is_finding ? &report->result->left_out_findings :
				&report->result->left_out_others))++;
		return false;
	}
	(*count)++;
	*bytes += len;
	return true;
}

static int put_row(struct report *report, cJSON *record)
{
	size_t text_len = report->chunk.names.text_len;
	const struct report_last last = report->chunk.last;
	bool is_finding = report_is_finding(record);
	int r;

	rewind(report->row);
	r = report_put_row(&report->chunk, record, report->row);
	if (fflush(report->row))
		r = -ENOMEM;
	if (r == 0 && !has_room(report, is_finding,
				report->row_len + report->chunk.names.text_len - text_len)) {
		report->chunk.last = last;
		return 0;
	}
	if (r < 0)
		return r;
	fputs(report->rows_len ? ",\n" : "{\"r\":[", report->rows);
	fwrite(report->row_text, 1, report->row_len, report->rows);
	report->rows_put++;
	if (report->trail.bad_line && !report->bad_row)
		report->bad_row = report->rows_put;
	return fflush(report->rows) ? -ENOMEM : 0;
}

#define END (-ECANCELED)

static int on_row(void *ctx, const char *line, size_t line_len)
{
	struct report *report = ctx;
	cJSON *record = cJSON_ParseWithLength(line, line_len);
	int r;

	/* written since the first reading: nobody verified it */
	if (report->read == report->totals.records)
		return END;
	report->read++;
	/* no record: valid JSON that our reader of trees has no room for */
	r = record ? put_row(report, record) : 0;
	report->result->left_out_others += !record;
	cJSON_Delete(record);
	if (r == 0 && (report->rows_len + report->chunk.names.text_len > CHUNK_TEXT_MAX ||
		       report->chunk.names.len > REPORT_CHUNK_NAMES))
		r = end_chunk(report);
	return r;
}

static int put_rows(struct report *report)
{
	int r;

	report->row = open_memstream(&report->row_text, &report->row_len);
	report->rows = open_memstream(&report->rows_text, &report->rows_len);
	r = report->row && report->rows ? 0 : -ENOMEM;
	if (r == 0)
		r = files_read(report->path, on_row, report, &report->trail);
	if (r == -EBADMSG || r == END)
		r = 0;
	if (r == 0)
		r = end_chunk(report);
	if (report->row)
		fclose(report->row);
	if (report->rows)
		fclose(report->rows);
	free(report->row_text);
	free(report->rows_text);
	report_names_clear(&report->chunk.names);
	return r;
}

static int put_data(void *ctx, FILE *to)
{
	struct report *report = ctx;
	int r;

	report->to = to;
	r = put_rows(report);
	fprintf(to,
		"<script type=\"application/json\" id=\"rest\">{\"findings\":%llu,\"others\":%llu,"
		"\"bad\":%llu}</script>\n",
		(unsigned long long)report->result->left_out_findings,
		(unsigned long long)report->result->left_out_others,
		(unsigned long long)report->bad_row);
	return r;
}

static int write_report(struct report *report, FILE *to)
{
	struct report_result *result = report->result;
	int holds = files_read(report->path, on_count, report, &result->trail), r;

	if (holds < 0 && holds != -EBADMSG)
		return holds;
	result->records = report->totals.records;
	r = report_put_page(&(struct report_page) { .path = report->path,
						    .result = result,
						    .holds = holds,
						    .totals = &report->totals,
						    .put_data = put_data,
						    .ctx = report },
			    to);
	return r < 0 ? r : holds;
}

int report_write(const char *path, FILE *to, struct report_result *ret_result)
{
	struct report *report;
	int r = files_check(path);

	memset(ret_result, 0, sizeof(*ret_result));
	if (r < 0)
		return r;
	r = -ENOMEM;
	report = calloc(1, sizeof(*report));
	if (report) {
		report->path = path;
		report->result = ret_result;
		r = write_report(report, to);
	}
	free(report);
	return r;
}
