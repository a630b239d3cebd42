/* SPDX-License-Identifier: Apache-2.0 */
/* otlp_json.h - OTLP's messages in JSON: lowerCamelCase, 64-bit integers as strings,
 * enums as numbers, trace and span ids in hex. */
#ifndef EC_OTLP_JSON_H
#define EC_OTLP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

#define OTLP_TRACE_ID_SIZE 33
#define OTLP_SPAN_ID_SIZE 17

/* The first bytes of a SHA-256 over what it is made of; never all zero. */
void otlp_id(const char *kind, const char *of, const char *and, size_t bytes_len, char *ret_hex);

/* To a list of attributes; NULL and none are not added. -ENOMEM is told by the list's
 * owner, which is NULL or lacks it: the printed text is all that is used. */
void otlp_add_text(struct cJSON *attributes, const char *key, const char *text);
void otlp_add_int(struct cJSON *attributes, const char *key, uint64_t number);
void otlp_add_bool(struct cJSON *attributes, const char *key, bool value);

/* A span with empty lists of attributes and events. */
struct otlp_times {
	int64_t begin_us, end_us;
};
struct cJSON *otlp_span(const char *trace_id, const char *span_id, const char *parent_id,
			const char *name, struct otlp_times times);
struct cJSON *otlp_attributes(const struct cJSON *span);
/* STATUS_CODE_ERROR, and why. */
void otlp_set_error(struct cJSON *span, const char *message);
/* Takes ownership of events (an array). */
void otlp_set_events(struct cJSON *span, struct cJSON *events, uint64_t dropped);
/* An event; its attributes are returned. NULL: no memory. */
struct cJSON *otlp_add_event(struct cJSON *events, const char *name, int64_t time_us);

#endif
