/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surrogates.h - JSON writes a character beyond U+FFFF as two escapes, which
 * YAML does not know. Each pair becomes YAML's one escape of eight digits,
 * which is two characters shorter; the places are kept to undo that in
 * messages.
 */
#ifndef EC_SURROGATES_H
#define EC_SURROGATES_H

#include <stddef.h>

struct surrogate_place {
	unsigned int line;
	unsigned int column; /* in the new text, of the end of the escape */
};

struct surrogates {
	char *text; /* NULL: nothing was changed */
	size_t text_len;
	struct surrogate_place *places;
	size_t places_len, places_max;
};

/* Only a text that starts with '{' or '[' is JSON. */
int surrogates_join(struct surrogates *surrogates, const char *text, size_t text_len);
/* How many columns to add. */
unsigned int surrogates_shift(const struct surrogates *surrogates, unsigned int line,
			      unsigned int column);
void surrogates_done(struct surrogates *surrogates);

#endif
