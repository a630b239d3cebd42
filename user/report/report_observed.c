// SPDX-License-Identifier: Apache-2.0
/* report_observed.c - what a call's end has observed, without the names of the
 * members: README.md has their order. */
#include <cjson/cJSON.h>

#include "report_impl.h"

struct put {
	struct report_names *names;
	FILE *to;
	bool more;
};

static void put_number(struct put *put, double number)
{
	fputs(put->more ? "," : "", put->to);
	put->more = true;
	if (number >= 0 && number <= REPORT_NUMBER_MAX)
		fprintf(put->to, "%.0f", number);
	else
		fputc('0', put->to);
}

static void put_member(struct put *put, const cJSON *entry, const char *name)
{
	put_number(put, cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(entry, name)));
}

static void put_name(struct put *put, const cJSON *entry, const char *name)
{
	put_number(put, report_names_member(put->names, entry, name));
}

static void put_effect(struct put *put, const cJSON *entry)
{
	put_member(put, entry, "pid");
	put_name(put, entry, "op");
	put_name(put, entry, "target");
	put_member(put, entry, "count");
}

static void put_drift(struct put *put, const cJSON *entry)
{
	put_effect(put, entry);
	put_name(put, entry, "verdict");
	put_name(put, entry, "reason");
	put_name(put, entry, "rule");
}

static void put_unused(struct put *put, const cJSON *entry)
{
	put_name(put, entry, "op");
	put_name(put, entry, "target");
}

static void put_process(struct put *put, const cJSON *entry)
{
	const cJSON *program;

	fputs(put->more ? ",[" : "[", put->to);
	put->more = false;
	put_member(put, entry, "pid");
	put_member(put, entry, "parent");
	cJSON_ArrayForEach (program, cJSON_GetObjectItemCaseSensitive(entry, "programs")) {
		put_name(put, program, "exe");
	}
	fputc(']', put->to);
	put->more = true;
}

static void put_bytes(struct put *put, const cJSON *bytes)
{
	if (!cJSON_IsObject(bytes))
		return;
	fputs(",\"b\":[", put->to);
	put->more = false;
	put_member(put, bytes, "read");
	put_member(put, bytes, "written");
	put_member(put, bytes, "sent");
	put_member(put, bytes, "unknown");
	put_number(put, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(bytes, "shared")));
	fputc(']', put->to);
}

void report_put_observed(struct report_names *names, const struct cJSON *observed, FILE *to)
{
	static const struct {
		const char *key, *as;
		void (*put)(struct put *put, const cJSON *entry);
	} lists[] = {
		{ "processes", "p", put_process },
		{ "effects", "e", put_effect },
		{ "drift", "d", put_drift },
		{ "unused", "u", put_unused },
	};
	static const char *const numbers[] = { "shared", "lost", "omitted" };
	struct put put = { .names = names, .to = to };
	const cJSON *counts = cJSON_GetObjectItemCaseSensitive(observed, "counts"), *entry;

	fputs("{\"c\":", to);
	if (!cJSON_IsObject(counts) || report_put_value(counts, to) < 0)
		fputs("{}", to);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const cJSON *list = cJSON_GetObjectItemCaseSensitive(observed, lists[i].key);

		if (!cJSON_IsArray(list))
			continue;
		put.more = false;
		fprintf(to, ",\"%s\":[", lists[i].as);
		cJSON_ArrayForEach (entry, list) {
			lists[i].put(&put, entry);
		}
		fputc(']', to);
	}
	put_bytes(&put, cJSON_GetObjectItemCaseSensitive(observed, "bytes"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		fprintf(to, ",\"%s\":", numbers[i]);
		put.more = false;
		put_member(&put, observed, numbers[i]);
	}
	fputc('}', to);
}
