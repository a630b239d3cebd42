// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/top/top_print.h"

/* Of two agents; the second does all of it. */
static cJSON *status_of(unsigned int effects, unsigned int denied, const char *policy)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "{\"loaded\":true,\"agents\":[{\"agent\":1,\"policy\":\"idle\",\"mode\":"
		 "\"observe\","
		 "\"tasks\":1,\"calls\":[],\"denied\":0,\"lost\":{\"denials\":1,\"effects\":2},"
		 "\"controller\":{\"alive\":false},\"canary\":{\"state\":\"nobody looks\"}},"
		 "{\"agent\":2,\"policy\":\"%s\",\"mode\":\"enforce\",\"tasks\":3,"
		 "\"calls\":[{\"call\":9,\"tool\":\"t\\u001b\",\"age_ms\":1500,\"left_ms\":500}],"
		 "\"denied\":%u,\"effects\":{\"read\":{\"allow\":%u,\"deny\":%u}},"
		 "\"lost\":{\"denials\":0,\"effects\":0},\"controller\":{\"alive\":true},"
		 "\"canary\":{\"state\":\"ok\"}}]}",
		 policy, denied, effects - denied, denied);
	return cJSON_Parse(text);
}

static char *print(const struct top_rows *rows, const cJSON *status, struct top_size size,
		   bool json)
{
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (json)
		top_print_json(rows, status, to);
	else
		top_print(rows, status, size, to);
	fclose(to);
	return text;
}

Test(top, rates_are_differences_by_time)
{
	cJSON *before = status_of(100, 10, "p"), *after = status_of(300, 20, "p");
	struct top_rows *rows = calloc(1, sizeof(*rows));

	top_rows_fill(rows, before, after, 2);
	cr_assert_eq(rows->len, 2);
	cr_assert_eq(rows->at[0].uid, 2, "the busiest comes first");
	cr_assert_float_eq(rows->at[0].effects_s, 100, 1e-9);
	cr_assert_float_eq(rows->at[0].denials_s, 5, 1e-9);
	cr_assert_eq(rows->total.lost, 3);
	top_rows_fill(rows, NULL, after, 2);
	cr_assert_float_eq(rows->total.effects_s, 0, 1e-9);
	top_rows_fill(rows, after, before, 2);
	cr_assert_float_eq(rows->total.effects_s, 0, 1e-9, "it is not less than nothing");
	cJSON_Delete(before);
	cJSON_Delete(after);
	free(rows);
}

Test(top, one_page_for_people)
{
	cJSON *before = status_of(100, 10, "p"), *after = status_of(300, 20, "p");
	struct top_rows *rows = calloc(1, sizeof(*rows));
	char *text;

	top_rows_fill(rows, before, after, 2);
	text = print(rows, after, (struct top_size) { 0 }, false);
	cr_assert_str_eq(
		text,
		"enforcecore: 2 agents, 4 tasks, 1 calls open; 100.0 effects/s, 5.0 denials/s; 20 "
		"denied, 3 lost\n"
		" AGENT MODE    CONTROL   TASKS CALLS EFFECTS/S DENIALS/S    DENIED    LOST "
		"POLICY\n"
		"     2 enforce alive         3     1     100.0       5.0        20       0 p\n"
		"       call 9 \"t\\u{1b}\", 1.5 s old, 0.5 s left\n"
		"     1 observe dead          1     0       0.0       0.0         0       3 "
		"idle\n");
	free(text);
	cJSON_Delete(before);
	cJSON_Delete(after);
	free(rows);
}

Test(top, fits_any_terminal)
{
	cJSON *status = status_of(100, 10, "\xc3\xa4\xc3\xb6\xc3\xbc");
	struct top_rows *rows = calloc(1, sizeof(*rows));

	top_rows_fill(rows, NULL, status, 1);
	for (unsigned int lines = 1; lines < 8; lines++)
		for (unsigned int columns = 1; columns < 100; columns++) {
			char *text = print(rows, status, (struct top_size) { lines, columns },
					   false),
			     *at = text;
			unsigned int seen = 0;

			for (char *line; (line = strsep(&at, "\n")); seen++) {
				unsigned int width = 0;

				*strstr(line, "\033[K") = '\0';
				for (; *line; line++)
					width += (*line & 0xc0) != 0x80;
				cr_assert_leq(width, columns);
			}
			cr_assert_eq(seen, lines < 5 ? lines : 5);
			free(text);
		}
	cJSON_Delete(status);
	free(rows);
}

Test(top, json_is_one_line)
{
	cJSON *status = status_of(100, 10, "p"), *json;
	struct top_rows *rows = calloc(1, sizeof(*rows));
	char *text;

	top_rows_fill(rows, NULL, status, 1);
	text = print(rows, status, (struct top_size) { 0 }, true);
	cr_assert_eq(strcspn(text, "\n") + 1, strlen(text));
	json = cJSON_Parse(text);
	cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "agents")), 2);
	cr_assert_eq(cJSON_GetObjectItem(json, "open_calls")->valueint, 1);
	cJSON_Delete(json);
	cJSON_Delete(status);
	free(text);
	free(rows);
}

Test(top, nobody_is_there)
{
	cJSON *none = cJSON_Parse("{\"loaded\":false}");
	struct top_rows *rows = calloc(1, sizeof(*rows));
	char *text;

	top_rows_fill(rows, NULL, none, 1);
	text = print(rows, none, (struct top_size) { 0 }, false);
	cr_assert(strstr(text, "nobody is confined"));
	free(text);
	cJSON_Delete(none);
	free(rows);
}
