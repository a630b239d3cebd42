// SPDX-License-Identifier: Apache-2.0
#include "decode.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bpf/name.h"
#include "bpf/verdict.h"
#include "policy/ask/ask.h"
#include "user/trail/trail.h"

int decode_record(const void *data, size_t data_len, struct effect *ret_effect)
{
	struct effect effect;

	if (data_len < sizeof(effect.obs))
		return -EBADMSG;
	memcpy(&effect.obs, data, sizeof(effect.obs));
	if (effect.obs.version != EC_OBS_VERSION || effect.obs.len != sizeof(effect.obs) ||
	    effect.obs.target_len > EC_TARGET_MAX ||
	    effect.obs.target_len > data_len - sizeof(effect.obs))
		return -EBADMSG;
	if (effect.obs.kind != EC_OBS_EFFECT && effect.obs.kind != EC_OBS_EXEC &&
	    effect.obs.kind != EC_OBS_FLOW && effect.obs.kind != EC_OBS_UNSEEN)
		return -EBADMSG;
	effect.target = (const char *)data + sizeof(effect.obs);
	*ret_effect = effect;
	return 0;
}

#define NAME_OF(table, index)                                                                      \
	((index) < sizeof(table) / sizeof((table)[0]) && (table)[index] ? (table)[index] :         \
									  "unknown")

const char *decode_op(uint8_t op)
{
	static const char *const names[] = {
		[EC_OP_READ] = "read",	     [EC_OP_WRITE] = "write",	[EC_OP_EXEC] = "exec",
		[EC_OP_CONNECT] = "connect", [EC_OP_LISTEN] = "listen", [EC_OP_LOAD] = "load",
		[EC_OP_PRIV] = "privilege",
	};

	return NAME_OF(names, op);
}

const char *decode_verdict(uint8_t verdict)
{
	return ask_verdict(verdict);
}

const char *decode_reason(uint8_t reason)
{
	return ask_reason(reason);
}

const char *decode_priv(uint8_t priv)
{
	const char *name = policy_priv_name(priv);

	return name ? name : "unknown";
}

const char *decode_unseen(uint8_t what)
{
	return what == EC_UNSEEN_URING ? "io_uring" : "unknown";
}

const char *decode_doubt(const struct ec_obs *obs)
{
	static const char *const names[] = {
		[EC_WALK_RETRY] = "renamed or mounted at each look",
		[EC_WALK_INTERNAL] = "not a file that has a path",
		[EC_WALK_OUTSIDE] = "outside the agent's root",
		[EC_WALK_TOO_DEEP] = "too deep",
		[EC_WALK_TOO_LONG] = "too long",
		[EC_WALK_BROKEN] = "a name or a directory is missing",
	};

	if (obs->reason != EC_REASON_DOUBT || obs->target_kind != EC_TARGET_PATH ||
	    obs->target_len || !obs->priv)
		return NULL;
	return NAME_OF(names, obs->priv);
}

/* 16 address bytes: "a.b.c.d" or "[v6]". */
static void address_text(const unsigned char *bytes, char text[INET6_ADDRSTRLEN + 2])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!memcmp(bytes, mapped, sizeof(mapped))) {
		inet_ntop(AF_INET, bytes + 12, text, INET6_ADDRSTRLEN);
		return;
	}
	text[0] = '[';
	inet_ntop(AF_INET6, bytes, text + 1, INET6_ADDRSTRLEN);
	strcat(text, "]");
}

/* 0x01, 16 address bytes, 2 port bytes. */
static bool inet_text(const struct effect *effect, char *text, size_t text_len)
{
	const unsigned char *bytes = (const unsigned char *)effect->target;
	char host[INET6_ADDRSTRLEN + 2];

	if (effect->obs.target_len != 19)
		return false;
	address_text(bytes + 1, host);
	snprintf(text, text_len, "%s:%u", host, (unsigned int)bytes[17] << 8 | bytes[18]);
	return true;
}

