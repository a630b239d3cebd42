// SPDX-License-Identifier: Apache-2.0
/* What each agent says before and after a call, and what it is answered. The
 * payloads of Claude Code, Gemini CLI and Qwen Code are captured ones. */
#include "hook_fake.h"

TestSuite(hook, .init = fake_open, .fini = fake_close);

#define OK "{\"ok\":true,\"call\":7,\"timeout_ms\":1000}"
#define OK_EXACT "{\"ok\":true,\"call\":7,\"timeout_ms\":1000,\"token\":\"" FAKE_TOKEN "\"}"
#define NO "{\"ok\":false,\"error\":\"refused\",\"reason\":\"`x` is not allowed\"}"
#define WHY "EnforceCore: `x` is not allowed"
#define ENDED "{\"ok\":true,\"call\":7,\"denials\":0,\"reasons\":[]}"
#define DENIED                                                                                     \
	"{\"ok\":true,\"call\":7,\"denials\":2,\"reasons\":[\"write of /etc/x\",\"exec of /b\"]}"
#define TOLD "EnforceCore refused 2 operations of this call: write of /etc/x; exec of /b"
/* As the shells of agents read it. */
#define WRAPPED(command)                                                                           \
	FAKE_EXE " call run --socket %s --token " FAKE_TOKEN " -- /bin/bash -c '" command "'"

#define CLAUDE(event, rest)                                                                        \
	"{\"session_id\":\"a92334c1\",\"transcript_path\":\"/home/dev/t.jsonl\",\"cwd\":"          \
	"\"/home/dev/ws\",\"prompt_id\":\"7444b390\",\"permission_mode\":\"bypassPermissions\","   \
	"\"effort\":{\"level\":\"high\"},\"hook_event_name\":\"" event                             \
	"\",\"tool_name\":\"Bash\","                                                               \
	"\"tool_input\":{\"command\":\"cat /etc/passwd | head -2\",\"timeout\":120000,"            \
	"\"description\":\"d\"}" rest ",\"tool_use_id\":\"toolu_fake1\"}"
#define GEMINI(event, command, rest)                                                               \
	"{\"session_id\":\"26622230\",\"transcript_path\":\"/home/dev/s.jsonl\",\"cwd\":"          \
	"\"/home/dev/ws\",\"hook_event_name\":\"" event "\",\"timestamp\":"                        \
	"\"2026-11-23T09:04:16.292Z\",\"tool_name\":\"run_shell_command\",\"tool_input\":"         \
	"{\"command\":\"" command "\"}" rest "}"
#define QWEN(event, rest)                                                                          \
	"{\"session_id\":\"8f734caa\",\"cwd\":\"/home/dev/ws\",\"hook_event_name\":\"" event "\"," \
	"\"permission_mode\":\"yolo\",\"tool_name\":\"run_shell_command\",\"tool_input\":"         \
	"{\"command\":\"cat /etc/passwd | head -2\"}" rest                                         \
	",\"tool_use_id\":\"toolu_1795424611208_0ae23rg7t\"}"
#define COPILOT(rest)                                                                              \
	"{\"timestamp\":1704614600000,\"cwd\":\"/p\",\"toolName\":\"bash\",\"toolArgs\":"          \
	"\"{\\\"command\\\":\\\"rm -rf dist\\\"}\"" rest "}"
#define CURSOR(event, rest)                                                                        \
	"{\"conversation_id\":\"c1\",\"generation_id\":\"g\",\"hook_event_name\":\"" event "\","   \
	"\"workspace_roots\":[\"/p\"]," rest "}"
#define PLUGIN(event)                                                                              \
	"{\"event\":\"" event "\",\"tool\":\"bash\",\"arguments\":{\"command\":\"ls\"},"           \
	"\"id\":\"p1\"}"

/* ---- before ---- */

static void expect_wrapped(const char *format)
{
	char want[2048];

	snprintf(want, sizeof(want), format, fake.path);
	cr_expect(fake_same(fake.told, want), "%s\nnot\n%s", fake.told, want);
}

Test(hook, claude_code_rewrites_the_command_and_keeps_the_rest)
{
	unsetenv("SHELL");
	cr_assert_eq(fake_hook("claude-code", CLAUDE("PreToolUse", ""), OK_EXACT), 0);
	cr_expect(fake_same(fake.request,
			    "{\"op\":\"begin\",\"tool\":\"Bash\",\"id\":\"toolu_fake1\",\"exact\":"
			    "true,\"arguments\":{\"command\":\"cat /etc/passwd | head -2\","
			    "\"timeout\":120000,\"description\":\"d\"}}"),
		  "%s", fake.request);
	expect_wrapped("{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
		       "\"permissionDecision\":\"allow\",\"updatedInput\":{\"timeout\":120000,"
		       "\"description\":\"d\",\"command\":\"" WRAPPED(
			       "cat /etc/passwd | head -2") "\"}}}");
}

