// SPDX-License-Identifier: Apache-2.0
/* The text for Prometheus, and that the dashboard and the alerts ask for what is in it. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/meter/meters.h"
#include "user/metrics/exposition.h"
#include "user/metrics/metrics.h"

struct text {
	char *at;
	size_t len;
	struct exposition e;
};

static struct text *open_text(struct text *text, bool open_metrics)
{
	*text = (struct text) { .e.open_metrics = open_metrics };
	text->e.to = open_memstream(&text->at, &text->len);
	cr_assert(text->e.to);
	return text;
}

static const char *text_of(struct text *text)
{
	fflush(text->e.to);
	return text->at;
}

static void text_done(struct text *text)
{
	fclose(text->e.to);
	free(text->at);
}

Test(exposition, escapes_label_values)
{
	const struct exposition_label labels[] = { { "a", "x\"y\\z\n\xff\xc3\xa4" }, { 0 } };
	struct text text;

	exposition_count(&open_text(&text, false)->e, "n_total", labels, 18446744073709551615ull);
	cr_assert_str_eq(text_of(&text), "n_total{a=\"x\\\"y\\\\z\\n\xef\xbf\xbd\xc3\xa4\"} "
					 "18446744073709551615\n");
	text_done(&text);
}

Test(exposition, sums_a_histogram_up)
{
	const uint64_t bounds[] = { 50000, 1000000000 }, counts[] = { 2, 0, 3 };
	struct text text;

	exposition_histogram(&open_text(&text, false)->e, "h", NULL, bounds, counts, 2, 1500000000);
	cr_assert_str_eq(text_of(&text), "h_bucket{le=\"5e-05\"} 2\nh_bucket{le=\"1.0\"} 2\n"
					 "h_bucket{le=\"+Inf\"} 5\nh_sum 1.500000000\nh_count 5\n");
	text_done(&text);
}

Test(exposition, names_the_family_as_each_format_wants)
{
	struct text text;

	exposition_family(&open_text(&text, false)->e, "n_total", EXPOSITION_COUNTER, "N.");
	exposition_end(&text.e);
	cr_assert_str_eq(text_of(&text), "# HELP n_total N.\n# TYPE n_total counter\n");
	text_done(&text);
	exposition_family(&open_text(&text, true)->e, "n_total", EXPOSITION_COUNTER, "N.");
	exposition_end(&text.e);
	cr_assert_str_eq(text_of(&text), "# HELP n N.\n# TYPE n counter\n# EOF\n");
	text_done(&text);
}

/* What is told of twice is told of in no other way by Prometheus than as an error. */
Test(exposition, names_that_look_the_same_are_one)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_kernel kernel = { 0 };
	struct text text;
	char *first;

	meters_declared(meters, "p", "a\xff", true, 1);
	meters_declared(meters, "p", "a\xfe", true, 1);
	snprintf(meters->tools[9].tool, METERS_NAME, "a\xff"); /* two came at once */
	snprintf(meters->tools[9].policy, METERS_NAME, "p");
	meters->tools[9].allowed = 1;
	meters->tools[9].state = METERS_USED;
	metrics_print_meters(&open_text(&text, false)->e, meters, &kernel);
	first = strstr(text_of(&text), "{policy=\"p\",tool=\"a?\",decision=\"allowed\"} 3\n");
	cr_assert(first);
	cr_assert_null(strstr(strchr(first, (int)10), "decision=\"allowed\""));
	text_done(&text);
	free(meters);
}

#define STATUS                                                                                     \
	"{\"loaded\":true,\"agents\":[{\"agent\":3,\"policy\":\"p\\\"q\",\"kind\":\"run\","        \
	"\"mode\":\"enforce\",\"tasks\":2,\"calls\":[{}],\"controller\":{\"alive\":true},"         \
	"\"canary\":{\"state\":\"ok\"},\"ring_high_water\":{\"denials\":7,\"effects\":9}}]}"

/* Everything there is: programs are the same in a kernel only, so they are named here. */
static void print_all(struct text *text)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_kernel kernel = { 0 };
	cJSON *status = cJSON_Parse(STATUS);
	char tool[32];

	for (int i = 0; i < 70; i++) {
		snprintf(tool, sizeof(tool), "tool\n%d", i);
		meters_declared(meters, "policy", tool, i % 2, 1000);
		meters_ended(meters, "policy", tool, 1000);
	}
	open_text(text, false);
	metrics_print_status(&text->e, status);
	metrics_print_meters(&text->e, meters, &kernel);
	cJSON_Delete(status);
	free(meters);
}

