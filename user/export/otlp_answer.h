/* SPDX-License-Identifier: Apache-2.0 */
/* otlp_answer.h - what a receiver says: its bytes are anybody's. */
#ifndef EC_OTLP_ANSWER_H
#define EC_OTLP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

/* ExportTraceServiceResponse, ExportLogsServiceResponse. partialSuccess: how many were rejected, and why,
 * without a way to act on a terminal. What is no such answer says nothing. */
void otlp_answer_read(const char *text, size_t len, uint64_t *ret_rejected, char *ret_said,
		      size_t said_len);

#endif