Test(hook, gemini_has_no_id_and_takes_tool_input)
{
	cr_assert_eq(fake_hook("gemini", GEMINI("BeforeTool", "a 'b'", ""), OK_EXACT), 0);
	cr_expect(strstr(fake.request, "\"id\":\"sha256:"), "%s", fake.request);
	expect_wrapped("{\"decision\":\"allow\",\"hookSpecificOutput\":{\"hookEventName\":"
		       "\"BeforeTool\",\"tool_input\":{\"command\":\"" WRAPPED(
			       "a '\\\\''b'\\\\''") "\"}}}");
}

Test(hook, qwen_keeps_its_command_unless_told)
{
	struct hook_options exact = { .socket = fake.path, .exact = true };

	cr_assert_eq(fake_hook("qwen", QWEN("PreToolUse", ""), OK), 0);
	cr_expect(strstr(fake.request, "\"exact\":false"));
	cr_expect(fake_same(fake.told, "{}"));
	exact.dialect = dialect_find("qwen");
	fake.answer = OK_EXACT;
	cr_assert_eq(fake_hook_bytes(exact, QWEN("PreToolUse", ""), strlen(QWEN("PreToolUse", ""))),
		     0);
	cr_expect(strstr(fake.request, "\"exact\":true"));
	cr_expect(strstr(fake.told, FAKE_TOKEN));
}

Test(hook, other_tools_stay_as_they_are)
{
	cr_assert_eq(fake_hook("claude-code",
			       "{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Read\","
			       "\"tool_input\":{\"file_path\":\"/a\"},\"tool_use_id\":\"t\"}",
			       OK),
		     0);
	cr_expect(fake_same(fake.request,
			    "{\"op\":\"begin\",\"tool\":\"Read\",\"id\":\"t\",\"exact\":false,"
			    "\"arguments\":{\"file_path\":\"/a\"}}"));
	cr_expect(fake_same(fake.told, "{}"), "no decision: Claude Code's own holds");
}

Test(hook, the_users_shell_runs_where_the_agent_would_run_it)
{
	setenv("SHELL", "/bin/sh", 1);
	cr_assert_eq(fake_hook("codex", CLAUDE("PreToolUse", ""), OK_EXACT), 0);
	cr_expect(strstr(fake.told, " -- /bin/bash -c"), "one that is neither bash nor zsh");
	setenv("SHELL", "/usr/bin/bash", 1);
	cr_assert_eq(fake_hook("codex", CLAUDE("PreToolUse", ""), OK_EXACT), 0);
	cr_expect(strstr(fake.told, " -- /usr/bin/bash -c"));
	cr_assert_eq(fake_hook("gemini", GEMINI("BeforeTool", "a", ""), OK_EXACT), 0);
	cr_expect(strstr(fake.told, " -- /bin/bash -c"), "Gemini asks for bash");
}

Test(hook, copilot_names_no_event_and_packs_its_arguments)
{
	cr_assert_eq(fake_hook("copilot", COPILOT(""), OK), 0);
	cr_expect(strstr(fake.request, "\"op\":\"begin\",\"tool\":\"bash\""));
	cr_expect(strstr(fake.request, "\"arguments\":{\"command\":\"rm -rf dist\"}"));
	cr_expect(fake_same(fake.told, "{}"));
	cr_assert_eq(
		fake_hook("copilot", "{\"toolName\":\"apply_patch\",\"toolArgs\":\"*** x\"}", OK),
		0);
	cr_expect(strstr(fake.request, "\"arguments\":{\"input\":\"*** x\"}"), "%s", fake.request);
}

Test(hook, cursor_has_an_event_for_shells_and_one_for_servers)
{
	cr_assert_eq(fake_hook("cursor",
			       CURSOR("beforeShellExecution", "\"command\":\"ls\",\"cwd\":\"/p\""),
			       OK),
		     0);
	cr_expect(strstr(fake.request, "\"tool\":\"Shell\""));
	cr_expect(strstr(fake.request, "\"arguments\":{\"command\":\"ls\"}"));
	cr_expect(fake_same(fake.told, "{\"permission\":\"allow\"}"));
	cr_assert_eq(fake_hook("cursor",
			       CURSOR("beforeMCPExecution",
				      "\"tool_name\":\"q\",\"tool_input\":\"{\\\"a\\\":1}\""),
			       OK),
		     0);
	cr_expect(strstr(fake.request, "\"tool\":\"q\""));
	cr_expect(strstr(fake.request, "\"arguments\":{\"a\":1}"));
}

