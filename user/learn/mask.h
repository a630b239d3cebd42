/* SPDX-License-Identifier: Apache-2.0 */
/* mask.h - the parts of names that a program makes up each time. */
#ifndef EC_MASK_H
#define EC_MASK_H

#include <stdbool.h>
#include <stddef.h>

/* text, each number or hexadecimal part of it a star; false: does not fit. The
 * rest stays as it is: text is a pattern already, or has no glob characters. */
bool mask_text(const char *text, char *to, size_t to_len);

#endif
