// SPDX-License-Identifier: Apache-2.0
/*
 * session_line.c - effects as the trail has them, written straight into memory: they
 * are what comes by the hundred thousand.
 */
#include <errno.h>
#include <string.h>

#include "bpf/verdict.h"
#include "session_impl.h"
#include "user/json/json_out.h"

static void put_text(struct json_out *out, const char *text)
{
	json_out_raw(out, text, strlen(text));
}

/* As trail_add_bytes() has it. name: with its comma, quotes and colon. */
static void put_bytes(struct json_out *out, const char *name, const char *hex_name,
		      const void *bytes, size_t len)
{
	put_text(out, name);
	if (!json_out_string(out, bytes, len))
		return;
	put_text(out, hex_name);
	json_out_hex(out, bytes, len);
}

static void put_call(struct session *session, struct json_out *out, const struct ec_obs *obs)
{
	const struct open_call *call = session_find_call(session, obs->call);

	if (!obs->call) {
		json_out_text(out, ",\"call\":null");
		if (!obs->open_calls)
			return;
		json_out_text(out, ",\"open_calls\":");
		json_out_number(out, obs->open_calls);
		return;
	}
	json_out_text(out, ",\"call\":");
	json_out_number(out, obs->call);
	if (!call || !call->tool)
		return;
	json_out_text(out, ",\"tool\":");
	json_out_string(out, call->tool, strlen(call->tool));
}

static void put_task(struct json_out *out, const struct ec_obs *obs)
{
	const char *doubt = decode_doubt(obs);

	json_out_text(out, ",\"op\":\"");
	put_text(out, decode_op(obs->op));
	json_out_text(out, "\",\"verdict\":\"");
	put_text(out, decode_verdict(obs->verdict));
	json_out_text(out, "\",\"reason\":\"");
	put_text(out, decode_reason(obs->reason));
	if (doubt) {
		json_out_text(out, "\",\"doubt\":\"");
		put_text(out, doubt);
	}
	json_out_text(out, "\"");
	if (decode_is_mapped(obs))
		json_out_text(out, ",\"mapped\":true");
	json_out_text(out, ",\"pid\":");
	json_out_number(out, obs->pid);
	json_out_text(out, ",\"tid\":");
	json_out_number(out, obs->tid);
	json_out_text(out, ",\"uid\":");
	json_out_number(out, obs->uid);
	if (obs->flags & EC_OBS_SAID)
		json_out_text(out, ",\"said\":true");
	if (obs->flags & EC_OBS_FAILED)
		json_out_text(out, ",\"failed\":true");
}

static int put_target(struct json_out *out, const struct effect *effect)
{
	char text[DECODE_TARGET_SIZE];
	const char *target = effect->target;
	size_t len = effect->obs.target_len;

	/* a path is what it is */
	if (effect->obs.target_kind != EC_TARGET_PATH) {
		int r = decode_target(effect, text, &len);

		if (r < 0)
			return r;
		target = text;
	}
	if (!len)
		json_out_text(out, ",\"target\":null");
	else
		put_bytes(out, ",\"target\":", ",\"target_hex\":", target, len);
	if (effect->obs.target_kind == EC_TARGET_HOST) {
		decode_address(effect, text);
		json_out_text(out, ",\"address\":\"");
		put_text(out, text);
		json_out_text(out, "\"");
	}
	return 0;
}

static void put_exe(const struct session *session, struct json_out *out, uint32_t image)
{
	size_t len = 0;
	const char *path = images_find(&session->desk->images, image, &len);

	if (!path || !len)
		json_out_text(out, ",\"exe\":null");
	else
		put_bytes(out, ",\"exe\":", ",\"exe_hex\":", path, len);
}

/* The same few rules decide nearly everything: their texts are kept. */
static void put_rule(struct session *session, struct json_out *out, const struct ec_obs *obs)
{
	struct session_rule_text *kept = &session->desk->rule_texts[obs->rule % SESSION_RULE_TEXTS];
	struct json_out to = { .at = kept->text, .size = sizeof(kept->text) };
	char text[SESSION_RULE_TEXT_MAX];
	size_t len;

	if (kept->rule != obs->rule || kept->generation != obs->generation || !kept->len) {
		len = session_rule_text(session_policy_of(session, obs), obs->rule, text);
		if (len)
			put_bytes(&to, ",\"rule\":", ",\"rule_hex\":", text, len);
		else
			json_out_text(&to, ",\"rule\":null");
		kept->len = to.full ? 0 : to.len;
		kept->rule = obs->rule;
		kept->generation = obs->generation;
	}
	out->full |= !kept->len;
	json_out_raw(out, kept->text, kept->len);
}

int session_line(struct session *session, const struct effect *effect, uint64_t count, char *text,
		 size_t size, size_t *ret_len)
{
	const struct ec_obs *obs = &effect->obs;
	struct json_out out = { .at = text, .size = size };
	int r;

	json_out_text(&out, "\"kind\":\"");
	put_text(&out, obs->kind == EC_OBS_FLOW		? "flow" :
		       obs->verdict == EC_VERDICT_ALLOW ? "effect" :
							  "denial");
	json_out_text(&out, "\",\"agent\":");
	json_out_number(&out, agent_uid(session->agent));
	put_call(session, &out, obs);
	put_task(&out, obs);
	r = put_target(&out, effect);
	if (r < 0)
		return r;
	put_exe(session, &out, obs->exe);
	put_rule(session, &out, obs);
	if (count > 1) {
		json_out_text(&out, ",\"count\":");
		json_out_number(&out, count);
	}
	*ret_len = out.len;
	return out.full ? -E2BIG : 0;
}