Test(exposition, says_what_status_says)
{
	struct text text;

	print_all(&text);
	cr_assert(strstr(text_of(&text),
			 "\nenforcecore_agent_open_calls{agent=\"3\",policy=\"p\\\"q\","
			 "kind=\"run\",mode=\"enforce\"} 1\n"));
	cr_assert(strstr(text.at,
			 "\nenforcecore_ring_high_water_bytes{agent=\"3\",policy=\"p\\\"q\","
			 "ring=\"effects\"} 9\n"));
	cr_assert(strstr(text.at, "{policy=\"other\",tool=\"other\",decision=\"allowed\"} 3\n"));
	cr_assert(strstr(text.at, "{policy=\"other\",tool=\"other\",decision=\"blocked\"} 3\n"));
	text_done(&text);
}

static int run(const char *command, const char *input)
{
	FILE *to = popen(command, "w");

	cr_assert(to);
	fputs(input, to);
	return pclose(to);
}

#define PROMTOOL "build/promtool/usr/bin/promtool" /* tests/promtool */

Test(exposition, promtool_has_nothing_to_say)
{
	static const char rules[] = PROMTOOL " check rules deploy/prometheus/enforcecore.rules.yml "
					     ">/dev/null";
	struct text text;

	if (access(PROMTOOL, X_OK)) {
		fprintf(stderr, "SKIP " PROMTOOL " is not there\n");
		return;
	}
	print_all(&text);
	cr_assert_eq(run(PROMTOOL " check metrics", text_of(&text)), 0);
	cr_assert_neq(run(PROMTOOL " check metrics >/dev/null 2>&1", "a_total{x=\"} 1\n"), 0);
	cr_assert_eq(run(rules, ""), 0);
	text_done(&text);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	cr_assert(file, "%s", path);
	cr_assert_gt(fread(text, 1, (1 << 20) - 1, file), 0);
	fclose(file);
	return text;
}

/* As a sample or a part of a histogram. */
static bool is_exposed(const char *text, const char *name, size_t len)
{
	static const char *const programs[] = { "enforcecore_program_verified_instructions",
						"enforcecore_program_recursion_misses_total",
						"enforcecore_tracers" };

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strlen(programs[i]) == len && !memcmp(programs[i], name, len))
			return true;
	for (const char *at = text; (at = strstr(at, "\nenforcecore_")); at++)
		if (!strncmp(at + 1, name, len) && strchr("{ ", at[1 + len]))
			return true;
	return false;
}

/* How many names are asked for; each is exposed. */
static unsigned int check_names(const char *query, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	unsigned int found = 0;

	for (const char *at = query; (at = strstr(at, "enforcecore_")); found++) {
		size_t len = strspn(at, letters);

		cr_assert(is_exposed(text, at, len), "%.*s in %s", (int)len, at, query);
		at += len;
	}
	return found;
}

/* Every "expr" and "query" below this. */
static unsigned int check_queries(const cJSON *item, const char *text)
{
	unsigned int found = 0;

	if (item->string && cJSON_IsString(item) &&
	    (!strcmp(item->string, "expr") || !strcmp(item->string, "query")))
		found += check_names(item->valuestring, text);
	for (const cJSON *child = item->child; child; child = child->next)
		found += check_queries(child, text);
	return found;
}

Test(exposition, has_what_the_dashboard_and_the_alerts_ask_for)
{
	char *dashboard = read_file("deploy/grafana/enforcecore.json"),
	     *rules = read_file("deploy/prometheus/enforcecore.rules.yml");
	cJSON *json = cJSON_ParseWithOpts(dashboard, NULL, true);
	unsigned int exprs = 0;
	struct text text;

	print_all(&text);
	cr_assert(json && cJSON_GetArraySize(cJSON_GetObjectItem(json, "panels")) > 10);
	cr_assert_gt(check_queries(json, text_of(&text)), 30);
	for (char *line = strtok(rules, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, " expr: "))
			exprs += check_names(line, text.at) > 0;
	cr_assert_eq(exprs, 7);
	cJSON_Delete(json);
	free(dashboard);
	free(rules);
	text_done(&text);
}
