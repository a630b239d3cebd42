/* SPDX-License-Identifier: Apache-2.0 */
/* trace_print.h - an event as one line. */
#ifndef EC_TRACE_PRINT_H
#define EC_TRACE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "trace_event.h"

/* For people. Nothing in it acts on a terminal or makes a second line. */
void trace_print_text(const struct trace_event *event, bool colours, FILE *to);
/* For programs: the names of a trail, ASCII where a character would not show;
 * bytes that are not UTF-8 become U+FFFD, and follow as hex under "…_hex". */
void trace_print_json(const struct trace_event *event, FILE *to);

#endif
