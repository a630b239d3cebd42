// SPDX-License-Identifier: Apache-2.0
#include "guards_answer.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "user/json/json_scan.h"
#include "user/mcp/json_keys.h"

#define BLANKS " \t\r\n"

/* What NeMo's own flows say where a rail stops (nemoguardrails/library); a server whose
 * `bot refuse to respond` says something else shows it in its log. */
static const char *const refusals[] = {
	"I'm sorry, I can't respond to that.",
	"I'm sorry, I can't respond to that",
	"I am sorry, I can't respond to that.",
};

static void failed(struct declare_guarded *verdict, const char *why)
{
	verdict->said = DECLARE_FAILED;
	snprintf(verdict->why, sizeof(verdict->why), "%s", why);
}

/* A name for people: what it may be made of ends it. */
static void add_category(struct declare_guarded *verdict, const char *text, size_t text_len)
{
	size_t len = strlen(verdict->categories), room = sizeof(verdict->categories) - 1;

	for (size_t i = 0; i < text_len && len < room; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			break;
		if (i == 0 && len && len + 2 < room) {
			verdict->categories[len++] = ',';
			verdict->categories[len++] = ' ';
		}
		verdict->categories[len++] = text[i];
	}
	verdict->categories[len] = '\0';
}

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* choices[0].message.content, where there is one choice. */
static const char *completion(const cJSON *answer)
{
	const cJSON *choices = get(answer, "choices");

	if (!cJSON_IsArray(choices) || cJSON_GetArraySize(choices) != 1)
		return NULL;
	return cJSON_GetStringValue(get(get(choices->child, "message"), "content"));
}

/* ---- llamaguard ---- */

/* "S1,S2" in the line behind the verdict, or behind it in its line. */
static void read_categories(struct declare_guarded *verdict, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "," BLANKS);

		if (len)
			add_category(verdict, text, len);
		text += len;
		text += strspn(text, "," BLANKS);
	}
}

static void read_llamaguard(const cJSON *answer, struct declare_guarded *verdict)
{
	const char *text = completion(answer);
	size_t len;

	if (!text) {
		failed(verdict, "its answer is no chat completion");
		return;
	}
	text += strspn(text, BLANKS);
	len = strcspn(text, BLANKS);
	if (len == strlen("unsafe") && !strncasecmp(text, "unsafe", len)) {
		verdict->said = DECLARE_UNSAFE;
		read_categories(verdict, text + len);
	} else if (len == strlen("safe") && !strncmp(text, "safe", len) &&
		   !text[len + strspn(text + len, BLANKS)]) {
		verdict->said = DECLARE_SAFE;
	} else {
		failed(verdict, "its answer is neither safe nor unsafe");
	}
}

/* ---- nemo ---- */

static bool is(const cJSON *value, const char *text)
{
	return cJSON_IsString(value) && !strcmp(value->valuestring, text);
}

/* Of its checks: {"status":"blocked","rails_status":{"self check input":{"status":"blocked"}}} */
static void read_checks(const cJSON *answer, const cJSON *status, struct declare_guarded *verdict)
{
	const cJSON *rails = get(answer, "rails_status"), *rail;
	bool blocked = is(status, "blocked");

	cJSON_ArrayForEach (rail, rails) {
		if (!rail->string || !is(get(rail, "status"), "blocked"))
			continue;
		blocked = true;
		add_category(verdict, rail->string, strlen(rail->string));
	}
	if (blocked)
		verdict->said = DECLARE_UNSAFE;
	else if (is(status, "success"))
		verdict->said = DECLARE_SAFE;
	else
		failed(verdict, "its status is neither success nor blocked");
}

static bool stops(const cJSON *rail)
{
	const cJSON *decision;

	if (cJSON_IsTrue(get(rail, "stop")))
		return true;
	cJSON_ArrayForEach (decision, get(rail, "decisions"))
		if (is(decision, "stop") || is(decision, "refuse to respond") ||
		    is(decision, "bot refuse to respond"))
			return true;
	return false;
}

/* The rails that ran; false: it has no log of them. */
static bool read_log(const cJSON *answer, struct declare_guarded *verdict)
{
	const cJSON *log = get(answer, "log") ?: get(get(answer, "guardrails"), "log");
	const cJSON *rails = get(log, "activated_rails"), *rail, *name;

	if (!cJSON_IsArray(rails) || !rails->child)
		return false;
	cJSON_ArrayForEach (rail, rails) {
		if (!stops(rail))
			continue;
		verdict->said = DECLARE_UNSAFE;
		name = get(rail, "name");
		if (cJSON_IsString(name))
			add_category(verdict, name->valuestring, strlen(name->valuestring));
	}
	return true;
}

static bool is_refusal(const char *text)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (!strcmp(text, refusals[i]))
			return true;
	return false;
}

/* messages[0] of older servers; with more than one there is no telling. */
static const char *spoken(const cJSON *answer)
{
	const cJSON *messages = get(answer, "messages");

	if (!messages)
		return completion(answer);
	if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) != 1)
		return NULL;
	return cJSON_GetStringValue(get(messages->child, "content"));
}

/* With input rails only, what passes comes back as it was. */
static void read_nemo(const cJSON *answer, const char *asked, struct declare_guarded *verdict)
{
	const cJSON *status = get(answer, "status");
	const char *text;
	bool has_log;

	if (status) {
		read_checks(answer, status, verdict);
		return;
	}
	text = spoken(answer);
	has_log = read_log(answer, verdict);
	if (verdict->said == DECLARE_UNSAFE)
		return;
	if (!text)
		failed(verdict, "its answer is none of a guardrails server");
	else if (!strcmp(text, asked))
		verdict->said = DECLARE_SAFE;
	else if (is_refusal(text))
		verdict->said = DECLARE_UNSAFE;
	else if (has_log)
		failed(verdict, "a rail changed the text, and a call cannot be changed");
	else
		failed(verdict, "it answers something else than what it was asked");
}

/* ---- both ---- */

static cJSON *parse(const char *bytes, size_t len, const char **ret_why)
{
	struct json_scan scan;
	cJSON *answer;

	*ret_why = "its answer is no JSON object";
	json_scan_init(&scan, NULL, 0);
	json_scan_feed(&scan, bytes, len);
	if (json_scan_finish(&scan) != JSON_OBJECT || scan.has_nul || scan.deep)
		return NULL;
	answer = cJSON_ParseWithLength(bytes, len);
	if (answer && json_keys_ambiguity(answer)) {
		*ret_why = "its answer has two readings";
		cJSON_Delete(answer);
		return NULL;
	}
	return answer;
}

void guards_answer_read(enum policy_guard_protocol protocol, const char *asked, const char *bytes,
			size_t len, struct declare_guarded *verdict)
{
	const char *why = "its answer is too long";
	cJSON *answer = len > GUARDS_ANSWER_MAX ? NULL : parse(bytes, len, &why);

	verdict->said = 0;
	verdict->categories[0] = verdict->why[0] = '\0';
	if (!answer)
		failed(verdict, why);
	else if (protocol == POLICY_GUARD_LLAMAGUARD)
		read_llamaguard(answer, verdict);
	else
		read_nemo(answer, asked, verdict);
	cJSON_Delete(answer);
	if (verdict->said != DECLARE_UNSAFE)
		verdict->categories[0] = '\0';
}
