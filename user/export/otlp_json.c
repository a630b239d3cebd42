// SPDX-License-Identifier: Apache-2.0
#include "otlp_json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void otlp_id(const char *kind, const char *of, const char *and, size_t bytes_len, char *ret_hex)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	const char *const parts[] = { "enforcecore", kind, of, and};

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) /* with their NULs */
		crypto_hash_sha256_update(&state, (const unsigned char *)parts[i],
					  strlen(parts[i]) + 1);
	crypto_hash_sha256_final(&state, hash);
	hash[0] |= sodium_is_zero(hash, bytes_len) ? 1 : 0;
	sodium_bin2hex(ret_hex, 2 * bytes_len + 1, hash, bytes_len);
}

/* AnyValue: exactly one member. */
static void add_value(cJSON *attributes, const char *key, const char *type, cJSON *value)
{
	cJSON *attribute = cJSON_CreateObject();

	cJSON_AddStringToObject(attribute, "key", key);
	cJSON_AddItemToObject(cJSON_AddObjectToObject(attribute, "value"), type, value);
	cJSON_AddItemToArray(attributes, attribute);
}

static cJSON *number_text(int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	return cJSON_CreateString(text);
}

void otlp_add_text(struct cJSON *attributes, const char *key, const char *text)
{
	if (text)
		add_value(attributes, key, "stringValue", cJSON_CreateString(text));
}

void otlp_add_int(struct cJSON *attributes, const char *key, uint64_t number)
{
	add_value(attributes, key, "intValue", number_text((int64_t)number));
}

void otlp_add_bool(struct cJSON *attributes, const char *key, bool value)
{
	add_value(attributes, key, "boolValue", cJSON_CreateBool(value));
}

static void add_time(cJSON *to, const char *name, int64_t us)
{
	cJSON_AddItemToObject(to, name, number_text(us * 1000));
}

struct cJSON *otlp_span(const char *trace_id, const char *span_id, const char *parent_id,
			const char *name, struct otlp_times times)
{
	cJSON *span = cJSON_CreateObject();

	cJSON_AddStringToObject(span, "traceId", trace_id);
	cJSON_AddStringToObject(span, "spanId", span_id);
	if (parent_id)
		cJSON_AddStringToObject(span, "parentSpanId", parent_id);
	cJSON_AddStringToObject(span, "name", name);
	cJSON_AddNumberToObject(span, "kind", 1); /* SPAN_KIND_INTERNAL */
	add_time(span, "startTimeUnixNano", times.begin_us);
	/* the clock may have been set back meanwhile */
	add_time(span, "endTimeUnixNano",
		 times.end_us < times.begin_us ? times.begin_us : times.end_us);
	cJSON_AddArrayToObject(span, "attributes");
	return span;
}

struct cJSON *otlp_attributes(const struct cJSON *span)
{
	return cJSON_GetObjectItemCaseSensitive(span, "attributes");
}

void otlp_set_error(struct cJSON *span, const char *message)
{
	cJSON *status = cJSON_AddObjectToObject(span, "status");

	cJSON_AddNumberToObject(status, "code", 2); /* STATUS_CODE_ERROR */
	cJSON_AddStringToObject(status, "message", message);
}

void otlp_set_events(struct cJSON *span, struct cJSON *events, uint64_t dropped)
{
	if (events)
		cJSON_AddItemToObject(span, "events", events);
	if (dropped) /* uint32: a number */
		cJSON_AddNumberToObject(span, "droppedEventsCount",
					dropped > UINT32_MAX ? UINT32_MAX : (double)dropped);
}

struct cJSON *otlp_add_event(struct cJSON *events, const char *name, int64_t time_us)
{
	cJSON *event = cJSON_CreateObject();

	add_time(event, "timeUnixNano", time_us);
	cJSON_AddStringToObject(event, "name", name);
	cJSON_AddItemToArray(events, event);
	return cJSON_AddArrayToObject(event, "attributes");
}
