// SPDX-License-Identifier: Apache-2.0
/* Settings of others: what we add, we can take out, and nothing else moves. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/install/install.h"

#define EXE "/opt/ec/enforcecore"

static char home[64], path[200], text[20000], said[20000];

static void fresh_home(void)
{
	strcpy(home, "/tmp/ec-install-XXXXXX");
	cr_assert(mkdtemp(home));
	setenv("HOME", home, 1);
	unsetenv("CLAUDE_CONFIG_DIR");
	snprintf(path, sizeof(path), "%s/settings.json", home);
}

static void no_home(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", home);
	cr_assert_eq(system(command), 0);
}

TestSuite(install, .init = fresh_home, .fini = no_home);

static void put(const char *content)
{
	FILE *file = fopen(path, "w");

	cr_assert(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static const char *get(void)
{
	FILE *file = fopen(path, "r");

	if (!file)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static int run(struct install_options options, const char *agent)
{
	FILE *out = fmemopen(said, sizeof(said), "w");
	int r;

	options.dialect = dialect_find(agent);
	options.exe = options.exe ?: EXE;
	options.timeout_s = options.timeout_s ?: 25;
	r = install_run(&options, out);
	fclose(out);
	return r;
}

static int install(const char *agent)
{
	return run((struct install_options) { .path = path }, agent);
}

static int undo(const char *agent)
{
	return run((struct install_options) { .path = path, .undo = true }, agent);
}

/* ---- there and back ---- */

#define OTHER                                                                                      \
	"{ \"matcher\": \"Bash\", \"hooks\": [ { \"type\": \"command\", \"command\": \"x\" } ] }"

static const char *const originals[] = {
	"{}",
	"{ }\n",
	"{\n}\n",
	"{\"hooks\":{}}",
	"{\"hooks\": {} }",
	"{\"hooks\":{\"PreToolUse\":[]}}",
	"{ \"hooks\" : { \"PreToolUse\" : [ ] , \"Stop\":[] } }",
	"{\n  \"model\": \"opus\",\n  \"n\": 1.50e1\n}\n",
	"{\n\t\"model\": \"opus\",\n\t\"hooks\": {\n\t\t\"PreToolUse\": [\n\t\t\t" OTHER
	"\n\t\t]\n\t}\n}",
	"{\"hooks\":{\"PreToolUse\":[" OTHER "],\"PostToolUse\":[" OTHER "," OTHER "]},\"z\":[1]}",
	"{\"hooks\":{\"Stop\":[" OTHER "]},\"\\u0068ooks2\":{}}",
	"{\"a\":\"\\\"hooks\\\": { ]\",\"b\":\"{[\\\\\",\"hooks\":{\"PreToolUse\":[" OTHER "]}}",
	"\n\n  {\"a\":1}  \n\n",
	"{\r\n  \"a\": 1,\r\n  \"b\": [\r\n  ]\r\n}\r\n",
	"{\"a\":\"\xc3\xa9\\u00e9\"}",
};

Test(install, undo_restores_every_byte)
{
	for (size_t i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		put(originals[i]);
		cr_assert_eq(install("claude-code"), 0, "%s", originals[i]);
		cr_expect(strstr(get(), "\"" EXE " hook claude-code || exit 2\""), "%s", text);
		cr_assert_eq(undo("claude-code"), 0);
		cr_expect_str_eq(get(), originals[i]);
	}
}

static bool has_command(const cJSON *hooks, const char *event)
{
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(hooks, event), *group;

	cJSON_ArrayForEach (group, groups) {
		const cJSON *entry =
			cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(group, "hooks"), 0);
		const cJSON *command = cJSON_GetObjectItemCaseSensitive(entry, "command");

		if (cJSON_IsString(command) &&
		    !strcmp(command->valuestring, EXE " hook claude-code || exit 2"))
			return true;
	}
	return false;
}

Test(install, what_is_added_is_where_the_agent_looks)
{
	for (size_t i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		const cJSON *hooks;
		cJSON *whole;

		put(originals[i]);
		cr_assert_eq(install("claude-code"), 0);
		whole = cJSON_Parse(get());
		hooks = cJSON_GetObjectItemCaseSensitive(whole, "hooks");
		cr_expect(has_command(hooks, "PreToolUse") && has_command(hooks, "PostToolUse") &&
				  has_command(hooks, "PostToolUseFailure"),
			  "%s", text);
		cJSON_Delete(whole);
	}
}

