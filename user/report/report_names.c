// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_impl.h"

void report_names_clear(struct report_names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->at[i]);
	if (!names->len)
		return;
	names->len = names->text_len = 0;
	memset(names->slots, 0, sizeof(names->slots));
}

unsigned int report_names_add(struct report_names *names, const char *text, bool is_hex)
{
	const size_t slots_len = sizeof(names->slots) / sizeof(*names->slots);
	uint64_t hash = 14695981039346656037ull ^ is_hex;
	unsigned int number;
	size_t slot;

	if (!*text)
		return 0;
	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211ull;
	for (slot = hash % slots_len; (number = names->slots[slot]); slot = (slot + 1) % slots_len)
		if (names->is_hex[number - 1] == is_hex && !strcmp(names->at[number - 1], text))
			return number;
	if (names->len == REPORT_NAMES_MAX || !(names->at[names->len] = strdup(text)))
		return 0;
	names->is_hex[names->len++] = is_hex;
	names->text_len += strlen(text);
	return names->slots[slot] = (unsigned int)names->len;
}

unsigned int report_names_member(struct report_names *names, const struct cJSON *record,
				 const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
	const char *hex;
	char beside[64];

	if (!text)
		return 0;
	snprintf(beside, sizeof(beside), "%s_hex", name);
	hex = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, beside));
	if (hex && *hex && strspn(hex, "0123456789abcdef") == strlen(hex) && !(strlen(hex) & 1))
		return report_names_add(names, hex, true);
	return report_names_add(names, text, false);
}

/* What stands for bytes begins with U+0000, which no string of a trail has. */
void report_names_put(const struct report_names *names, FILE *to)
{
	fputc('[', to);
	for (size_t i = 0; i < names->len; i++) {
		fputs(i ? "," : "", to);
		if (names->is_hex[i])
			fprintf(to, "\"\\u0000%s\"", names->at[i]);
		else
			report_put_text(names->at[i], to);
	}
	fputc(']', to);
}
