// SPDX-License-Identifier: Apache-2.0
/* A trail in other forms: what is written, and what is refused. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>

#include "audit_trail.h"
#include "user/command/commands.h"
#include "user/export/export.h"

static char *text;
static size_t len;
static struct export_result result;

static void tear_down(void)
{
	unlink(path);
	free(text);
}

TestSuite(export, .init = make_path, .fini = tear_down);

static int export(const char *name)
{
	struct export_options options = { .format = export_find(name) };
	int r;

	free(text);
	text = NULL;
	options.to = open_memstream(&text, &len);
	r = export_trail(path, &options, &result);
	fclose(options.to);
	return r;
}

static void has(const char *part)
{
	cr_assert(strstr(text, part), "\"%s\" lacks \"%s\"", text, part);
}

static void has_not(const char *part)
{
	cr_assert_not(strstr(text, part), "\"%s\" has \"%s\"", text, part);
}

static size_t count(const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

Test(export, all_forms_have_a_name)
{
	size_t i = 0;

	for (; export_at(i); i++)
		cr_assert_eq(export_find(export_name(export_at(i))), export_at(i));
	cr_assert_eq(i, 5);
	cr_assert_null(export_find("xml"));
}

Test(export, jsonl_is_the_records_in_ascii)
{
	TRAIL(SESSION, "{\"kind\":\"x\",\"n\":1e300,\"t\":\"\\u202e\xc3\xa9\xf0\x9f\x94\xa5\"}");
	cr_assert_eq(export("jsonl"), 0);
	has("\"n\":1e+300");
	has("\"t\":\"\\u202e\\u00e9\\ud83d\\udd25\"");
	cr_assert_eq(count("\n"), 2);
	cr_assert_eq(result.written, 2);
}

Test(export, csv_has_a_row_for_each_effect)
{
	TRAIL(SESSION, BEGIN, DENIAL, END);
	cr_assert_eq(export("csv"), 0);
	cr_assert_eq(count("\r\n"), 1 + 4 + 3);
	has("\"observed.effect\",1,5,\"read\",\"read\",,,,\"/a\",,2,21,");
	has("\"observed.unused\",1,5,\"read\",\"read\",,,,\"/u\"");
	has("\"{\"\"path\"\":\"\"/a\"\"}\"");
}

Test(export, csv_fields_are_no_formulas_and_one_line)
{
	TRAIL("{\"kind\":\"=1+1\",\"tool\":\"@x\",\"op\":\"'q\",\"target\":\"-a\\nb\\u202e\\\\,"
	      "\\\"\","
	      "\"pid\":-5}");
	cr_assert_eq(export("csv"), 0);
	has("\"'=1+1\"");
	has("\"'@x\"");
	has("\"''q\"");
	has("\"'-a\\u000ab\\u202e\\\\,\"\"\"");
	has(",-5,");
	cr_assert_eq(count("\n"), 2);
}

Test(export, the_python_trail_has_an_entry_for_each_decision)
{
	TRAIL(SESSION, BEGIN, DENIAL, END,
	      "{\"kind\":\"call_refused\",\"agent\":1,\"tool\":\"rm\",\"verdict\":\"deny\","
	      "\"violation_type\":\"tool_denied\",\"reason\":\"no\",\"rule\":\"r\"}");
	cr_assert_eq(export("enforcecore"), 0);
	cr_assert_eq(result.written, 3);
	cr_assert_eq(count("\"decision\":\"blocked\""), 2);
	has("\"call_duration_ms\":12.5,\"call_id\":\"1-5\"");
	has("\"violation_reason\":\"no by r\",\"violation_type\":\"tool_denied\"");
	has("\"violation_reason\":\"effect read /b: never\"");
	has("+00:00\"");
	has_not("Z\"");
}

Test(export, a_python_entry_for_a_call_without_an_end)
{
	TRAIL(SESSION, BEGIN, SESSION, BEGIN);
	cr_assert_eq(export("enforcecore"), 0);
	cr_assert_eq(result.written, 2);
	cr_assert_eq(count("\"call_duration_ms\":0.0,"), 2);
}

Test(export, ocsf_has_what_was_done_and_what_was_refused)
{
	TRAIL(SESSION, BEGIN, DENIAL, END);
	cr_assert_eq(export("ocsf"), 0);
	cr_assert_eq(result.written, 2);
	has("\"class_uid\":2004");
	has("\"class_uid\":1001");
	has("\"path\":\"/a\"");
	has("\"parent_process\":{\"pid\":20}");
	cr_assert_eq(result.left_out, 2);
}

Test(export, ocsf_tells_an_effect_once)
{
	TRAIL(SESSION, BEGIN,
	      "{\"kind\":\"effect\",\"agent\":1,\"call\":5,\"op\":\"read\",\"verdict\":\"allow\","
	      "\"reason\":\"call\",\"pid\":21,\"target\":\"/a\"}",
	      END);
	cr_assert_eq(export("ocsf"), 0);
	cr_assert_eq(result.written, 1);
}

Test(export, otlp_has_a_span_for_each_call)
{
	TRAIL(SESSION, BEGIN, DENIAL, SHARED, END, BEGIN);
	cr_assert_eq(export("otlp"), 0);
	cr_assert_eq(result.written, 3);
	cr_assert_eq(count("\"traceId\""), 3);
	cr_assert_eq(count("\"parentSpanId\""), 2);
	cr_assert_eq(count("\"enforcecore.denial\""), 2);
	cr_assert_eq(count("\"enforcecore.effect\""), 1);
	cr_assert_eq(count("\"code\":2"), 2);
	has("\"execute_tool read\"");
	has_not("gen_ai.tool.call.arguments");
}

Test(export, a_span_has_room_for_so_many_events)
{
	const char *records[204] = { SESSION, BEGIN };

	for (int i = 2; i < 202; i++)
		records[i] = DENIAL;
	records[202] = END;
	write_trail(records);
	cr_assert_eq(export("otlp"), 0);
	cr_assert_eq(count("\"enforcecore.denial\""), 128);
	has("\"droppedEventsCount\":73"); /* 200 denials and the effect at the end */
}

