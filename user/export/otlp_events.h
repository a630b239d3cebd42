/* SPDX-License-Identifier: Apache-2.0 */
/* otlp_events.h - records, and what a call's end has observed, as events of a span. */
#ifndef EC_OTLP_EVENTS_H
#define EC_OTLP_EVENTS_H

#include "export_impl.h"

/* As OTEL_SPAN_EVENT_COUNT_LIMIT is by default. */
#define OTLP_EVENTS_MAX 128u

bool otlp_is_denied(const struct cJSON *record);
/* dropped counts what has no room. */
void otlp_add_record(struct cJSON *events, uint64_t *dropped, const struct export_record *record,
		     int64_t time_us);
/* The effects and the drift that have no lines of their own. */
void otlp_add_observed(struct export_call *call, const struct export_record *end, int64_t time_us);
/* What guards said of the call that the record begins or refuses, an event each. */
void otlp_add_guards(struct cJSON *events, uint64_t *dropped, const struct export_record *record,
		     int64_t time_us);
/* What the end says of its call: attributes and status. NULL: there is no end. */
void otlp_add_end(struct cJSON *span, const struct export_call *call,
		  const struct export_record *end);
/* A value as JSON text; NULL is none. */
void otlp_add_json(struct cJSON *attributes, const char *key, const struct cJSON *value);

/* Where the agent runs, as semantic conventions 1.37 call it. NULL is fine. */
void otlp_add_container(struct cJSON *attributes, const struct cJSON *container);

#endif
