// SPDX-License-Identifier: Apache-2.0
#include "witness_otlp.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "user/export/otlp_json.h"
#include "user/export/otlp_post.h"
#include "user/moment.h"
#include "witness.h"

#define SEVERITY_INFO 9

struct witness_otlp {
	struct aside *aside;
	char url[];
};

static const struct otlp_post_options post_options = {
	.path = "/v1/logs",
	.timeout_s = WITNESS_OTLP_TIMEOUT,
	.retry_for_s = WITNESS_OTLP_RETRY_FOR,
};

/* "2026-01-31T12:00:00.123456Z" */
static void add_time(cJSON *record, const char *time)
{
	char nanoseconds[48];
	int64_t seconds;

	if (moment_parse(time, &seconds) < 0 || strlen(time) < 26)
		return;
	snprintf(nanoseconds, sizeof(nanoseconds), "%" PRId64 "%.6s000", seconds, time + 20);
	cJSON_AddStringToObject(record, "timeUnixNano", nanoseconds);
}

static void fill(cJSON *record, const struct trail_checkpoint *checkpoint)
{
	char line[WITNESS_LINE_MAX], body[WITNESS_LINE_MAX + 32];
	cJSON *attributes;

	witness_print(checkpoint, line);
	snprintf(body, sizeof(body), "enforcecore: trail %s", line);
	add_time(record, checkpoint->time);
	cJSON_AddNumberToObject(record, "severityNumber", SEVERITY_INFO);
	cJSON_AddStringToObject(record, "severityText", "INFO");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(record, "body"), "stringValue", body);
	attributes = cJSON_AddArrayToObject(record, "attributes");
	otlp_add_text(attributes, "enforcecore.trail.id", checkpoint->trail);
	otlp_add_int(attributes, "enforcecore.trail.seq", checkpoint->seq);
	otlp_add_text(attributes, "enforcecore.trail.head", checkpoint->head);
	otlp_add_text(attributes, "enforcecore.trail.why", checkpoint->why);
}

/* ExportLogsServiceRequest */
static char *print(const struct trail_checkpoint *checkpoint)
{
	cJSON *request = cJSON_CreateObject(), *of = cJSON_CreateObject(),
	      *scope = cJSON_CreateObject(), *record = cJSON_CreateObject();
	cJSON *attributes;
	char *text;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(request, "resourceLogs"), of);
	attributes = cJSON_AddArrayToObject(cJSON_AddObjectToObject(of, "resource"), "attributes");
	otlp_add_text(attributes, "service.name", "enforcecore");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(of, "scopeLogs"), scope);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(scope, "scope"), "name", "enforcecore");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(scope, "logRecords"), record);
	fill(record, checkpoint);
	text = cJSON_PrintUnformatted(request);
	cJSON_Delete(request);
	return text;
}

static int work(void *ctx, const struct trail_checkpoint *checkpoint)
{
	const struct witness_otlp *otlp = ctx;
	struct otlp_post_result result = { 0 };
	struct otlp_post *post = NULL;
	char *text = print(checkpoint);
	int r = text ? otlp_post_open(otlp->url, &post_options, &post) : -ENOMEM;

	if (r == 0)
		r = otlp_post_send(post, text, strlen(text), 1);
	if (r == 0)
		r = otlp_post_finish(post);
	if (post)
		otlp_post_result(post, &result);
	otlp_post_close(post);
	cJSON_free(text);
	return r < 0 ? r : result.delivered ? 0 : -EREMOTEIO;
}

int witness_otlp_open(const char *url, struct witness_otlp **ret_otlp)
{
	struct witness_otlp *otlp = calloc(1, sizeof(*otlp) + strlen(url) + 1);
	const struct aside_options aside = { .room = WITNESS_OTLP_QUEUE,
					     .work = work,
					     .ctx = otlp };
	struct otlp_post *post = NULL;
	int r = otlp ? otlp_post_open(url, &post_options, &post) : -ENOMEM;

	otlp_post_close(post); /* it is a URL */
	if (r == 0)
		r = aside_open(&aside, &otlp->aside);
	if (r < 0) {
		free(otlp);
		return r;
	}
	strcpy(otlp->url, url);
	*ret_otlp = otlp;
	return 0;
}

int witness_otlp(struct witness_otlp *otlp, const struct trail_checkpoint *checkpoint)
{
	return aside_tell(otlp->aside, checkpoint);
}

int witness_otlp_finish(struct witness_otlp *otlp, unsigned int milliseconds)
{
	return aside_wait(otlp->aside, milliseconds) ? aside_error(otlp->aside) : -ETIMEDOUT;
}

void witness_otlp_close(struct witness_otlp *otlp)
{
	if (otlp && aside_close(otlp->aside))
		free(otlp);
}
