// SPDX-License-Identifier: Apache-2.0
#include "guard_words.h"

#include <string.h>

#include "user/learn/quote.h"

void guard_words_put(const struct policy_guard *guard, FILE *to)
{
	fprintf(to, "  guard %s: %s at ", guard->name,
		guard->protocol == POLICY_GUARD_NEMO ? "nemo" : "llamaguard");
	quote_put(guard->url, to);
	fprintf(to, ", %s what it gives no verdict of in %g s\n",
		guard->opens_on_error ? "opens" : "refuses", guard->timeout_ms / 1000.0);
}

enum declare_said guard_words_said(const char *text)
{
	return !strcmp(text, "safe")   ? DECLARE_SAFE :
	       !strcmp(text, "unsafe") ? DECLARE_UNSAFE :
	       !strcmp(text, "none")   ? DECLARE_FAILED :
					 0;
}

size_t guard_words_all(const struct policy *policy, const char *tool, enum declare_said said,
		       struct declare_guarded ret_guarded[POLICY_GUARDS_OF_CALL])
{
	const struct policy_guard *guards[POLICY_GUARDS_OF_CALL];
	size_t len = said ? policy_guards_of(policy, tool, guards) : 0;

	memset(ret_guarded, 0, POLICY_GUARDS_OF_CALL * sizeof(*ret_guarded));
	for (size_t i = 0; i < len; i++) {
		ret_guarded[i].said = said;
		if (said == DECLARE_FAILED)
			snprintf(ret_guarded[i].why, sizeof(ret_guarded[i].why), "supposed");
	}
	return len;
}
