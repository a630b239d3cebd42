// SPDX-License-Identifier: Apache-2.0
/* What a policy says of redaction and of calls that are open alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy/pii/pii.h"
#include "policy_text.h"

static struct loaded load(const char *rest)
{
	char text[1000];

	snprintf(text, sizeof(text), "name: p\n%s", rest);
	return load_bytes(text, strlen(text), false);
}

/* What stands in the place of text; "-": nothing is redacted at all. */
static void becomes(const struct pii *pii, const char *text, const char *want)
{
	char *got = NULL;
	size_t len, count;

	if (pii)
		cr_assert_eq(pii_redact(pii, text, strlen(text), &got, &len, &count), 0);
	cr_expect_str_eq(!pii ? "-" : got ? got : text, want);
	free(got);
}

static void policy_makes(const char *rest, const char *text, const char *input, const char *output)
{
	struct loaded l = load(rest);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_expect_eq(l.warnings, 0, "%s", l.first.text);
	becomes(policy_redacts_input(l.policy), text, input);
	becomes(policy_redacts_output(l.policy), text, output);
	policy_free(l.policy);
}

#define MAIL "to a.person@example.com"
#define KEY "AKIAIOSFODNN7EXAMPLE"

Test(redaction, is_off_unless_the_policy_says_so)
{
	policy_makes("", MAIL, "-", "-");
	policy_makes("rules: {pii_redaction: {categories: [email]}}", MAIL, "-", "-");
	policy_makes("rules: {pii_redaction: {enabled: null}}", MAIL, "-", "-");
	policy_makes("rules: {pii_redaction: }", MAIL, "-", "-");
}

Test(redaction, has_the_categories_and_the_strategy_that_are_written)
{
	policy_makes("rules: {pii_redaction: {enabled: true}}", MAIL, "to <EMAIL>", "to <EMAIL>");
	policy_makes("rules: {pii: {enabled: yes, strategy: mask}}", MAIL, "to ****@****.***",
		     "to ****@****.***");
	policy_makes("pii_config: {enabled: true, strategy: remove}", MAIL, "to ", "to ");
	policy_makes("pii: {enabled: true, categories: [ssn], strategy: null}", MAIL, MAIL, MAIL);
	policy_makes("pii: {enabled: true, ner_threshold: 0.5, ner_fallback_to_regex: true}", KEY,
		     KEY, KEY);
	policy_makes("pii: {enabled: true, categories: null}", MAIL, "to <EMAIL>", "to <EMAIL>");
}

Test(redaction, reaches_secrets)
{
	policy_makes("pii: {enabled: true, categories: [secrets]}", KEY " " MAIL,
		     "<AWS_ACCESS_KEY> " MAIL, "<AWS_ACCESS_KEY> " MAIL);
	policy_makes("pii: {enabled: true, categories: [aws_access_key, email]}", KEY " " MAIL,
		     "<AWS_ACCESS_KEY> to <EMAIL>", "<AWS_ACCESS_KEY> to <EMAIL>");
	policy_makes("pii: {enabled: true, categories: [github_token]}", KEY, KEY, KEY);
}

Test(redaction, of_results_can_be_switched_off)
{
	policy_makes("rules: {pii: {enabled: true}, redact_output: false}", MAIL, "to <EMAIL>",
		     "-");
	policy_makes("rules: {pii: {enabled: true}, redact_output: null}", MAIL, "to <EMAIL>",
		     "to <EMAIL>");
	policy_makes("rules: {redact_output: true}", MAIL, "-", "-");
}

Test(redaction, is_what_on_violation_redact_means)
{
	policy_makes("on_violation: redact", MAIL, "to <EMAIL>", "to <EMAIL>");
	policy_makes("on_violation: redact\npii: {categories: [ssn]}", MAIL, MAIL, MAIL);
	policy_makes("on_violation: redact\npii: {enabled: false}", MAIL, "-", "-");
}

static void warns(const char *rest, bool redacts, unsigned int line, unsigned int column,
		  const char *says)
{
	struct loaded l = load(rest);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_assert_geq(l.warnings, 1);
	diag_is(&l.first, "p.yaml", line, column, says);
	cr_expect_eq(policy_redacts_input(l.policy) != NULL, redacts);
	policy_free(l.policy);
}

Test(redaction, says_what_it_cannot_find)
{
	warns("pii: {enabled: true, categories: [email, person_name]}", true, 2, 42,
	      "needs a language model");
	warns("pii: {enabled: true, categories: []}", false, 2, 34, "nothing is redacted");
	warns("pii: {enabled: true, categories: [emial]}", false, 2, 35, "\"email\"");
	policy_makes("pii: {enabled: false, categories: [person_name]}", MAIL, "-", "-");
}

static struct policy *load_child(const char *parent, const char *child)
{
	char dir[] = "/tmp/ec-redaction-XXXXXX", path[64], command[64];
	struct policy_diag diag;
	struct policy *policy;
	FILE *to;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/parent.yaml", dir);
	cr_assert_not_null(to = fopen(path, "w"));
	fprintf(to, "name: parent\n%s", parent);
	fclose(to);
	snprintf(path, sizeof(path), "%s/child.yaml", dir);
	cr_assert_not_null(to = fopen(path, "w"));
	fprintf(to, "extends: parent.yaml\n%s", child);
	fclose(to);
	cr_assert_eq(policy_load(path, NULL, &policy, &diag), 0, "%s", diag.text);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
	return policy;
}

static void child_makes(const char *parent, const char *child, const char *text, const char *want)
{
	struct policy *policy = load_child(parent, child);

	becomes(policy_redacts_output(policy), text, want);
	policy_free(policy);
}

Test(redaction, of_a_parent_is_only_tightened_unless_a_key_is_written)
{
	static const char parent[] = "pii: {enabled: true, categories: [email]}\n";

	child_makes(parent, "", MAIL, "to <EMAIL>");
	child_makes(parent, "rules: {pii_redaction: {}}", MAIL, "to <EMAIL>");
	child_makes(parent, "rules: {pii_redaction: {strategy: mask}}", MAIL, "to ****@****.***");
	child_makes(parent, "pii: {categories: [secrets]}", KEY " " MAIL,
		    "<AWS_ACCESS_KEY> to <EMAIL>");
	child_makes(parent, "pii: {categories: []}", MAIL, "to <EMAIL>");
	child_makes(parent, "pii: {categories: null}", MAIL, "to <EMAIL>");
	child_makes(parent, "pii: {enabled: false}", MAIL, "-");
	child_makes(parent, "redact_output: false", MAIL, "-");
}

Test(redaction, serialize_is_the_tools_or_the_policys)
{
	struct loaded l = load("kernel: {serialize: true, tools: {a: {serialize: false}, b: }}");

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_expect_not(policy_serializes(l.policy, "A"));
	cr_expect(policy_serializes(l.policy, "b"));
	cr_expect(policy_serializes(l.policy, "unheard of"));
	policy_free(l.policy);
	l = load("kernel: {tools: {a: {serialize: true}, b: {serialize: null}}}");
	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_expect(policy_serializes(l.policy, "a"));
	cr_expect_not(policy_serializes(l.policy, "b"));
	cr_expect_not(policy_serializes(l.policy, "c"));
	policy_free(l.policy);
	l = load("kernel: {serialize: 7}");
	cr_expect_eq(l.r, -EINVAL);
	policy_free(l.policy);
}
