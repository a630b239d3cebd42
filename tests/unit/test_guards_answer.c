// SPDX-License-Identifier: Apache-2.0
/* What guards answer, read as a verdict or as none. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "user/guards/guards_answer.h"

TestSuite(guards_answer);

static struct declare_guarded verdict;

static enum declare_said read_as(enum policy_guard_protocol protocol, const char *text)
{
	memset(&verdict, 'x', sizeof(verdict));
	guards_answer_read(protocol, "asked", text, strlen(text), &verdict);
	cr_expect(memchr(verdict.why, '\0', sizeof(verdict.why)));
	cr_expect(memchr(verdict.categories, '\0', sizeof(verdict.categories)));
	cr_expect_eq(verdict.said == DECLARE_FAILED, verdict.why[0] != '\0', "%s", text);
	return verdict.said;
}

static enum declare_said llama(const char *content)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
		 "\"assistant\",\"content\":%s},\"finish_reason\":\"stop\"}]}",
		 content);
	return read_as(POLICY_GUARD_LLAMAGUARD, text);
}

static enum declare_said nemo(const char *text)
{
	return read_as(POLICY_GUARD_NEMO, text);
}

Test(guards_answer, llamaguard_is_safe_by_one_word_alone)
{
	cr_expect_eq(llama("\"safe\""), DECLARE_SAFE);
	cr_expect_eq(llama("\"\\n\\nsafe\\n\""), DECLARE_SAFE);
	cr_expect_eq(llama("\"safe.\""), DECLARE_FAILED);
	cr_expect_eq(llama("\"SAFE\""), DECLARE_FAILED);
	cr_expect_eq(llama("\"safe\\nS1\""), DECLARE_FAILED);
	cr_expect_eq(llama("\"safe unsafe\""), DECLARE_FAILED);
	cr_expect_eq(llama("\"not safe\""), DECLARE_FAILED);
	cr_expect_eq(llama("\"\""), DECLARE_FAILED);
	cr_expect_eq(llama("null"), DECLARE_FAILED);
	cr_expect_eq(llama("[\"safe\"]"), DECLARE_FAILED);
	cr_expect_eq(llama("\"safe\\u0000unsafe\""), DECLARE_FAILED);
}

Test(guards_answer, llamaguard_is_unsafe_with_or_without_categories)
{
	cr_expect_eq(llama("\"unsafe\\nS1,S10\""), DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "S1, S10");
	cr_expect_eq(llama("\" unsafe\""), DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "");
	cr_expect_eq(llama("\"Unsafe\\r\\nS9\\nmore\""), DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "S9, more");
	cr_expect_eq(llama("\"unsafe\\n\\u001b[31mS1\\\"\""), DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "");
}

Test(guards_answer, categories_are_cut)
{
	char content[800] = "\"unsafe\\n";

	for (int i = 0; i < 100; i++)
		strcat(content, "S123,");
	strcat(content, "\"");
	cr_expect_eq(llama(content), DECLARE_UNSAFE);
	cr_expect_leq(strlen(verdict.categories), sizeof(verdict.categories) - 1);
}

Test(guards_answer, two_answers_are_none)
{
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD,
			     "{\"choices\":[{\"message\":{\"content\":\"safe\"}},{\"message\":{"
			     "\"content\":\"unsafe\"}}]}"),
		     DECLARE_FAILED);
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD,
			     "{\"choices\":[{\"message\":{\"content\":\"unsafe\",\"content\":\"safe"
			     "\"}}]}"),
		     DECLARE_FAILED);
	cr_expect_str_eq(verdict.why, "its answer has two readings");
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD, "{\"choices\":[]}"), DECLARE_FAILED);
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD,
			     "{\"choices\":[{\"message\":{\"content\":\"safe\"}}]} {}"),
		     DECLARE_FAILED);
	cr_expect_eq(
		read_as(POLICY_GUARD_LLAMAGUARD, "{\"choices\":[{\"message\":{\"content\":\"sa"),
		DECLARE_FAILED);
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD, "[]"), DECLARE_FAILED);
	cr_expect_eq(read_as(POLICY_GUARD_LLAMAGUARD, ""), DECLARE_FAILED);
}

Test(guards_answer, deep_and_long_ones_are_none)
{
	size_t len = GUARDS_ANSWER_MAX + 1;
	char *text = malloc(len + 1);

	memset(text, ' ', len);
	memcpy(text, "{\"choices\":[{\"message\":{\"content\":\"safe\"}}]}", 44);
	guards_answer_read(POLICY_GUARD_LLAMAGUARD, "asked", text, len - 1, &verdict);
	cr_expect_eq(verdict.said, DECLARE_SAFE, "%s", verdict.why);
	guards_answer_read(POLICY_GUARD_LLAMAGUARD, "asked", text, len, &verdict);
	cr_expect_eq(verdict.said, DECLARE_FAILED);
	memset(text, '[', len);
	text[0] = '{';
	guards_answer_read(POLICY_GUARD_NEMO, "asked", text, len - 1, &verdict);
	cr_expect_eq(verdict.said, DECLARE_FAILED);
	free(text);
}

Test(guards_answer, nemo_checks_have_a_status)
{
	cr_expect_eq(
		nemo("{\"status\":\"success\",\"rails_status\":{\"self check input\":{\"status\":"
		     "\"success\"}}}"),
		DECLARE_SAFE);
	cr_expect_eq(
		nemo("{\"status\":\"blocked\",\"rails_status\":{\"self check input\":{\"status\":"
		     "\"blocked\"},\"other\":{\"status\":\"success\"}}}"),
		DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "self check input");
	cr_expect_eq(
		nemo("{\"status\":\"success\",\"rails_status\":{\"a\":{\"status\":\"blocked\"}}}"),
		DECLARE_UNSAFE);
	cr_expect_eq(nemo("{\"status\":\"maybe\"}"), DECLARE_FAILED);
	cr_expect_eq(nemo("{\"status\":0}"), DECLARE_FAILED);
}

Test(guards_answer, nemo_completions_give_back_what_passes)
{
	cr_expect_eq(nemo("{\"messages\":[{\"role\":\"assistant\",\"content\":\"asked\"}]}"),
		     DECLARE_SAFE);
	cr_expect_eq(nemo("{\"choices\":[{\"message\":{\"content\":\"asked\"}}],\"guardrails\":{"
			  "\"log\":null}}"),
		     DECLARE_SAFE);
	cr_expect_eq(nemo("{\"choices\":[{\"message\":{\"content\":\"asked\"}}],\"guardrails\":{"
			  "\"log\":{\"activated_rails\":[{\"name\":\"a\",\"stop\":false}]}}}"),
		     DECLARE_SAFE);
	cr_expect_eq(nemo("{\"messages\":[{\"content\":\"asked <MASKED>\"}],\"log\":{"
			  "\"activated_rails\":[{\"name\":\"mask\",\"stop\":false}]}}"),
		     DECLARE_FAILED);
	cr_expect(strstr(verdict.why, "a rail changed the text"));
}

Test(guards_answer, nemo_completions_refuse)
{
	cr_expect_eq(nemo("{\"messages\":[{\"role\":\"assistant\",\"content\":\"I'm sorry, I can't "
			  "respond to that.\"}]}"),
		     DECLARE_UNSAFE);
	cr_expect_eq(nemo("{\"choices\":[{\"message\":{\"content\":\"asked\"}}],\"guardrails\":{"
			  "\"log\":{\"activated_rails\":[{\"name\":\"jail\",\"stop\":true}]}}}"),
		     DECLARE_UNSAFE);
	cr_expect_str_eq(verdict.categories, "jail");
	cr_expect_eq(nemo("{\"messages\":[{\"content\":\"asked\"}],\"log\":{\"activated_rails\":[{"
			  "\"name\":\"a\",\"decisions\":[\"execute x\",\"refuse to respond\"]}]}}"),
		     DECLARE_UNSAFE);
}

Test(guards_answer, nemo_errors_are_answers_of_200)
{
	cr_expect_eq(nemo("{\"messages\":[{\"role\":\"assistant\",\"content\":\"Internal server "
			  "error.\"}]}"),
		     DECLARE_FAILED);
	cr_expect_eq(nemo("{\"messages\":[]}"), DECLARE_FAILED);
	cr_expect_eq(nemo("{\"detail\":\"no such config\"}"), DECLARE_FAILED);
}
