// SPDX-License-Identifier: Apache-2.0
/*
 * A guard's answer; the first byte is its protocol.
 *
 * 1. It is a verdict or none, and says why where it is none.
 * 2. What is told of it is short and printable.
 * 3. An answer without the word is never safe, and neither is a part of one that is.
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "user/guards/guards_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASKED "asked"

static bool has(const uint8_t *data, size_t size, const char *word)
{
	return memmem(data, size, word, strlen(word));
}

static void check_text(const char *text, size_t size)
{
	CLAIM(memchr(text, '\0', size));
	for (; *text; text++)
		CLAIM(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct declare_guarded verdict, part;
	enum policy_guard_protocol protocol;

	if (!size)
		return 0;
	protocol = data[0] & 1 ? POLICY_GUARD_NEMO : POLICY_GUARD_LLAMAGUARD;
	data++;
	size--;
	guards_answer_read(protocol, ASKED, (const char *)data, size, &verdict);
	CLAIM(verdict.said >= DECLARE_SAFE && verdict.said <= DECLARE_FAILED);
	CLAIM((verdict.said == DECLARE_FAILED) == (verdict.why[0] != '\0'));
	CLAIM(!verdict.categories[0] || verdict.said == DECLARE_UNSAFE);
	check_text(verdict.why, sizeof(verdict.why));
	check_text(verdict.categories, sizeof(verdict.categories));
	if (verdict.said != DECLARE_SAFE)
		return 0;
	/* a letter may be written as \u0073 */
	if (!has(data, size, "\\u"))
		CLAIM(protocol == POLICY_GUARD_NEMO ?
			      has(data, size, ASKED) || has(data, size, "success") :
			      has(data, size, "safe"));
	while (size && strchr(" \t\r\n", data[size - 1]))
		size--;
	guards_answer_read(protocol, ASKED, (const char *)data, size - 1, &part);
	CLAIM(part.said == DECLARE_FAILED);
	return 0;
}
