// SPDX-License-Identifier: Apache-2.0
#include "decode.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
	    effect.obs.kind != EC_OBS_FLOW)
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

/* 0x01, 16 address bytes, 2 port bytes: "a.b.c.d:port" or "[v6]:port". */
static bool inet_text(const struct effect *effect, char *text, size_t text_len)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *bytes = (const unsigned char *)effect->target;
	char host[INET6_ADDRSTRLEN];
	unsigned int port;

	if (effect->obs.target_len != 19)
		return false;
	port = (unsigned int)bytes[17] << 8 | bytes[18];
	if (!memcmp(bytes + 1, mapped, sizeof(mapped))) {
		inet_ntop(AF_INET, bytes + 13, host, sizeof(host));
		snprintf(text, text_len, "%s:%u", host, port);
	} else {
		inet_ntop(AF_INET6, bytes + 1, host, sizeof(host));
		snprintf(text, text_len, "[%s]:%u", host, port);
	}
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

static int add_target(const struct effect *effect, struct cJSON *record)
{
	char text[DECODE_TARGET_SIZE];
	size_t len;
	int r = decode_target(effect, text, &len);

	if (r < 0)
		return r;
	if (!len)
		return cJSON_AddNullToObject(record, "target") ? 0 : -ENOMEM;
	return trail_add_bytes(record, "target", text, len);
}

int decode_describe(const struct effect *effect, struct cJSON *record)
{
	const struct ec_obs *obs = &effect->obs;

	if (!cJSON_AddStringToObject(record, "op", decode_op(obs->op)) ||
	    !cJSON_AddStringToObject(record, "verdict", decode_verdict(obs->verdict)) ||
	    !cJSON_AddStringToObject(record, "reason", decode_reason(obs->reason)) ||
	    !cJSON_AddNumberToObject(record, "pid", obs->pid) ||
	    !cJSON_AddNumberToObject(record, "tid", obs->tid) ||
	    !cJSON_AddNumberToObject(record, "uid", obs->uid))
		return -ENOMEM;
	return add_target(effect, record);
}
