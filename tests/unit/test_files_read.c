// SPDX-License-Identifier: Apache-2.0
/* A trail in several files, some of them compressed, as it is named: its folder, or its FILE. */
#include <errno.h>

#include "trail_file.h"
#include "user/audit/audit.h"
#include "user/evidence/files_read.h"
#include "user/export/export.h"
#include "user/report/report.h"

TestSuite(files_read, .init = make_folder, .fini = remove_folder);

#define CALLS 60

static void append_text(struct trail *trail, const char *text)
{
	cr_assert_eq(trail_append(trail, cJSON_Parse(text)), 0, "%s", text);
}

/* Calls of which each has its begin and its end, in files of some of them. */
static void write_calls(void)
{
	const struct trail_options options = { .key = &key, .segment_bytes = 4000 };
	struct trail *trail;
	char text[256];

	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	append_text(trail, "{\"kind\":\"session_begin\",\"agent\":1,\"policy\":\"p\"}");
	for (int i = 1; i <= CALLS; i++) {
		snprintf(text, sizeof(text),
			 "{\"kind\":\"call_begin\",\"agent\":1,\"tool\":\"t%d\",\"call\":%d}", i,
			 i);
		append_text(trail, text);
		snprintf(text, sizeof(text),
			 "{\"kind\":\"call_end\",\"agent\":1,\"tool\":\"t%d\",\"call\":%d,"
			 "\"outcome\":\"done\"}",
			 i, i);
		append_text(trail, text);
	}
	cr_assert_eq(trail_close(trail), 0);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static size_t listed(const char *path, int want, struct trail_report *ret_report)
{
	char *text = NULL;
	size_t len = 0, n;
	FILE *to = open_memstream(&text, &len);

	cr_expect_eq(audit_list(path, false, to, ret_report), want, "%s", ret_report->reason);
	fclose(to);
	n = count(text, ": done");
	free(text);
	return n;
}

static bool is_there(const char *suffix)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", trail_path, suffix);
	return !access(path, F_OK);
}

Test(files_read, show_has_all_calls_of_all_files)
{
	struct trail_report report;
	uint64_t found;
	char *text = NULL;
	size_t len = 0;

	write_calls();
	cr_assert(is_there(".000001.gz") && is_there(".000003.gz"));
	cr_expect_eq(listed(folder, 0, &report), CALLS);
	cr_expect_str_eq(report.end, "end");
	cr_expect_eq(listed(trail_path, 0, &report), CALLS);
	/* a call of the first file */
	FILE *to = open_memstream(&text, &len);

	cr_expect_eq(audit_call(trail_path, 2, false, to, &report, &found), 0);
	fclose(to);
	cr_expect_eq(found, 1);
	cr_expect(strstr(text, "call 2 of agent 1: t2, done"));
	free(text);
}

/* Whoever names an older file means that one. */
Test(files_read, one_older_file_is_one)
{
	struct trail_report report;
	char path[160];

	write_calls();
	snprintf(path, sizeof(path), "%s.000002.gz", trail_path);
	size_t n = listed(path, 0, &report);

	cr_expect(n > 0 && n < CALLS / 2, "%zu", n);
	cr_expect_eq(report.segment, 2);
}

Test(files_read, what_does_not_hold_is_named)
{
	struct trail_report report;
	char command[512];

	write_calls();
	snprintf(command, sizeof(command),
		 "cd %s && gunzip trail.jsonl.000002.gz && sed -i '3s/call_/call /' *.000002",
		 folder);
	cr_assert_eq(system(command), 0);
	listed(folder, -EBADMSG, &report);
	cr_expect(strstr(report.reason, "trail.jsonl.000002: "), "%s", report.reason);
	/* and one that is missing */
	snprintf(command, sizeof(command), "rm %s.000002", trail_path);
	cr_assert_eq(system(command), 0);
	listed(folder, -EBADMSG, &report);
	cr_expect(strstr(report.reason, "trail.jsonl.000003.gz: "), "%s", report.reason);
}

Test(files_read, two_trails_are_not_one)
{
	const struct trail_options options = { .key = &key };
	struct trail_report report;
	char other[160];

	write_calls();
	snprintf(other, sizeof(other), "%s/other", folder);
	write_trail(other, &options, 2);
	listed(folder, -EXDEV, &report);
	cr_expect_eq(listed(trail_path, 0, &report), CALLS, "its own name says which");
	/* of the same name, and not its own */
	snprintf(other, sizeof(other), "%s.000009", trail_path);
	write_trail(other, &options, 2);
	cr_expect_eq(listed(trail_path, 0, &report), CALLS);
}

Test(files_read, export_and_report_have_all_of_it_too)
{
	const char *const paths[] = { folder, trail_path };

	write_calls();
	for (size_t i = 0; i < 2; i++) {
		struct export_options options = { .format = export_find("jsonl") };
		struct report_result result;
		struct export_result exported;
		char *text = NULL, *page = NULL;
		size_t len;

		options.to = open_memstream(&text, &len);
		cr_expect_eq(export_trail(paths[i], &options, &exported), 0);
		fclose(options.to);
		cr_expect_eq(count(text, "\"call_end\""), CALLS);
		free(text);
		FILE *to = open_memstream(&page, &len);

		cr_expect_eq(report_write(paths[i], to, &result), 0);
		fclose(to);
		cr_expect_eq(result.records, exported.records);
		cr_expect_eq(result.trail.lines, exported.trail.lines);
		free(page);
	}
}