Test(install, a_new_file_goes_as_it_came)
{
	static const char *const names[] = { "claude-code", "codex",  "gemini",	  "qwen",
					     "copilot",	    "cursor", "opencode", "pi" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_assert_eq(install(names[i]), 0);
		cr_expect(strstr(said, "installed in"));
		cr_expect(get(), "%s", names[i]);
		cr_assert_eq(install(names[i]), 0);
		cr_expect(strstr(said, "already installed in"), "%s", said);
		cr_assert_eq(undo(names[i]), 0);
		cr_expect_eq(get(), NULL, "%s: %s", names[i], text);
		cr_assert_eq(undo(names[i]), 0);
		cr_expect(strstr(said, "not installed in"), "%s", said);
	}
}

Test(install, settings_that_the_agent_wrote_anew)
{
	put("{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\n        \"hooks\": [\n          {\n"
	    "            \"type\": \"command\",\n            \"command\": \"'/o p/enforcecore' "
	    "hook "
	    "claude-code --exact\",\n            \"timeout\": 29\n          },\n          {\n"
	    "            \"command\": \"theirs\"\n          }\n        ]\n      }\n    ],\n"
	    "    \"PostToolUse\": [\n      {\n        \"hooks\": [\n          {\n            "
	    "\"command\": \"/x/enforcecore hook claude-code || exit 2\"\n          }\n        ]\n"
	    "      }\n    ]\n  }\n}\n");
	cr_assert_eq(undo("claude-code"), 0);
	cr_expect_str_eq(get(), "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\n        "
				"\"hooks\": [\n          {\n            \"command\": \"theirs\"\n"
				"          }\n        ]\n      }\n    ]\n  }\n}\n");
}

Test(install, entries_of_another_path_make_room)
{
	put("{}");
	cr_assert_eq(
		run((struct install_options) { .path = path, .exe = "/old/enforcecore" }, "gemini"),
		0);
	cr_assert_eq(install("gemini"), 0);
	cr_expect_not(strstr(get(), "/old/"), "%s", text);
	cr_expect(strstr(text, EXE " hook gemini"));
	cr_assert_eq(run((struct install_options) { .path = path, .timeout_s = 90 }, "gemini"), 0);
	cr_expect(strstr(get(), EXE " hook gemini --timeout 90 || exit 2"), "%s", text);
	cr_expect(strstr(text, "\"timeout\": 94000"), "in milliseconds, and longer");
	cr_assert_eq(undo("gemini"), 0);
	cr_expect_str_eq(get(), "{}");
}

Test(install, look_alikes_stay)
{
	static const char others[] =
		"{\"hooks\":{\"PreToolUse\":[{\"hooks\":[{\"command\":\"myenforcecore2 hook "
		"claude-code\"},{\"command\":\"enforcecore hook claude-code2\"},{\"command\":"
		"\"enforcecore hook gemini\"},{\"command\":\" hook claude-code\"},{\"command\":5},"
		"{\"x\":1},7]},[],\"s\",{\"hooks\":{}},{\"hooks\":\"enforcecore hook "
		"claude-code\"}]}}";

	put(others);
	cr_assert_eq(undo("claude-code"), 0);
	cr_expect(strstr(said, "not installed"));
	cr_expect_str_eq(get(), others);
	cr_assert_eq(install("claude-code"), 0);
	cr_assert_eq(undo("claude-code"), 0);
	cr_expect_str_eq(get(), others);
}

/* ---- what cannot be ---- */

