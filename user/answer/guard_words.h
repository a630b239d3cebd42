/* SPDX-License-Identifier: Apache-2.0 */
/* guard_words.h - guards of a policy, for people. */
#ifndef EC_GUARD_WORDS_H
#define EC_GUARD_WORDS_H

#include <stdio.h>

#include "policy/declare/declare.h"

/* "  guard llama: llamaguard at http://127.0.0.1:8000, refuses what it gives no verdict of" */
void guard_words_put(const struct policy_guard *guard, FILE *to);
/* "safe", "unsafe", "none"; 0: another word. */
enum declare_said guard_words_said(const char *text);
/* What each of a call's guards says, all the same; returns how many there are, 0 where
 * they are not asked (said 0). */
size_t guard_words_all(const struct policy *policy, const char *tool, enum declare_said said,
		       struct declare_guarded ret_guarded[POLICY_GUARDS_OF_CALL]);

#endif