Test(export, an_altered_trail_is_not_exported)
{
	TRAIL(SESSION, BEGIN, DENIAL, END);
	alter("/b", "/c");
	for (size_t i = 0; export_at(i); i++) {
		cr_assert_eq(export(export_name(export_at(i))), -EBADMSG);
		cr_assert_eq(result.trail.bad_line, 4);
		cr_assert_eq(len, 0);
	}
}

Test(export, what_cannot_be_told_has_its_line)
{
	TRAIL(SESSION, "{\"agent\":1}");
	for (size_t i = 0; export_at(i); i++) {
		cr_assert_eq(export(export_name(export_at(i))), -EINVAL);
		cr_assert_eq(result.trail.bad_line, 2);
	}
}

Test(export, kinds_that_nobody_knows_are_counted)
{
	TRAIL(SESSION, "{\"kind\":\"novelty\",\"agent\":1,\"what\":\"x\"}");
	cr_assert_eq(export("ocsf"), 0);
	cr_assert_eq(result.left_out, 2);
	cr_assert_eq(export("enforcecore"), 0);
	cr_assert_eq(result.left_out, 1);
	cr_assert_eq(export("jsonl"), 0);
	cr_assert_eq(result.written, 2);
	cr_assert_eq(export("otlp"), 0);
	has("enforcecore.novelty");
}

#define EXPORT(...)                                                                                \
	({                                                                                         \
		char *argv_[] = { "enforcecore audit", "export", __VA_ARGS__ };                    \
		command_find("audit")->run(sizeof(argv_) / sizeof(*argv_), argv_);                 \
	})

Test(export, the_command_tells_by_its_status)
{
	cr_redirect_stdout();
	cr_redirect_stderr();
	TRAIL(SESSION, BEGIN, DENIAL, END);
	cr_assert_eq(EXPORT("-f", "csv", path), 0);
	cr_assert_eq(EXPORT("-f", "csv", path, "-o", "/tmp/ec-none/none"), 2);
	cr_assert_eq(EXPORT("-f", "csv", "/tmp/ec-none"), 2);
	cr_assert_eq(EXPORT("-f", "otlp", path, "--endpoint", "ftp://x"), 2);
	cr_assert_eq(EXPORT("-f", "csv", path, "-p", "/tmp/ec-none"), 2);
	alter("/b", "/c");
	cr_assert_eq(EXPORT("-f", "csv", path), 1);
}

#define IN_POD                                                                                     \
	"{\"kind\":\"session_begin\",\"agent\":1,\"policy\":\"p\",\"container\":{\"runtime\":"     \
	"\"cri-o\",\"id\":\"c1\",\"name\":\"agent\",\"image\":\"example.org/a:1\",\"pod\":{"       \
	"\"name\":\"agent-x\",\"namespace\":\"prod\",\"uid\":\"u-1\",\"labels\":{\"app\":\"a\"}}," \
	"\"node\":\"n1\"}}"

Test(export, otlp_says_where_the_agent_runs_as_the_conventions_do)
{
	TRAIL(IN_POD, BEGIN, DENIAL, END, SESSION, BEGIN, END);
	cr_assert_eq(export("otlp"), 0);
	has("{\"key\":\"container.id\",\"value\":{\"stringValue\":\"c1\"}}");
	has("{\"key\":\"container.image.name\",\"value\":{\"stringValue\":\"example.org/a:1\"}}");
	has("{\"key\":\"container.runtime\",\"value\":{\"stringValue\":\"cri-o\"}}");
	has("{\"key\":\"k8s.pod.name\",\"value\":{\"stringValue\":\"agent-x\"}}");
	has("{\"key\":\"k8s.pod.label.app\",\"value\":{\"stringValue\":\"a\"}}");
	has("{\"key\":\"k8s.namespace.name\",\"value\":{\"stringValue\":\"prod\"}}");
	has("{\"key\":\"k8s.node.name\",\"value\":{\"stringValue\":\"n1\"}}");
	/* its call and its session; the second one is in no container */
	cr_assert_eq(count("\"container.id\""), 2);
}

Test(export, ocsf_has_the_container_with_each_effect)
{
	TRAIL(IN_POD, DENIAL, SESSION, DENIAL);
	cr_assert_eq(export("ocsf"), 0);
	has("\"container\":{\"uid\":\"c1\",\"name\":\"agent\",\"runtime\":\"cri-o\",\"image\":{"
	    "\"uid\":\"example.org/a:1\",\"name\":\"example.org/a:1\"},\"pod_uuid\":\"u-1\","
	    "\"orchestrator\":\"kubernetes\"}");
	has("\"hostname\":\"n1\"");
	has("\"k8s.pod.name\":\"agent-x\"");
	cr_assert_eq(count("\"container\":{"), 1);
}
