// SPDX-License-Identifier: Apache-2.0
/* What a call declared against what was seen under it. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bpf/verdict.h"
#include "policy/policy.h"
#include "user/join/join.h"
#include "user/sensor/agent_moved.h"
#include "user/trail/trail_line.h"

static struct join *join;
static struct images images;
static cJSON *record;

static void init(void)
{
	join = join_new();
}

static void fini(void)
{
	join_free(join);
	images_done(&images);
	cJSON_Delete(record);
}

TestSuite(join, .init = init, .fini = fini);

static struct effect path_effect(enum ec_op op, enum ec_reason reason, uint32_t pid,
				 const char *path)
{
	bool allowed = reason == EC_REASON_CALL || reason == EC_REASON_BASELINE;

	return (struct effect) { .obs = { .kind = EC_OBS_EFFECT,
					  .op = (uint8_t)op,
					  .verdict = allowed ? EC_VERDICT_ALLOW : EC_VERDICT_DENY,
					  .reason = (uint8_t)reason,
					  .pid = pid,
					  .parent = pid - 1,
					  .exe = pid - 3,
					  .target_kind = EC_TARGET_PATH,
					  .target_len = (uint16_t)strlen(path) },
				 .target = path };
}

static void feed(enum ec_op op, enum ec_reason reason, uint32_t pid, const char *path)
{
	struct effect effect = path_effect(op, reason, pid, path);

	join_effect(join, &effect);
}

static const cJSON *describe(uint64_t lost)
{
	const struct join_names names = { .images = &images };

	cJSON_Delete(record);
	record = cJSON_CreateObject();
	cr_assert_eq(join_describe(join, &names, lost, record), 0);
	return cJSON_GetObjectItemCaseSensitive(record, "observed");
}

static double number(const cJSON *object, const char *key)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static const char *text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static const cJSON *entry(const cJSON *observed, const char *list, int i)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(observed, list), i);
}

static int count(const cJSON *observed, const char *list)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(observed, list));
}

Test(join, the_same_effect_again_is_counted)
{
	const cJSON *observed, *counts;

	for (int i = 0; i < 5; i++)
		feed(EC_OP_READ, EC_REASON_CALL, 10, "/a");
	feed(EC_OP_WRITE, EC_REASON_CALL, 10, "/a");
	feed(EC_OP_READ, EC_REASON_CALL, 11, "/a");
	feed(EC_OP_READ, EC_REASON_CALL, 10, "/ab");
	observed = describe(0);
	counts = cJSON_GetObjectItemCaseSensitive(observed, "counts");
	cr_assert_eq(count(observed, "effects"), 4);
	cr_assert_eq(number(entry(observed, "effects", 0), "count"), 5);
	cr_assert_str_eq(text(entry(observed, "effects", 1), "op"), "write");
	cr_assert_eq(number(entry(observed, "effects", 2), "pid"), 11);
	cr_assert_str_eq(text(entry(observed, "effects", 3), "target"), "/ab");
	cr_assert_eq(number(counts, "read"), 7);
	cr_assert_eq(number(counts, "write"), 1);
	cr_assert_not(cJSON_HasObjectItem(counts, "drift"));
	cr_assert_not(cJSON_HasObjectItem(observed, "omitted"));
}

Test(join, what_is_refused_is_drift)
{
	const cJSON *observed, *drift;

	feed(EC_OP_READ, EC_REASON_CALL, 10, "/a");
	feed(EC_OP_READ, EC_REASON_NEVER, 10, "/b");
	feed(EC_OP_READ, EC_REASON_UNDECLARED, 10, "/c");
	observed = describe(0);
	drift = entry(observed, "drift", 0);
	cr_assert_eq(count(observed, "effects"), 1);
	cr_assert_eq(count(observed, "drift"), 2);
	cr_assert_str_eq(text(drift, "target"), "/b");
	cr_assert_str_eq(text(drift, "verdict"), "deny");
	cr_assert_str_eq(text(drift, "reason"), "never");
	cr_assert_eq(number(cJSON_GetObjectItemCaseSensitive(observed, "counts"), "drift"), 2);
}

Test(join, the_baseline_is_only_counted)
{
	const cJSON *observed;

	feed(EC_OP_READ, EC_REASON_BASELINE, 10, "/lib/x");
	observed = describe(0);
	cr_assert_eq(count(observed, "effects") + count(observed, "drift"), 0);
	cr_assert_eq(number(cJSON_GetObjectItemCaseSensitive(observed, "counts"), "baseline"), 1);
}

Test(join, processes_have_parents_and_programs)
{
	struct effect exec = path_effect(EC_OP_EXEC, EC_REASON_CALL, 20, "/bin/sh"),
		      other = path_effect(EC_OP_EXEC, EC_REASON_CALL, 21, "/bin/sh");
	const cJSON *observed, *programs;

	images_add(&images, 17, "/node", 5);
	images_add(&images, 18, "/bin/sh", 7);
	join_effect(join, &exec);
	cr_assert(join_starts(join, &exec));
	cr_assert_not(join_starts(join, &other), "another process");
	exec.obs.exe = 18;
	join_program(join, &exec);
	observed = describe(0);
	cr_assert_eq(count(observed, "processes"), 1);
	cr_assert_eq(number(entry(observed, "processes", 0), "parent"), 19);
	programs = cJSON_GetObjectItemCaseSensitive(entry(observed, "processes", 0), "programs");
	cr_assert_eq(cJSON_GetArraySize(programs), 2);
	cr_assert_str_eq(text(cJSON_GetArrayItem(programs, 0), "exe"), "/node");
	cr_assert_str_eq(text(cJSON_GetArrayItem(programs, 1), "exe"), "/bin/sh");
}

/* Every list as long as it gets, of bytes that JSON makes eight of. */
Test(join, the_worst_fits_a_line_of_the_trail)
{
	char path[4000], *printed;
	const cJSON *observed;
	size_t effects = 0;

	memset(path, 1, sizeof(path));
	path[sizeof(path) - 1] = '\0';
	for (uint32_t i = 0; i < 5000; i++) {
		/* long ones for the bytes, then short ones for their number */
		size_t len = i < 7 ? 3300 : 5;

		path[0] = (char)0xff;
		for (int j = 0; j < 4; j++)
			path[j + 1] = (char)(1 + (i >> (4 * j) & 15));
		path[len] = '\0';
		feed(EC_OP_READ, EC_REASON_CALL, 10 + i, path);
		feed(EC_OP_READ, EC_REASON_NEVER, 10 + i, path);
		images_add(&images, 7 + i, path, len);
		path[len] = 1;
		effects += 2;
	}
	join_shared(join);
	observed = describe(3);
	cr_assert_eq(count(observed, "effects"), JOIN_EFFECTS_MAX);
	cr_assert_eq(count(observed, "drift"), JOIN_DRIFT_MAX);
	cr_assert_eq(count(observed, "processes"), JOIN_PROCESSES_MAX);
	cr_assert_geq(number(observed, "omitted"), effects - JOIN_EFFECTS_MAX - JOIN_DRIFT_MAX);
	cr_assert_eq(number(observed, "lost"), 3);
	cr_assert_eq(number(observed, "shared"), 1);
	printed = cJSON_PrintUnformatted(record);
	cr_assert_lt(strlen(printed), TRAIL_LINE_MAX / 2, "%zu", strlen(printed));
	cJSON_free(printed);
}

