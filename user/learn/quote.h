/* SPDX-License-Identifier: Apache-2.0 */
/* quote.h - text of any bytes in YAML, and no way out of its quotes. */
#ifndef EC_QUOTE_H
#define EC_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The character at text; its length, or 0: not UTF-8. */
size_t quote_decode(const char *text, uint32_t *ret_code);
/* Seen as itself, also on a terminal: no controls, no marks of direction. */
bool quote_shows(uint32_t code);
/* As a double-quoted scalar; what does not show is written as its number. */
void quote_put(const char *text, FILE *to);

#endif