Test(hook, plugins_get_the_arguments_back)
{
	cr_assert_eq(fake_hook("opencode", PLUGIN("before"), OK_EXACT), 0);
	expect_wrapped(
		"{\"permission\":\"allow\",\"arguments\":{\"command\":\"" WRAPPED("ls") "\"}}");
	cr_assert_eq(fake_hook("pi", PLUGIN("before"), OK_EXACT), 0);
	expect_wrapped(
		"{\"permission\":\"allow\",\"arguments\":{\"command\":\"" WRAPPED("ls") "\"}}");
}

Test(hook, a_refusal_is_said_in_each_agents_words)
{
	static const struct {
		const char *agent, *event, *answer;
	} agents[] = {
		{ "claude-code", CLAUDE("PreToolUse", ""),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
		  "\"permissionDecision\":"
		  "\"deny\",\"permissionDecisionReason\":\"" WHY "\"}}" },
		{ "codex", CLAUDE("PreToolUse", ""),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
		  "\"permissionDecision\":"
		  "\"deny\",\"permissionDecisionReason\":\"" WHY "\"}}" },
		{ "qwen", QWEN("PreToolUse", ""),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
		  "\"permissionDecision\":"
		  "\"deny\",\"permissionDecisionReason\":\"" WHY "\"}}" },
		{ "gemini", GEMINI("BeforeTool", "a", ""),
		  "{\"decision\":\"deny\",\"reason\":\"" WHY "\"}" },
		{ "copilot", COPILOT(""),
		  "{\"permissionDecision\":\"deny\",\"permissionDecisionReason\":\"" WHY "\"}" },
		{ "cursor", CURSOR("beforeShellExecution", "\"command\":\"ls\""),
		  "{\"permission\":\"deny\",\"user_message\":\"" WHY "\",\"agent_message\":\"" WHY
		  "\",\"userMessage\":\"" WHY "\",\"agentMessage\":\"" WHY "\"}" },
		{ "opencode", PLUGIN("before"),
		  "{\"permission\":\"deny\",\"reason\":\"" WHY "\"}" },
		{ "pi", PLUGIN("before"), "{\"permission\":\"deny\",\"reason\":\"" WHY "\"}" },
	};

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		cr_expect_eq(fake_hook(agents[i].agent, agents[i].event, NO), 0);
		cr_expect(fake_same(fake.told, agents[i].answer), "%s: %s", agents[i].agent,
			  fake.told);
	}
}

/* ---- after ---- */

Test(hook, what_was_refused_reaches_the_model)
{
	static const struct {
		const char *agent, *event, *answer;
	} agents[] = {
		{ "claude-code", CLAUDE("PostToolUse", ",\"tool_response\":{\"stdout\":\"x\"}"),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"PostToolUse\","
		  "\"additionalContext\":"
		  "\"" TOLD "\"}}" },
		{ "qwen", QWEN("PostToolUseFailure", ",\"error\":\"e\""),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"PostToolUseFailure\","
		  "\"additionalContext\":\"" TOLD "\"}}" },
		{ "gemini", GEMINI("AfterTool", "a", ",\"tool_response\":{\"llmContent\":\"x\"}"),
		  "{\"hookSpecificOutput\":{\"hookEventName\":\"AfterTool\",\"additionalContext\":"
		  "\"" TOLD "\"}}" },
		{ "copilot", COPILOT(",\"toolResult\":{\"resultType\":\"success\"}"),
		  "{\"additionalContext\":\"" TOLD "\"}" },
		{ "cursor", CURSOR("afterShellExecution", "\"command\":\"ls\",\"output\":\"x\""),
		  "{\"additional_context\":\"" TOLD "\"}" },
		{ "pi", PLUGIN("after"), "{\"context\":\"" TOLD "\"}" },
	};

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		cr_expect_eq(fake_hook(agents[i].agent, agents[i].event, DENIED), 0);
		cr_expect(strstr(fake.request, "\"op\":\"end\""), "%s", fake.request);
		cr_expect(fake_same(fake.told, agents[i].answer), "%s: %s", agents[i].agent,
			  fake.told);
		cr_expect_eq(fake_hook(agents[i].agent, agents[i].event, ENDED), 0);
		cr_expect(fake_same(fake.told, "{}"), "%s: %s", agents[i].agent, fake.told);
	}
}

Test(hook, a_call_ends_by_the_agents_own_id)
{
	cr_assert_eq(fake_hook("claude-code", CLAUDE("PostToolUse", ""), ENDED), 0);
	cr_expect(fake_same(fake.request,
			    "{\"op\":\"end\",\"id\":\"toolu_fake1\",\"outcome\":\"done\"}"));
}