/* "name:port". Only the resolver puts names into the kernel, which are clean. */
static bool host_text(const struct effect *effect, char *text, size_t text_len)
{
	const unsigned char *bytes = (const unsigned char *)effect->target;
	size_t len = effect->obs.target_len, end;

	if (len < 21 || len > EC_NAME_TEXT + 18 || bytes[0] != EC_STRING_HOST)
		return false;
	end = len - 19;
	if (bytes[end] || memchr(bytes, 0, end))
		return false;
	snprintf(text, text_len, "%s:%u", (const char *)bytes + 1,
		 (unsigned int)bytes[end + 1] << 8 | bytes[end + 2]);
	return true;
}

int decode_target(const struct effect *effect, char text[DECODE_TARGET_SIZE], size_t *ret_len)
{
	size_t len = effect->obs.target_len;

	*ret_len = 0;
	switch (effect->obs.target_kind) {
	case EC_TARGET_INET:
		if (!inet_text(effect, text, DECODE_TARGET_SIZE))
			return -EBADMSG;
		*ret_len = strlen(text);
		return 0;
	case EC_TARGET_HOST:
		if (!host_text(effect, text, DECODE_TARGET_SIZE))
			return -EBADMSG;
		*ret_len = strlen(text);
		return 0;
	case EC_TARGET_ABSTRACT:
		if (!len)
			return -EBADMSG;
		memcpy(text, "unix:@", 6);
		memcpy(text + 6, effect->target + 1, len - 1);
		*ret_len = 6 + len - 1;
		return 0;
	case EC_TARGET_PRIV:
		*ret_len = strlen(strcpy(text, decode_priv(effect->obs.priv)));
		return 0;
	default:
		memcpy(text, effect->target, len);
		*ret_len = len;
		return 0;
	}
}

void decode_address(const struct effect *effect, char text[DECODE_TARGET_SIZE])
{
	address_text((const unsigned char *)effect->target + effect->obs.target_len - 16, text);
}

static int add_target(const struct effect *effect, struct cJSON *record)
{
	char text[DECODE_TARGET_SIZE];
	size_t len;
	int r = decode_target(effect, text, &len);

	if (r < 0)
		return r;
	if (!len)
		return cJSON_AddNullToObject(record, "target") ? 0 : -ENOMEM;
	if ((r = trail_add_bytes(record, "target", text, len)) < 0 ||
	    effect->obs.target_kind != EC_TARGET_HOST)
		return r;
	decode_address(effect, text);
	return cJSON_AddStringToObject(record, "address", text) ? 0 : -ENOMEM;
}

bool decode_is_mapped(const struct ec_obs *obs)
{
	return obs->target_kind == EC_TARGET_PATH && obs->op == EC_OP_WRITE &&
	       obs->verdict == EC_VERDICT_ALLOW && obs->priv == EC_HOW_MAPPED;
}

int decode_describe(const struct effect *effect, struct cJSON *record)
{
	const struct ec_obs *obs = &effect->obs;
	const char *doubt = decode_doubt(obs);

	if (!cJSON_AddStringToObject(record, "op", decode_op(obs->op)) ||
	    !cJSON_AddStringToObject(record, "verdict", decode_verdict(obs->verdict)) ||
	    !cJSON_AddStringToObject(record, "reason", decode_reason(obs->reason)) ||
	    (doubt && !cJSON_AddStringToObject(record, "doubt", doubt)) ||
	    (decode_is_mapped(obs) && !cJSON_AddTrueToObject(record, "mapped")) ||
	    !cJSON_AddNumberToObject(record, "pid", obs->pid) ||
	    !cJSON_AddNumberToObject(record, "tid", obs->tid) ||
	    !cJSON_AddNumberToObject(record, "uid", obs->uid))
		return -ENOMEM;
	if ((obs->flags & EC_OBS_SAID && !cJSON_AddTrueToObject(record, "said")) ||
	    (obs->flags & EC_OBS_FAILED && !cJSON_AddTrueToObject(record, "failed")))
		return -ENOMEM;
	return add_target(effect, record);
}
