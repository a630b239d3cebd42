// SPDX-License-Identifier: Apache-2.0
#include "guards_request.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

/* "unsafe" and a line of categories */
#define TOKENS_MAX 100

char *guards_request_text(const char *tool, const char *args)
{
	char *text;

	if (asprintf(&text, "An AI agent wants to call the tool %s with these arguments:\n%s", tool,
		     args ? args : "{}") < 0)
		return NULL;
	return text;
}

static bool add_message(cJSON *body, const char *text)
{
	cJSON *messages = cJSON_AddArrayToObject(body, "messages");
	cJSON *message = cJSON_CreateObject();

	return cJSON_AddItemToArray(messages, message) &&
	       cJSON_AddStringToObject(message, "role", "user") &&
	       cJSON_AddStringToObject(message, "content", text);
}

/* Its input rails, and no answer of a model; which of them ran. */
static bool add_options(cJSON *to)
{
	cJSON *options = cJSON_AddObjectToObject(to, "options");
	cJSON *rails = cJSON_AddArrayToObject(options, "rails");
	cJSON *log = cJSON_AddObjectToObject(options, "log");

	return cJSON_AddItemToArray(rails, cJSON_CreateString("input")) &&
	       cJSON_AddTrueToObject(log, "activated_rails");
}

/* Servers since 0.20 look below "guardrails", older ones beside "messages". */
static bool add_nemo(cJSON *body, const struct policy_guard *guard)
{
	cJSON *guardrails = cJSON_AddObjectToObject(body, "guardrails");

	if (guard->config && (!cJSON_AddStringToObject(body, "config_id", guard->config) ||
			      !cJSON_AddStringToObject(guardrails, "config_id", guard->config)))
		return false;
	return add_options(body) && add_options(guardrails);
}

static bool add_llamaguard(cJSON *body)
{
	return cJSON_AddNumberToObject(body, "temperature", 0) &&
	       cJSON_AddNumberToObject(body, "max_tokens", TOKENS_MAX);
}

char *guards_request_body(const struct policy_guard *guard, const char *text)
{
	cJSON *body = cJSON_CreateObject();
	char *printed = NULL;

	if ((!guard->model || cJSON_AddStringToObject(body, "model", guard->model)) &&
	    add_message(body, text) && cJSON_AddFalseToObject(body, "stream") &&
	    (guard->protocol == POLICY_GUARD_NEMO ? add_nemo(body, guard) : add_llamaguard(body)))
		printed = cJSON_PrintUnformatted(body);
	cJSON_Delete(body);
	return printed;
}