static void reason_is(const cJSON *array, int i, const char *want)
{
	cr_assert_str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(array, i)), want);
}

Test(join, reasons_are_few_short_and_text)
{
	cJSON *array = cJSON_CreateArray();
	char longest[1000];
	const char *text_4;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest + 500, "\xff", 1);
	for (int i = 0; i < 400; i += 2)
		memcpy(longest + 501 + i, "\xc3\xa4", 2);
	longest[901] = '\0';
	cr_assert_eq(join_reasons(join, array), 0);
	cr_assert_eq(cJSON_GetArraySize(array), 0);
	feed(EC_OP_READ, EC_REASON_CALL, 10, "/permitted");
	feed(EC_OP_READ, EC_REASON_NEVER, 10, "/a");
	feed(EC_OP_READ, EC_REASON_NEVER, 11, "/a");
	feed(EC_OP_WRITE, EC_REASON_UNDECLARED, 11, "/a\xff");
	feed(EC_OP_READ, EC_REASON_DOUBT, 10, "");
	feed(EC_OP_READ, EC_REASON_NEVER, 10, longest);
	feed(EC_OP_READ, EC_REASON_NEVER, 10, "/more");
	cr_assert_eq(join_reasons(join, array), 0);
	cr_assert_eq(cJSON_GetArraySize(array), (int)JOIN_REASONS_MAX);
	reason_is(array, 0, "read /a: never");
	reason_is(array, 1, "write /a\xef\xbf\xbd: undeclared");
	reason_is(array, 2, "read ?: doubt");
	text_4 = cJSON_GetStringValue(cJSON_GetArrayItem(array, 3));
	cr_assert(strlen(text_4) < JOIN_REASON_MAX && !strncmp(text_4, "read ...\xc3\xa4", 10),
		  "%s", text_4);
	cr_assert_str_eq(text_4 + strlen(text_4) - 9, "\xc3\xa4: never");
	cJSON_Delete(array);
}

