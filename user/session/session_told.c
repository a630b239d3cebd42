// SPDX-License-Identifier: Apache-2.0
/* session_told.c - what is left out of what the agent and the trail are told. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "policy/pii/pii.h"
#include "session_impl.h"

/* Longest string of an argument that the trail carries whole. */
#define RECORDED_STRING_MAX 1024u
#define RECORDED_PREFIX 128u
/* Longest arguments, all together; past it only their length is recorded. */
#define RECORDED_ARGS_MAX (64u * 1024u)

/* A long text stands in the trail by its beginning, length and SHA-256. */
static int shorten(cJSON *string)
{
	size_t len = strlen(string->valuestring);
	char text[RECORDED_PREFIX + 160], hash[65];
	unsigned char digest[32];
	size_t prefix = RECORDED_PREFIX;

	crypto_hash_sha256(digest, (const unsigned char *)string->valuestring, len);
	sodium_bin2hex(hash, sizeof(hash), digest, sizeof(digest));
	while (prefix && ((unsigned char)string->valuestring[prefix] & 0xc0) == 0x80)
		prefix--; /* not within a UTF-8 character */
	snprintf(text, sizeof(text), "%.*s... (%zu bytes, SHA-256 %s)", (int)prefix,
		 string->valuestring, len, hash);
	return cJSON_SetValuestring(string, text) ? 0 : -ENOMEM;
}

static int shorten_all(cJSON *value)
{
	int r = 0;

	if (cJSON_IsString(value) && strlen(value->valuestring) > RECORDED_STRING_MAX)
		return shorten(value);
	for (cJSON *child = value->child; child && r == 0; child = child->next)
		r = shorten_all(child);
	return r;
}

int session_add_arguments(struct cJSON *record, const struct cJSON *args, const struct pii *pii,
			  size_t *ret_found)
{
	cJSON *copy = cJSON_Duplicate(args, 1);
	char *text = NULL;
	int r = copy ? 0 : -ENOMEM;

	if (r == 0 && pii)
		r = pii_redact_json(pii, copy, ret_found);
	if (r == -E2BIG) {
		cJSON_Delete(copy);
		return cJSON_AddStringToObject(record, "arguments_left_out",
					       "they cannot be redacted") ?
			       0 :
			       -ENOMEM;
	}
	if (r == 0 && shorten_all(copy) == 0)
		text = cJSON_PrintUnformatted(copy);
	if (!text) {
		cJSON_Delete(copy);
		return -ENOMEM;
	}
	if (strlen(text) > RECORDED_ARGS_MAX) {
		cJSON_Delete(copy);
		copy = NULL;
		cJSON_AddNumberToObject(record, "arguments_len", (double)strlen(text));
	}
	free(text);
	if (copy)
		cJSON_AddItemToObject(record, "arguments", copy);
	return 0;
}

char *session_tellable(const struct session *session, const char *reason)
{
	const struct pii *pii = session_redacts_input(session);
	char *redacted = NULL;
	size_t len = strlen(reason), count;

	if (pii && pii_redact(pii, reason, len, &redacted, &len, &count) < 0)
		return strdup("left out: it cannot be redacted");
	return redacted ? redacted : strdup(reason);
}

void session_add_reason(const struct session *session, struct cJSON *record, const char *reason)
{
	char *tellable = session_tellable(session, reason);

	if (tellable)
		trail_add_bytes(record, "reason", tellable, strlen(tellable));
	free(tellable);
}

void session_call_redacted(struct session *session, uint64_t id, size_t count)
{
	struct open_call *call = session_find_call(session, id);

	if (call)
		call->redactions += count;
}

const struct pii *session_redacts_input(const struct session *session)
{
	/* a policy that is not known: nothing is told that it could be about */
	return session->installed.policy ? policy_redacts_input(session->installed.policy) : NULL;
}

const struct pii *session_redacts_output(const struct session *session)
{
	return policy_redacts_output(session->installed.policy);
}
