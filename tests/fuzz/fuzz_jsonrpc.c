// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a conversation. The input is cut at each 0x00: what is between
 * comes from the client and the server in turn.
 *
 * 1. The scanner says the same whichever way a text is cut, and agrees with
 *    cJSON about what is valid and what the id is.
 * 2. Whatever a server could read as a tools/call was declared to the session
 *    first, under the same name, with the same arguments and in the same order.
 * 3. Of what is redacted nothing is in the arguments that the server reads, nor
 *    in the texts of the results that the client reads.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "claim.h"
#include "policy/pii/pii.h"
#include "user/mcp/mcp.h"
#include "user/mcp/message.h"
#include "user/json/json_text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- a session that remembers which names were declared ---- */

#define NAMES_MAX 4096

struct session {
	char *declared[NAMES_MAX];
	char *args[NAMES_MAX];
	struct pii *pii;
	size_t declared_len, seen_len, open;
	uint64_t calls;
};

static bool tool_allowed(const struct session *session, const char *tool)
{
	(void)session;
	return *tool != 'd';
}

static bool observes(const struct session *session)
{
	(void)session;
	return false;
}

static int call_begin(struct session *session, const struct session_declaration *declaration,
		      struct session_call *ret_call)
{
	const char *tool = declaration->tool;

	if (*tool == 'd' || session->declared_len == NAMES_MAX)
		return -EACCES;
	session->args[session->declared_len] = declaration->args ?
						       cJSON_PrintUnformatted(declaration->args) :
						       NULL;
	session->declared[session->declared_len++] = strdup(tool);
	session->open++;
	*ret_call = (struct session_call) { .id = ++session->calls, .deadline_ns = 1000 };
	return 0;
}

static int call_end(struct session *session, uint64_t id, const char *outcome)
{
	CLAIM(id && id <= session->calls && outcome && session->open--);
	return 0;
}

static int drain(struct session *session)
{
	(void)session;
	return 0;
}

static void note(struct session *session, const char *kind, const char *text)
{
	(void)session;
	CLAIM(kind && text);
}

static bool serializes(const struct session *session, const char *tool)
{
	(void)session;
	return *tool == 's';
}

static const struct pii *redacts(const struct session *session)
{
	return session->pii;
}

static void call_redacted(struct session *session, uint64_t id, size_t count)
{
	CLAIM(id && id <= session->calls && count);
}

static int call_reasons(const struct session *session, uint64_t id, struct cJSON *array)
{
	CLAIM(id && id <= session->calls);
	CLAIM(cJSON_AddItemToArray(array, cJSON_CreateString("write \"\\: undeclared")));
	return 0;
}

static const struct gateway_ops ops = {
	.tool_allowed = tool_allowed,
	.observes = observes,
	.call_begin = call_begin,
	.call_end = call_end,
	.drain = drain,
	.note = note,
	.serializes = serializes,
	.redacts_input = redacts,
	.redacts_output = redacts,
	.call_redacted = call_redacted,
	.call_reasons = call_reasons,
};

/* ---- the most lenient of servers ---- */

static void is_clean(const struct session *session, const char *text)
{
	struct pii_match *matches;
	size_t len;

	CLAIM(!pii_find(session->pii, text, strlen(text), &matches, &len));
	CLAIM(!len);
	free(matches);
}

static void all_is_clean(const struct session *session, const struct cJSON *value)
{
	const struct cJSON *item;

	if (cJSON_IsString(value))
		is_clean(session, value->valuestring);
	cJSON_ArrayForEach (item, value)
		all_is_clean(session, item);
}

static void saw_arguments(const struct session *session, const struct cJSON *args)
{
	const char *declared = session->args[session->seen_len];
	char *seen = cJSON_PrintUnformatted(args);

	CLAIM(seen && (declared ? !strcmp(declared, seen) : cJSON_IsNull(args)));
	cJSON_free(seen);
	all_is_clean(session, args);
}

static void saw_call(struct session *session, const struct cJSON *message)
{
	const struct cJSON *params, *item;
	size_t names = 0;

	CLAIM(session->seen_len < session->declared_len);
	cJSON_ArrayForEach (params, message) {
		if (strcasecmp(params->string, "params"))
			continue;
		cJSON_ArrayForEach (item, params) {
			if (!strcasecmp(item->string, "arguments"))
				saw_arguments(session, item);
			if (strcasecmp(item->string, "name"))
				continue;
			CLAIM(cJSON_IsString(item) && !names++);
			CLAIM(!strcmp(item->valuestring, session->declared[session->seen_len]));
		}
	}
	CLAIM(names == 1);
	session->seen_len++;
}

static void serve(struct session *session, const struct cJSON *message)
{
	const struct cJSON *item;

	if (cJSON_IsArray(message))
		cJSON_ArrayForEach (item, message)
			serve(session, item);
	if (!cJSON_IsObject(message))
		return;
	cJSON_ArrayForEach (item, message)
		if (!strcasecmp(item->string, "method") && cJSON_IsString(item) &&
		    !strcmp(item->valuestring, "tools/call")) {
			saw_call(session, message);
			break;
		}
}

static void serve_text(struct session *session, const char *text, size_t len)
{
	struct cJSON *message = cJSON_ParseWithLength(text, len);

	serve(session, message);
	cJSON_Delete(message);
}

/* Cut at each carriage return, as Python's text streams do, or not. */
static void serve_line(struct session *session, const char *line, size_t len)
{
	const char *cr = memchr(line, '\r', len);
	size_t before = session->seen_len;

	serve_text(session, line, len);
	if (!cr || session->seen_len > before)
		return;
	for (const char *at = line; at < line + len; at = cr + 1) {
		cr = memchr(at, '\r', len - (size_t)(at - line));
		cr = cr ? cr : line + len;
		serve_text(session, at, (size_t)(cr - at));
	}
}