/* ---- what was declared ---- */

static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };

static void declare(const char *kernel, const char *args)
{
	struct policy_diag diag = { 0 };
	struct automaton image = { 0 };
	struct policy_call call = { 0 };
	struct join_declaring declaring = { .join = join, .image = &image };
	cJSON *json = cJSON_Parse(args);
	struct policy *policy = NULL;
	char yaml[1000];

	env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env.cwd_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(yaml, sizeof(yaml), "name: p\nkernel: { %s }\n", kernel);
	cr_assert_eq(policy_load_buffer("p.yaml", yaml, strlen(yaml), NULL, &policy, &diag), 0,
		     "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0, "%s",
		     diag.text);
	cr_assert_eq(policy_call_compile_told(policy, &env, &image, "t", json,
					      POLICY_CALL_WORDS_MAX, join_declare, &declaring,
					      &call, &diag),
		     0, "%s", diag.text);
	policy_call_done(&call);
	automaton_done(&image);
	policy_free(policy);
	cJSON_Delete(json);
	close(env.root_fd);
	close(env.cwd_fd);
}

#define READS "tools: { t: { read: [\"${args.path}\"] } }"

Test(join, a_declared_path_that_was_not_opened_is_unused)
{
	const cJSON *observed;

	declare(READS, "{\"path\": [\"/none/a*\", \"/none/b\"]}");
	feed(EC_OP_READ, EC_REASON_CALL, 10, "/none/b");
	feed(EC_OP_WRITE, EC_REASON_UNDECLARED, 10, "/none/a*");
	observed = describe(0);
	cr_assert_eq(count(observed, "unused"), 1);
	cr_assert_str_eq(text(entry(observed, "unused", 0), "op"), "read");
	cr_assert_str_eq(text(entry(observed, "unused", 0), "target"), "/none/a*");
}

Test(join, nothing_is_unused_when_effects_were_lost)
{
	declare(READS, "{\"path\": \"/none/a\"}");
	cr_assert_eq(count(describe(0), "unused"), 1);
	cr_assert_not(cJSON_HasObjectItem(describe(1), "unused"));
}

Test(join, a_link_and_where_it_leads_are_one)
{
	char link[] = "/tmp/ec-join-XXXXXX", target[64];
	const cJSON *observed;
	char args[128];

	cr_assert(mkdtemp(link));
	snprintf(target, sizeof(target), "%s/link", link);
	cr_assert_eq(symlink("/none/there", target), 0);
	snprintf(args, sizeof(args), "{\"path\": \"%s\"}", target);
	declare(READS, args);
	observed = describe(0);
	cr_assert_eq(count(observed, "unused"), 1, "not twice");
	cr_assert_str_eq(text(entry(observed, "unused", 0), "target"), target);
	feed(EC_OP_READ, EC_REASON_CALL, 10, "/none/there");
	cr_assert_eq(count(describe(0), "unused"), 0);
	unlink(target);
	rmdir(link);
}

