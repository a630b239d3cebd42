/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guards_answer.h - what a guard answered, as a verdict. Whatever is not one beyond
 * doubt is DECLARE_FAILED: too long, no JSON or JSON of two readings, other words.
 */
#ifndef EC_GUARDS_ANSWER_H
#define EC_GUARDS_ANSWER_H

#include "policy/declare/declare.h"

/* A verdict is a few words; a NeMo server's log of its rails takes more. */
#define GUARDS_ANSWER_MAX (256u << 10)

/* asked: the text it was to judge, which a NeMo server gives back when it lets that
 * pass. Sets said, categories and why of *verdict. */
void guards_answer_read(enum policy_guard_protocol protocol, const char *asked, const char *bytes,
			size_t len, struct declare_guarded *verdict);

#endif
