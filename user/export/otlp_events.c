// SPDX-License-Identifier: Apache-2.0
#include "otlp_events.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "otlp_json.h"

bool otlp_is_denied(const struct cJSON *record)
{
	const char *verdict = export_text(record, "verdict");

	return verdict && !strcmp(verdict, "deny");
}

void otlp_add_json(struct cJSON *attributes, const char *key, const struct cJSON *value)
{
	char *text = value ? cJSON_PrintUnformatted(value) : NULL;

	otlp_add_text(attributes, key, text);
	cJSON_free(text);
}

/* file.path, process.* and the like are of the semantic conventions. */
static void add_effect(cJSON *to, const cJSON *effect)
{
	static const struct {
		const char *key, *member;
	} texts[] = {
		{ "enforcecore.op", "op" },	      { "enforcecore.target", "target" },
		{ "enforcecore.verdict", "verdict" }, { "enforcecore.reason", "reason" },
		{ "enforcecore.rule", "rule" },	      { "process.executable.path", "exe" },
		{ "dns.question.name", "name" },      { "enforcecore.note", "note" },
	};
	const char *target = export_text(effect, "target");
	uint64_t number;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		otlp_add_text(to, texts[i].key, export_text(effect, texts[i].member));
	if (target && target[0] == '/')
		otlp_add_text(to, "file.path", target);
	if (export_count(effect, "pid", &number))
		otlp_add_int(to, "process.pid", number);
	if (export_count(effect, "count", &number))
		otlp_add_int(to, "enforcecore.count", number);
	if (export_count(effect, "open_calls", &number))
		otlp_add_int(to, "enforcecore.open_calls", number);
}

static cJSON *new_event(cJSON *events, uint64_t *dropped, const char *name, int64_t time_us)
{
	if ((unsigned int)cJSON_GetArraySize(events) < OTLP_EVENTS_MAX)
		return otlp_add_event(events, name, time_us);
	(*dropped)++;
	return NULL;
}

void otlp_add_record(struct cJSON *events, uint64_t *dropped, const struct export_record *record,
		     int64_t time_us)
{
	char name[64];
	cJSON *event;

	snprintf(name, sizeof(name), "enforcecore.%.40s", record->kind);
	name[export_whole(name)] = '\0';
	event = new_event(events, dropped, name, time_us);
	if (event)
		add_effect(event, record->json);
}

void otlp_add_guards(struct cJSON *events, uint64_t *dropped, const struct export_record *record,
		     int64_t time_us)
{
	static const char *const texts[][2] = {
		{ "enforcecore.guard.name", "guard" },
		{ "enforcecore.guard.verdict", "verdict" },
		{ "enforcecore.guard.categories", "categories" },
		{ "enforcecore.guard.error", "why" },
		{ "enforcecore.guard.on_error", "on_error" },
	};
	const cJSON *said;

	cJSON_ArrayForEach (said, cJSON_GetObjectItemCaseSensitive(record->json, "guards")) {
		cJSON *event = new_event(events, dropped, "enforcecore.guard", time_us);
		uint64_t ms;

		for (size_t i = 0; event && i < sizeof(texts) / sizeof(*texts); i++)
			otlp_add_text(event, texts[i][0], export_text(said, texts[i][1]));
		if (event && export_count(said, "ms", &ms))
			otlp_add_int(event, "enforcecore.guard.duration_ms", ms);
		if (event && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(said, "cached")))
			otlp_add_bool(event, "enforcecore.guard.cached", true);
	}
}

static void add_list(struct export_call *call, const cJSON *list, const char *name, int64_t time_us)
{
	const cJSON *effect;

	cJSON_ArrayForEach (effect, list) {
		cJSON *event = new_event(call->events, &call->events_dropped, name, time_us);

		if (event)
			add_effect(event, effect);
		/* only of those that had no lines: they are counted there */
		if (!strcmp(name, "enforcecore.denial"))
			call->denials += otlp_is_denied(effect);
	}
}

