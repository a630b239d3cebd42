// SPDX-License-Identifier: Apache-2.0
/*
 * export_jsonl.c - JSON Lines (jsonlines.org, 1.0): each record with the members and the
 * numbers that the trail has, byte for byte, except that everything but printable ASCII
 * is escaped. No limit beyond a line's 1 MiB. The chain is verified here; the lines that
 * are written are others where they had to be escaped.
 */
#include "export_impl.h"

static int put_record(struct export *export, const struct export_record *record)
{
	export_put_ascii(record->line, record->line_len, export->to);
	fputc('\n', export->to);
	export->result->written++;
	return 0;
}

const struct export_format export_jsonl = {
	.name = "jsonl",
	.about = "JSON lines: the records as they are, in ASCII",
	.record = put_record,
};
