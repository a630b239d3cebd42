// SPDX-License-Identifier: Apache-2.0
#include "match.h"

#include <string.h>

/* ec_step() on an image: an array of any length, whose dead state is not
 * followed by the arena's zero words. */
static uint32_t step(const struct automaton *image, uint32_t state, uint8_t byte)
{
	uint64_t row, next;

	if (!state || state >= image->words_len)
		return 0;
	row = image->words[state];
	if ((size_t)EC_STATE_BASE(row) + byte >= image->words_len)
		return 0;
	next = image->words[EC_STATE_BASE(row) + byte];
	return EC_NEXT_OWNER(next) == state ? EC_NEXT_STATE(next) : EC_STATE_DEFAULT(row);
}

uint32_t match_run(const struct automaton *image, uint32_t state, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len && state; i++)
		state = step(image, state, at[i]);
	return state;
}

struct ec_match match_at(const struct automaton *image, uint32_t state, uint32_t ops, uint32_t tool,
			 uint32_t within)
{
	struct ec_match match = { 0 };
	size_t list;

	if (!state || (size_t)state + 1 >= image->words_len)
		return match;
	list = EC_STATE_ACCEPT(image->words[state + 1]);
	if (!list || list >= image->words_len)
		return match;
	for (size_t i = 1; i <= image->words[list] && list + i < image->words_len; i++)
		ec_match_entry(&match, image->words[list + i], ops, tool, within);
	return match;
}

struct ec_match match_string(const struct automaton *image, const char *string, uint32_t ops,
			     uint32_t tool, uint32_t within)
{
	uint32_t state = match_run(image, image->start, string, strlen(string));

	return match_at(image, state, ops, tool, within);
}
