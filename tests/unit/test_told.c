// SPDX-License-Identifier: Apache-2.0
/* What is kept of denials for the agent to read. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bpf/rule.h"
#include "bpf/verdict.h"
#include "policy_text.h"
#include "user/sensor/decode.h"
#include "user/session/session_impl.h"

static struct open_call call;

static void deny(const struct policy *policy, uint8_t op, const char *target, uint32_t rule)
{
	const struct effect effect = {
		.obs = { .op = op,
			 .verdict = EC_VERDICT_DENY,
			 .reason = EC_REASON_UNDECLARED,
			 .rule = rule,
			 .target_kind = EC_TARGET_PATH,
			 .target_len = (uint16_t)strlen(target) },
		.target = target,
	};

	session_tell_denial(&call, policy, &effect);
}

Test(told, names_the_operation_the_target_and_the_rule)
{
	static const char text[] = "name: p\nkernel: {never: {write: [\"/srv/*.key\"]}}";
	struct loaded l = load_bytes(text, strlen(text), true);

	cr_assert_eq(l.r, 0);
	deny(l.policy, EC_OP_WRITE, "/srv/a.key", 1);
	deny(l.policy, EC_OP_READ, "/srv/b", 0);
	deny(NULL, EC_OP_EXEC, "/bin/sh", 7);
	cr_assert_eq(call.reasons.len, 3);
	cr_expect_str_eq(call.reasons.at[0], "write /srv/a.key (rule never.write /srv/*.key)");
	cr_expect_str_eq(call.reasons.at[1], "read /srv/b (undeclared)");
	cr_expect_str_eq(call.reasons.at[2], "exec /bin/sh (undeclared)");
	policy_free(l.policy);
}

Test(told, keeps_the_last_four_each_once)
{
	char target[16];

	for (int i = 0; i < 100; i++) {
		snprintf(target, sizeof(target), "/%d", i / 2);
		deny(NULL, EC_OP_READ, target, 0);
		deny(NULL, EC_OP_READ, "/49", 0);
	}
	cr_assert_eq(call.reasons.len, SESSION_REASONS_MAX);
	cr_expect_str_eq(call.reasons.at[3], "read /49 (undeclared)");
	cr_expect_str_eq(call.reasons.at[2], "read /48 (undeclared)");
}

Test(told, is_one_short_line_whatever_the_name)
{
	char target[2000];

	memset(target, 'a', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	memcpy(target, "/\n\x1b[31m\xff", 8);
	deny(NULL, EC_OP_WRITE, target, 0);
	cr_assert_eq(call.reasons.len, 1);
	cr_expect_lt(strlen(call.reasons.at[0]), 160);
	cr_expect_eq(strncmp(call.reasons.at[0], "write /??[31m?a", 15), 0, "%s",
		     call.reasons.at[0]);
	cr_expect(strstr(call.reasons.at[0], " (undeclared)"));
}

Test(told, what_was_only_observed_was_not_refused)
{
	const struct effect effect = { .obs = { .op = EC_OP_READ,
						.verdict = EC_VERDICT_WOULD_DENY } };

	session_tell_denial(&call, NULL, &effect);
	cr_expect_eq(call.reasons.len, 0);
}