void otlp_add_observed(struct export_call *call, const struct export_record *end, int64_t time_us)
{
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(end->json, "observed");

	if (!call->has_denials)
		add_list(call, cJSON_GetObjectItemCaseSensitive(observed, "drift"),
			 "enforcecore.denial", time_us);
	if (!call->has_effects)
		add_list(call, cJSON_GetObjectItemCaseSensitive(observed, "effects"),
			 "enforcecore.effect", time_us);
}

static void add_counts(cJSON *attributes, const cJSON *end)
{
	const cJSON *observed = cJSON_GetObjectItemCaseSensitive(end, "observed"),
		    *counts = cJSON_GetObjectItemCaseSensitive(observed, "counts"), *count;
	static const char *const others[] = { "shared", "lost", "omitted" };
	char key[128];
	uint64_t number;

	cJSON_ArrayForEach (count, counts) {
		snprintf(key, sizeof(key), "enforcecore.count.%.64s", count->string);
		key[export_whole(key)] = '\0';
		if (export_count(counts, count->string, &number))
			otlp_add_int(attributes, key, number);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		snprintf(key, sizeof(key), "enforcecore.%s", others[i]);
		if (export_count(observed, others[i], &number))
			otlp_add_int(attributes, key, number);
	}
	number = (uint64_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(observed, "unused"));
	otlp_add_int(attributes, "enforcecore.unused", number);
}

void otlp_add_end(struct cJSON *span, const struct export_call *call,
		  const struct export_record *end)
{
	cJSON *attributes = otlp_attributes(span);
	const char *outcome = end ? export_text(end->json, "outcome") : NULL;

	otlp_add_bool(attributes, "enforcecore.call.ended", end != NULL);
	otlp_add_text(attributes, "enforcecore.outcome", outcome);
	otlp_add_int(attributes, "enforcecore.denials", call->denials);
	if (end)
		add_counts(attributes, end->json);
	if (call->denials) {
		otlp_add_text(attributes, "error.type", "denied");
		otlp_set_error(span, "the kernel refused effects of this call");
	} else if (outcome && !strcmp(outcome, "error")) {
		otlp_add_text(attributes, "error.type", "_OTHER");
		otlp_set_error(span, "the call ended in an error");
	}
}

static void add_labels(cJSON *to, const char *prefix, const cJSON *labels)
{
	const cJSON *label;
	char key[320];

	cJSON_ArrayForEach (label, labels) {
		if (!label->string || !cJSON_IsString(label))
			continue;
		snprintf(key, sizeof(key), "%s%.280s", prefix, label->string);
		key[export_whole(key)] = '\0';
		otlp_add_text(to, key, label->valuestring);
	}
}

void otlp_add_container(struct cJSON *attributes, const struct cJSON *container)
{
	static const struct {
		const char *key, *member;
	} own[] = { { "container.id", "id" },
		    { "container.name", "name" },
		    { "container.image.name", "image" },
		    { "container.runtime", "runtime" } },
	  of_pod[] = { { "k8s.pod.name", "name" },
		       { "k8s.pod.uid", "uid" },
		       { "k8s.namespace.name", "namespace" } };
	const cJSON *pod = cJSON_GetObjectItemCaseSensitive(container, "pod");

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		otlp_add_text(attributes, own[i].key, export_text(container, own[i].member));
	for (size_t i = 0; i < sizeof(of_pod) / sizeof(*of_pod); i++)
		otlp_add_text(attributes, of_pod[i].key, export_text(pod, of_pod[i].member));
	add_labels(attributes, "container.label.",
		   cJSON_GetObjectItemCaseSensitive(container, "labels"));
	add_labels(attributes, "k8s.pod.label.", cJSON_GetObjectItemCaseSensitive(pod, "labels"));
	/* a machine without Kubernetes is a host */
	otlp_add_text(attributes, pod ? "k8s.node.name" : "host.name",
		      export_text(container, "node"));
	if (pod)
		otlp_add_text(attributes, "k8s.container.name", export_text(container, "name"));
}
