/* SPDX-License-Identifier: Apache-2.0 */
/* python_text.h - JSON values as Python's json.dumps writes what json.loads read. */
#ifndef EC_PYTHON_TEXT_H
#define EC_PYTHON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* raw: a string with its quotes, valid JSON. Returns the length of what is written
 * (ASCII, quotes included), at most 6 times as much as raw has; 0: it is no UTF-8, or
 * has escapes that Python does not write. */
size_t python_string(const char *raw, size_t raw_len, char *out);
/* raw: a number, valid JSON. Is it written as Python writes numbers? Whether the digits
 * of a float, 16 or 17, are the fewest that tell it from its neighbours is not asked:
 * that takes longer than all else of a line, and the line's hash is of the digits as
 * they stand. An int may be of any length. */
bool python_number(const char *raw, size_t raw_len);
#define PYTHON_NUMBER_MAX 32
/* repr() of a float, NUL-terminated. */
void python_float(double number, char out[PYTHON_NUMBER_MAX]);

#endif
