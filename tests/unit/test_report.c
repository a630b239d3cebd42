// SPDX-License-Identifier: Apache-2.0
/* A trail as a page: what is in it, and what is not. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>

#include "audit_trail.h"
#include "user/command/commands.h"
#include "user/report/report.h"
#include "user/report/report_impl.h"

static char *text;
static size_t len;
static struct report_result result;

static void tear_down(void)
{
	unlink(path);
	free(text);
}

TestSuite(report, .init = make_path, .fini = tear_down);

static int make_page(void)
{
	FILE *to;
	int r;

	free(text);
	text = NULL;
	to = open_memstream(&text, &len);
	r = report_write(path, to, &result);
	fclose(to);
	return r;
}

static void has(const char *part)
{
	cr_assert(strstr(text, part), "the page lacks \"%s\"", part);
}

static void has_not(const char *part)
{
	cr_assert_not(strstr(text, part), "the page has \"%s\"", part);
}

Test(report, the_page_says_first_what_the_trail_comes_to)
{
	TRAIL(SESSION, BEGIN, DENIAL, SHARED, END);
	cr_assert_eq(make_page(), 0);
	cr_assert_eq(result.records, 5);
	cr_assert(strstr(text, "The chain holds: 5 lines") < strstr(text, "id=\"totals\""));
	has("\"records\":5,\"denials\":2,\"wouldDeny\":0,\"refused\":0,\"calls\":1,\"effects\":2");
	has(result.trail.head);
	cr_assert_str_eq(text + len - 8, "</html>\n");
	has_not("{{");
}

Test(report, nothing_of_the_trail_stands_in_the_page_as_it_is)
{
	TRAIL("{\"kind\":\"<b>\",\"agent\":1,\"tool\":\"</script><script>alert(1)</script>\"}");
	cr_assert_eq(make_page(), 0);
	has_not("alert(1)");
	has_not("<b>");
}

Test(report, the_page_may_run_its_script_and_nothing_else)
{
	TRAIL(SESSION);
	cr_assert_eq(make_page(), 0);
	has("default-src 'none'; script-src 'sha256-");
	has("require-trusted-types-for 'script'; trusted-types 'none'\"");
	has_not("unsafe");
}

Test(report, an_altered_trail_is_shown_and_named)
{
	TRAIL(SESSION, BEGIN, DENIAL, END);
	alter("/b", "/c");
	cr_assert_eq(make_page(), -EBADMSG);
	has("The chain does not hold at line 4");
	has("\"holds\":false");
	has("\"bad\":4");
}

Test(report, an_empty_trail_is_a_page)
{
	cr_assert_eq(make_page(), 0);
	has("\"head\":\"\",\"holds\":true");
}

static char *row(const char *record, struct report_chunk *chunk)
{
	cJSON *json = cJSON_Parse(record);
	char *out = NULL;
	size_t out_len;
	FILE *to = open_memstream(&out, &out_len);

	cr_assert_eq(report_put_row(chunk, json, to), 0);
	fclose(to);
	cJSON_Delete(json);
	return out;
}

static void is_row(struct report_chunk *chunk, const char *record, const char *want)
{
	char *got = row(record, chunk);

	cr_assert_str_eq(got, want);
	free(got);
}

Test(report, a_row_has_what_differs_from_the_one_before)
{
	struct report_chunk *chunk = calloc(1, sizeof(*chunk));

	is_row(chunk, "{\"seq\":7,\"time\":\"2026-11-24T03:53:20.000400Z\",\"kind\":\"a\"}",
	       "[7,1795492400000400,1]");
	is_row(chunk,
	       "{\"seq\":8,\"time\":\"2026-11-24T03:53:20.000410Z\",\"kind\":\"a\",\"agent\":3}",
	       "[0,10,1,3]");
	report_names_clear(&chunk->names);
	free(chunk);
}

Test(report, what_is_not_of_its_type_stays_as_it_is)
{
	struct report_chunk *chunk = calloc(1, sizeof(*chunk));

	is_row(chunk,
	       "{\"seq\":1,\"time\":\"yesterday\",\"kind\":7,\"agent\":-1,\"pid\":1.5,\"call\":"
	       "null,\"rule\":null}",
	       "[0,\"yesterday\",0,0,0,0,0,0,0,0,0,0,0,0,0,{\"kind\":7,\"agent\":-1,\"pid\":1.5}]");
	is_row(chunk, "{\"seq\":2,\"time\":\"2026-12-31T23:59:60.000000Z\",\"kind\":\"<\"}",
	       "[0,\"2026-12-31T23:59:60.000000Z\",1]");
	report_names_clear(&chunk->names);
	free(chunk);
}

Test(report, text_in_the_page_is_only_text)
{
	char *out = NULL;
	size_t out_len;
	FILE *to = open_memstream(&out, &out_len);

	report_put_text("</script>&\"\\\n\xe2\x80\xae\xff\xc3\xa9", to);
	report_put_html("<i>&\xe2\x80\xae\x1b\xff", to);
	fclose(to);
	cr_assert_str_eq(
		out, "\"\\u003c/script\\u003e\\u0026\\u0022\\u005c\\u000a\\u202e\\ufffd\xc3\xa9\""
		     "&#60;i&#62;&#38;\\u{202e}\\u{1b}\\x??");
	free(out);
}

#define REPORT(...)                                                                                \
	({                                                                                         \
		char *argv_[] = { "enforcecore audit", "report", __VA_ARGS__ };                    \
		command_find("audit")->run(sizeof(argv_) / sizeof(*argv_), argv_);                 \
	})

Test(report, the_command_tells_by_its_status)
{
	char out[] = "/tmp/ec-page-XXXXXX";
	int fd = mkstemp(out);

	close(fd);
	cr_redirect_stdout();
	cr_redirect_stderr();
	TRAIL(SESSION, BEGIN, DENIAL, END);
	cr_assert_eq(REPORT(path, "-o", out), 0);
	cr_assert_eq(REPORT(path, "-o", "/tmp/ec-none/none"), 2);
	cr_assert_eq(REPORT("/tmp/ec-none/none"), 2);
	cr_assert_eq(REPORT("/dev/null"), 2);
	alter("/b", "/c");
	cr_assert_eq(REPORT(path, "-o", out), 1);
	unlink(out);
}
