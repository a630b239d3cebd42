/* SPDX-License-Identifier: Apache-2.0 */
/* policy_text.h - for tests that load policies: what was said, and where. */
#ifndef EC_TEST_POLICY_TEXT_H
#define EC_TEST_POLICY_TEXT_H

#include <criterion/criterion.h>
#include <string.h>

#include "policy/policy.h"

struct loaded {
	struct policy *policy;
	struct policy_diag diag;
	int warnings;
	struct policy_diag first; /* warning */
	int r;
};

static inline void loaded_warn(void *ctx, const struct policy_diag *diag)
{
	struct loaded *l = ctx;

	if (!l->warnings++)
		l->first = *diag;
}

/* done by the caller's policy_free(l.policy) */
static inline struct loaded load_bytes(const char *text, size_t text_len, bool strict)
{
	struct loaded l = { 0 };
	struct policy_load_options options = { .strict = strict, .warn = loaded_warn, .ctx = &l };

	l.r = policy_load_buffer("p.yaml", text, text_len, &options, &l.policy, &l.diag);
	cr_assert_eq(l.r < 0, l.policy == NULL);
	return l;
}

static inline void diag_is(const struct policy_diag *diag, const char *file, unsigned int line,
			   unsigned int column, const char *says)
{
	cr_assert_str_eq(diag->file, file, "%s: %s", diag->file, diag->text);
	cr_assert(strstr(diag->text, says), "\"%s\" lacks \"%s\"", diag->text, says);
	cr_assert_eq(diag->line, line, "%u:%u: %s", diag->line, diag->column, diag->text);
	cr_assert_eq(diag->column, column, "%u:%u: %s", diag->line, diag->column, diag->text);
}

#endif