Test(install, what_is_no_json_stays_as_it_is)
{
	static const struct {
		const char *content, *place;
	} broken[] = {
		{ "", ":1:1:" },
		{ "[]", ":1:" },
		{ "{\n  \"a\": 1,\n}\n", ":3:1:" },
		{ "{\n  // a comment\n}\n", ":2:3:" },
		{ "{\"a\":NaN}", "no JSON object" },
		{ "{} x", ":1:4:" },
		{ "{\"hooks\":[]}", "\"hooks\"" },
		{ "{\"hooks\":{},\"\\u0068ooks\":{}}", "\"hooks\"" },
		{ "{\"hooks\":{\"PostToolUse\":{}}}", "\"PostToolUse\"" },
	};
	char err[1000];

	cr_redirect_stderr();
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		FILE *told;

		put(broken[i].content);
		cr_expect_neq(install("claude-code"), 0, "%s", broken[i].content);
		fflush(stderr);
		told = cr_get_redirected_stderr();
		memset(err, 0, sizeof(err));
		cr_assert(fread(err, 1, sizeof(err) - 1, told) > 0);
		cr_expect(strstr(err, broken[i].place), "%s: %s", broken[i].content, err);
		cr_expect(strstr(err, path));
		cr_expect_str_eq(get(), broken[i].content);
	}
}

Test(install, another_plugin_is_not_ours)
{
	cr_redirect_stderr();
	put("export const mine = 1;\n");
	cr_expect_neq(install("pi"), 0);
	cr_expect_neq(undo("pi"), 0);
	cr_expect_str_eq(get(), "export const mine = 1;\n");
}

/* ---- files ---- */

Test(install, mode_and_links_stay)
{
	struct stat now;
	char link[200];

	put("{}");
	cr_assert_eq(chmod(path, 0640), 0);
	snprintf(link, sizeof(link), "%s/link", home);
	cr_assert_eq(symlink(path, link), 0);
	cr_assert_eq(run((struct install_options) { .path = link }, "claude-code"), 0);
	cr_assert_eq(lstat(link, &now), 0);
	cr_expect(S_ISLNK(now.st_mode));
	cr_assert_eq(lstat(path, &now), 0);
	cr_expect_eq(now.st_mode & 07777, 0640);
	cr_expect(strstr(get(), EXE));
}

Test(install, owner_stays)
{
	struct stat now;

	if (geteuid())
		cr_skip_test("only root gives files away");
	put("{}");
	cr_assert_eq(chown(path, 1234, 4321), 0);
	cr_assert_eq(install("claude-code"), 0);
	cr_assert_eq(stat(path, &now), 0);
	cr_expect_eq(now.st_uid, 1234);
	cr_expect_eq(now.st_gid, 4321);
	unlink(path);
	cr_assert_eq(chown(home, 1234, 4321), 0);
	cr_assert_eq(install("claude-code"), 0);
	cr_assert_eq(stat(path, &now), 0);
	cr_expect_eq(now.st_uid, 1234, "a new one is its directory's owner's");
}

Test(install, nothing_is_left_beside_it)
{
	char command[100];

	put("{}");
	cr_assert_eq(install("claude-code"), 0);
	snprintf(command, sizeof(command), "test \"$(ls %s)\" = settings.json", home);
	cr_expect_eq(system(command), 0);
}

Test(install, where_each_agent_looks)
{
	static const struct {
		const char *agent, *where;
	} agents[] = {
		{ "claude-code", ".claude/settings.json" },
		{ "codex", ".codex/hooks.json" },
		{ "gemini", ".gemini/settings.json" },
		{ "qwen", ".qwen/settings.json" },
		{ "copilot", ".copilot/hooks/enforcecore.json" },
		{ "cursor", ".cursor/hooks.json" },
		{ "opencode", ".config/opencode/plugin/enforcecore.js" },
		{ "pi", ".pi/agent/extensions/enforcecore.js" },
	};

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		cr_assert_eq(run((struct install_options) { 0 }, agents[i].agent), 0);
		snprintf(path, sizeof(path), "%s/%s", home, agents[i].where);
		cr_expect(get(), "%s", path);
	}
	setenv("CLAUDE_CONFIG_DIR", "/nowhere/else", 1);
	cr_assert_eq(run((struct install_options) { .print = true }, "claude-code"), 0);
	cr_expect_eq(access("/nowhere", F_OK), -1, "print writes nothing");
	cr_expect(strstr(said, EXE " hook claude-code"));
}

Test(install, print_shows_what_undo_would_leave)
{
	put("{\"a\":1}");
	cr_assert_eq(install("claude-code"), 0);
	cr_assert_eq(run((struct install_options) { .path = path, .undo = true, .print = true },
			 "claude-code"),
		     0);
	cr_expect_str_eq(said, "{\"a\":1}");
	cr_expect(strstr(get(), EXE), "and does not write it");
}