Test(join, what_the_baseline_permits_may_have_been_used)
{
	declare("baseline: { read: [\"/none/**\"] }, " READS, "{\"path\": \"/none/a\"}");
	cr_assert_eq(count(describe(0), "unused"), 0);
}

Test(join, patterns_name_no_object)
{
	declare("tools: { t: { write: [\"${args.path}/**\", \"${args.path}.*.tmp\"] } }",
		"{\"path\": \"/none/a\"}");
	cr_assert_eq(count(describe(0), "unused"), 0);
}

Test(join, an_endpoint_is_named_by_its_address)
{
	static const char string[19] = { 1, [11] = (char)0xff, (char)0xff, 10, 0, 0, 1,
					 1, (char)0xbb };
	struct effect effect = path_effect(EC_OP_CONNECT, EC_REASON_CALL, 10, "");

	declare("tools: { t: { connect: [\"${args.host}:443\"] } }", "{\"host\": \"10.0.0.1\"}");
	cr_assert_str_eq(text(entry(describe(0), "unused", 0), "target"), "10.0.0.1:443");
	effect.obs.target_kind = EC_TARGET_INET;
	effect.obs.target_len = sizeof(string);
	effect.target = string;
	join_effect(join, &effect);
	cr_assert_eq(count(describe(0), "unused"), 0);
	cr_assert_str_eq(text(entry(describe(0), "effects", 0), "target"), "10.0.0.1:443");
}

Test(join, loading_uses_what_may_be_executed)
{
	declare("tools: { t: { exec: [\"${args.path}\"] } }", "{\"path\": \"/none/a\"}");
	feed(EC_OP_LOAD, EC_REASON_CALL, 10, "/none/a");
	cr_assert_eq(count(describe(0), "unused"), 0);
}

Test(join, more_declared_than_is_kept_is_counted)
{
	char args[4000] = "{\"path\": [\"/none/x\"";

	for (unsigned int i = 0; i < 2 * JOIN_DECLARED_MAX; i++)
		sprintf(args + strlen(args), ", \"/none/%u\"", i);
	declare(READS, strcat(args, "]}"));
	cr_assert_eq(count(describe(0), "unused"), JOIN_DECLARED_MAX);
	cr_assert_eq(number(describe(0), "omitted"), JOIN_DECLARED_MAX + 1);
	join_undeclare(join);
	cr_assert_eq(count(describe(0), "unused"), 0);
}

Test(join, bytes_are_those_of_all_its_tasks)
{
	const struct agent_moved one = { .read = 10, .written = 1 };
	const struct agent_moved other = { .read = 5, .sent = 7, .unknown = 1 };
	const cJSON *bytes;

	cr_assert_null(cJSON_GetObjectItemCaseSensitive(describe(0), "bytes"), "none moved");
	join_moved(join, &one, false);
	bytes = cJSON_GetObjectItemCaseSensitive(describe(0), "bytes");
	cr_assert_eq(number(bytes, "read"), 10);
	cr_assert_eq(number(bytes, "written"), 1);
	cr_assert_eq(number(bytes, "sent"), 0);
	cr_assert_null(cJSON_GetObjectItemCaseSensitive(bytes, "unknown"));
	cr_assert_null(cJSON_GetObjectItemCaseSensitive(bytes, "shared"));
	join_moved(join, &other, true);
	bytes = cJSON_GetObjectItemCaseSensitive(describe(0), "bytes");
	cr_assert_eq(number(bytes, "read"), 15);
	cr_assert_eq(number(bytes, "sent"), 7);
	cr_assert_eq(number(bytes, "unknown"), 1);
	cr_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(bytes, "shared")));
}
