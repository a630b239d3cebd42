/* SPDX-License-Identifier: Apache-2.0 */
/* plain.h - text that others wrote, for a terminal. */
#ifndef EC_PLAIN_H
#define EC_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct cJSON;

/* Control characters become '?'. */
void plain_print(const char *text, FILE *to);
/* Any bytes, so that they can be told apart again: what does not show as itself,
 * marks of direction too, as \u{…}, a byte that is not UTF-8 as \x…, and in quotes
 * where there is a space or nothing. */
void plain_put(const char *bytes, size_t len, FILE *to);
/* The same as a JSON string. False: it was no UTF-8, and U+FFFD is in its place. */
bool plain_put_json(const char *bytes, size_t len, FILE *to);
/* A member of an object; "" and 0 where it is none such. */
const char *plain_text(const struct cJSON *object, const char *name);
double plain_number(const struct cJSON *object, const char *name);

#endif