Test(hook, without_an_id_a_call_ends_by_its_token)
{
	char event[1024];

	snprintf(event, sizeof(event), GEMINI("AfterTool", "%s", ",\"tool_response\":{}"),
		 "@ call run --socket # --token " FAKE_TOKEN " -- /bin/bash -c 'ls'");
	/* the paths of this test are not known when it is compiled */
	char whole[2048], *at = strstr(event, "@"), *hash = strstr(event, "#");

	snprintf(whole, sizeof(whole), "%.*s" FAKE_EXE "%.*s%s%s", (int)(at - event), event,
		 (int)(hash - at - 1), at + 1, fake.path, hash + 1);
	cr_assert_eq(fake_hook("gemini", whole, ENDED), 0);
	cr_expect(fake_same(fake.request,
			    "{\"op\":\"end\",\"token\":\"" FAKE_TOKEN "\",\"outcome\":\"done\"}"),
		  "%s", fake.request);
}

static void id_of(const char *agent, const char *event, char *ret_id, size_t len)
{
	cJSON *request;

	cr_assert_eq(fake_hook(agent, event, ENDED "\n" OK), 0);
	request = cJSON_Parse(fake.request);
	cr_assert(cJSON_IsString(cJSON_GetObjectItem(request, "id")), "%s", fake.request);
	snprintf(ret_id, len, "%s", cJSON_GetObjectItem(request, "id")->valuestring);
	cJSON_Delete(request);
}

#define TOOL(event, session, args)                                                                 \
	"{\"hook_event_name\":\"" event "\",\"session_id\":\"" session                             \
	"\",\"tool_name\":\"read\",\"tool_input\":" args "}"

Test(hook, without_an_id_the_same_arguments_are_the_same_call)
{
	char before[300], after[300], other[300];

	id_of("gemini", TOOL("BeforeTool", "s", "{\"a\":1,\"b\":[{\"y\":\"\\u00e9\",\"x\":0}]}"),
	      before, sizeof(before));
	id_of("gemini", TOOL("AfterTool", "s", "{\"b\":[{\"x\":0,\"y\":\"\xc3\xa9\"}],\"a\":1.0}"),
	      after, sizeof(after));
	cr_expect_str_eq(before, after);
	id_of("gemini", TOOL("AfterTool", "t", "{\"a\":1,\"b\":[{\"y\":\"\\u00e9\",\"x\":0}]}"),
	      other, sizeof(other));
	cr_expect_str_neq(before, other, "another session");
	id_of("gemini", TOOL("AfterTool", "s", "{\"a\":1,\"b\":[{\"y\":\"\\u00e9\",\"x\":1}]}"),
	      other, sizeof(other));
	cr_expect_str_neq(before, other, "another argument");
}

Test(hook, outcomes)
{
	cr_assert_eq(
		fake_hook("claude-code", CLAUDE("PostToolUseFailure", ",\"error\":\"e\""), ENDED),
		0);
	cr_expect(strstr(fake.request, "\"outcome\":\"error\""));
	cr_assert_eq(fake_hook("claude-code",
			       CLAUDE("PostToolUseFailure", ",\"is_interrupt\":true"), ENDED),
		     0);
	cr_expect(strstr(fake.request, "\"outcome\":\"cancelled\""));
	cr_assert_eq(fake_hook("gemini",
			       GEMINI("AfterTool", "a", ",\"tool_response\":{\"error\":{}}"),
			       ENDED),
		     0);
	cr_expect(strstr(fake.request, "\"outcome\":\"error\""));
	cr_assert_eq(fake_hook("copilot", COPILOT(",\"toolResult\":{\"resultType\":\"failure\"}"),
			       ENDED),
		     0);
	cr_expect(strstr(fake.request, "\"outcome\":\"error\""));
}

Test(hook, what_runs_in_the_background_stays_its_call)
{
	cr_assert_eq(fake_hook("claude-code",
			       "{\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"Bash\","
			       "\"tool_use_id\":\"t\",\"tool_input\":{\"command\":\"sleep 9\","
			       "\"run_in_background\":true}}",
			       ENDED),
		     0);
	cr_expect_eq(fake.requests, 0, "no end: its deadline does that");
	cr_assert_eq(fake_hook("qwen",
			       "{\"hook_event_name\":\"PostToolUse\",\"tool_name\":"
			       "\"run_shell_command\",\"tool_use_id\":\"t\",\"tool_input\":"
			       "{\"command\":\"sleep 9\",\"is_background\":true}}",
			       ENDED),
		     0);
	cr_expect_eq(fake.requests, 1, "grants of the whole agent do not stay");
}

Test(hook, a_call_that_was_over_is_no_failure)
{
	cr_assert_eq(fake_hook("claude-code", CLAUDE("PostToolUse", ""),
			       "{\"ok\":false,\"error\":\"no_such_call\",\"reason\":\"r\"}"),
		     0);
	cr_expect(strstr(fake.told, "past its deadline"));
}
