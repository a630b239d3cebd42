/* SPDX-License-Identifier: Apache-2.0 */
/* top_print.h - the rows, for people and for programs. */
#ifndef EC_TOP_PRINT_H
#define EC_TOP_PRINT_H

#include <stdio.h>

#include "top_rows.h"

/* At most this many lines of this many columns, the last without its newline where the
 * height is bounded; 0: as many as it takes. */
struct top_size {
	unsigned int lines, columns;
};
void top_print(const struct top_rows *rows, const struct cJSON *status, struct top_size size,
	       FILE *to);
/* One object on one line. */
void top_print_json(const struct top_rows *rows, const struct cJSON *status, FILE *to);

#endif