static void serve_all(struct session *session, struct evbuffer *from)
{
	size_t len;
	char *line;

	while ((line = evbuffer_readln(from, &len, EVBUFFER_EOL_LF))) {
		serve_line(session, line, len);
		free(line);
	}
}

/* ---- the client ---- */

static void read_result(const struct session *session, const struct cJSON *message)
{
	const struct cJSON *result = cJSON_GetObjectItemCaseSensitive(message, "result"), *item;

	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(result, "content"))
		all_is_clean(session, cJSON_GetObjectItemCaseSensitive(item, "text"));
	all_is_clean(session, cJSON_GetObjectItemCaseSensitive(result, "structuredContent"));
}

static void read_all(const struct session *session, struct evbuffer *from)
{
	size_t len;
	char *line;

	while ((line = evbuffer_readln(from, &len, EVBUFFER_EOL_LF))) {
		struct cJSON *json = cJSON_ParseWithLength(line, len);

		read_result(session, json);
		cJSON_Delete(json);
		free(line);
	}
}

static void converse(const uint8_t *data, size_t size)
{
	static struct session session;
	struct evbuffer *in = evbuffer_new();
	struct mcp *mcp;
	bool server = false;
	uint64_t next;
	size_t open;

	session = (struct session) { .pii = session.pii };
	if (!session.pii)
		CLAIM(!pii_new(&(struct pii_options) { PII_ALL, PII_PLACEHOLDER }, &session.pii));
	CLAIM(in && !mcp_new(&ops, &session, 8, &mcp));
	for (const uint8_t *at = data, *end = data + size; at <= end; server = !server) {
		const uint8_t *stop = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		size_t len = (size_t)((stop ? stop : end) - at);

		evbuffer_add(in, at, len);
		CLAIM(!(server ? mcp_from_server : mcp_from_client)(mcp, in));
		CLAIM(!evbuffer_get_length(in));
		serve_all(&session, mcp_to_server(mcp));
		read_all(&session, mcp_to_client(mcp));
		if (len == 3)
			CLAIM(!mcp_tick(mcp, 2000, &next));
		at += len + 1;
	}
	CLAIM(!mcp_client_ended(mcp));
	evbuffer_add(mcp_to_server(mcp), "\n", 1);
	serve_all(&session, mcp_to_server(mcp));
	CLAIM(session.seen_len == session.declared_len);
	CLAIM(!mcp_server_ended(mcp, "went", &open) && !session.open);
	CLAIM(!mcp_is_waiting(mcp));
	read_all(&session, mcp_to_client(mcp));
	mcp_free(mcp);
	evbuffer_free(in);
	while (session.declared_len) {
		free(session.declared[--session.declared_len]);
		cJSON_free(session.args[session.declared_len]);
	}
}

/* ---- the scanner against cJSON ---- */

/* cJSON takes neither lone surrogates nor long numbers. */
static bool beyond_cjson(const char *text, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		digits = strchr("0123456789+-.eE", text[i]) && text[i] ? digits + 1 : 0;
		if (digits > 60 || (text[i] == '\\' && i + 2 < len && text[i + 1] == 'u' &&
				    (text[i + 2] | 0x20) == 'd'))
			return true;
	}
	return false;
}

static void compare_id(const struct json_scan *scan, const struct cJSON *json)
{
	const struct cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "id");
	struct message_id id;

	if (scan->seen[MESSAGE_ID].count != 1 || scan->seen[MESSAGE_ID].folded || scan->has_nul)
		return;
	CLAIM(item);
	if (message_id(scan, MESSAGE_ID, &id))
		return;
	if (cJSON_IsString(item))
		CLAIM(id.key[0] == 's' && strlen(item->valuestring) == id.key_len - 1 &&
		      !memcmp(item->valuestring, id.key + 1, id.key_len - 1));
	else
		CLAIM(cJSON_IsNumber(item) && id.key[0] == 'n' &&
		      (strtod(id.key + 1, NULL) == item->valuedouble));
}

static void scan_both_ways(const char *text, size_t len)
{
	static struct json_scan whole, bytes;
	enum json_kind kind;

	message_scan_init(&whole);
	json_scan_feed(&whole, text, len);
	kind = json_scan_finish(&whole);
	message_scan_init(&bytes);
	for (size_t i = 0; i < len; i++)
		json_scan_feed(&bytes, text + i, 1);
	CLAIM(json_scan_finish(&bytes) == kind && bytes.offset == whole.offset);
	for (int i = 0; i < MESSAGE_KEYS; i++) {
		const struct json_seen *a = &whole.seen[i], *b = &bytes.seen[i];

		CLAIM(a->count == b->count && a->folded == b->folded && a->cut == b->cut &&
		      a->kind == b->kind && a->raw_len == b->raw_len &&
		      !memcmp(a->raw, b->raw, a->raw_len));
	}
	if (kind <= JSON_INVALID || whole.deep || whole.has_nonfinite || beyond_cjson(text, len))
		return;
	struct cJSON *json = cJSON_ParseWithLength(text, len);

	CLAIM(json);
	if (kind == JSON_OBJECT)
		compare_id(&whole, json);
	cJSON_Delete(json);
}

/* What the gateway says on standard error is not of interest here. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=2";
	char **args = calloc((size_t)*argc + 2, sizeof(*args));

	CLAIM(args);
	memcpy(args, *argv, (size_t)*argc * sizeof(*args));
	args[(*argc)++] = quiet;
	*argv = args;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CLAIM(text);
	memcpy(text, data, size);
	text[size] = '\0';
	scan_both_ways(text, size);
	free(text);
	converse(data, size);
	return 0;
}
