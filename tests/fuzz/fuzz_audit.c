// SPDX-License-Identifier: Apache-2.0
/*
 * Any trail (records.h), shown: nothing of it acts on a terminal, and JSON is JSON.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "records.h"
#include "user/audit/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (; *text; text++)
		CLAIM(*text == '\n' || ((unsigned char)*text >= 0x20 && *text != 0x7f));
}

static void check_json(char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) && rest;) {
		cJSON *object = cJSON_ParseWithOpts(line, NULL, true);

		CLAIM(object);
		cJSON_Delete(object);
	}
}

static void show(const char *path, uint64_t id, bool json)
{
	struct trail_report report;
	uint64_t found = 0;
	char *shown = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&shown, &len);
	int r;

	r = id ? audit_call(path, id, json, to, &report, &found) :
		 audit_list(path, json, to, &report);
	fclose(to);
	CLAIM(r == 0 || (r == -EBADMSG && report.bad_line));
	CLAIM(strlen(shown) == len);
	check_text(shown);
	if (json)
		check_json(shown);
	free(shown);
}

static void show_all(const char *path, const void *ctx)
{
	(void)ctx;
	for (int json = 0; json < 2; json++) {
		show(path, 0, json);
		show(path, 1, json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	records_read(data, size, show_all, NULL);
	return 0;
}
