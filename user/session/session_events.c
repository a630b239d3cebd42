// SPDX-License-Identifier: Apache-2.0
/* session_events.c - from the rings to the trail. */
#include <bpf/libbpf.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "bpf/verdict.h"
#include "session_impl.h"
#include "user/util.h"

/* In front of each record of a ring (linux/bpf.h, BPF_RINGBUF_HDR_SZ); it is
 * also padded to 8 bytes, which only makes us take a little more. */
#define RECORD_HEAD 8

static int add_exe(const struct session *session, struct cJSON *record, uint32_t image)
{
	size_t len = 0;
	const char *path = images_find(&session->images, image, &len);

	if (!path || !len)
		return cJSON_AddNullToObject(record, "exe") ? 0 : -ENOMEM;
	return trail_add_bytes(record, "exe", path, len);
}

static int add_call(struct session *session, struct cJSON *record, const struct ec_obs *obs)
{
	const struct open_call *call = session_find_call(session, obs->call);

	if (!obs->call) {
		cJSON_AddNullToObject(record, "call");
		if (obs->open_calls)
			cJSON_AddNumberToObject(record, "open_calls", obs->open_calls);
		return 0;
	}
	cJSON_AddNumberToObject(record, "call", (double)obs->call);
	if (call)
		cJSON_AddStringToObject(record, "tool", call->tool);
	return 0;
}

static void count(struct session *session, const struct ec_obs *obs)
{
	struct open_call *call = session_find_call(session, obs->call);

	if (call)
		call->effects++;
	if (obs->verdict == EC_VERDICT_ALLOW)
		return;
	session->denials++;
	if (call)
		call->denials++;
}

const struct policy *session_policy_of(const struct session *session, const struct ec_obs *obs)
{
	if (obs->generation == session->installed.generation)
		return session->installed.policy;
	return obs->generation == session->former.generation ? session->former.policy : NULL;
}

static int write_effect(struct session *session, const struct effect *effect)
{
	const char *kind = effect->obs.kind == EC_OBS_FLOW	   ? "flow" :
			   effect->obs.verdict == EC_VERDICT_ALLOW ? "effect" :
								     "denial";
	cJSON *record;

	if (!session->trail)
		return 0;
	record = session_record(session, kind);
	if (!record)
		return -ENOMEM;
	if (add_call(session, record, &effect->obs) < 0 || decode_describe(effect, record) < 0 ||
	    add_exe(session, record, effect->obs.exe) < 0) {
		cJSON_Delete(record);
		return -EBADMSG;
	}
	session_add_rule(session_policy_of(session, &effect->obs), record, effect->obs.rule);
	return session_write(session, record);
}

static void take(struct session *session, void *data, size_t data_len)
{
	struct effect effect;

	if (decode_record(data, data_len, &effect) < 0 ||
	    effect.obs.agent_uid != agent_uid(session->agent)) {
		session->bad_records++;
		return;
	}
	if (effect.obs.kind == EC_OBS_EXEC) {
		images_add(&session->images, effect.obs.exe, effect.target, effect.obs.target_len);
		session_join_program(session, &effect);
		return;
	}
	count(session, &effect.obs);
	if (session_join_effect(session, &effect))
		return;
	if (write_effect(session, &effect) == -EBADMSG)
		session->bad_records++;
}

/* What is in the rings when a drain begins is taken, what comes meanwhile may
 * wait: an agent that is refused without end must not keep us from the rest. */
static int on_record(void *ctx, void *data, size_t data_len)
{
	struct session *session = ctx;

	take(session, data, data_len);
	session->drain_budget -= (int64_t)data_len + RECORD_HEAD;
	return session->drain_budget > 0 ? 0 : -EAGAIN;
}

void session_write_gaps(struct session *session)
{
	uint64_t denials = agent_count(session->agent, EC_COUNT_LOST_DENIALS);
	uint64_t effects = agent_count(session->agent, EC_COUNT_LOST_EFFECTS);
	cJSON *record;

	if (denials == session->lost_denials && effects == session->lost_effects)
		return;
	record = session_record(session, "gap");
	if (!record)
		return;
	cJSON_AddNumberToObject(record, "lost_denials", (double)(denials - session->lost_denials));
	cJSON_AddNumberToObject(record, "lost_effects", (double)(effects - session->lost_effects));
	session->lost_denials = denials;
	session->lost_effects = effects;
	session_write(session, record);
}

int session_open_rings(struct session *session)
{
	struct epoll_event event = { .events = EPOLLIN };

	session->rings_fd = epoll_create1(EPOLL_CLOEXEC);
	session->effects_ring = ring_buffer__new(agent_effects_fd(session->agent), on_record,
						 session, NULL);
	session->denials_ring = ring_buffer__new(agent_denials_fd(session->agent), on_record,
						 session, NULL);
	if (session->rings_fd < 0 || !session->effects_ring || !session->denials_ring ||
	    epoll_ctl(session->rings_fd, EPOLL_CTL_ADD,
		      ring_buffer__epoll_fd(session->effects_ring), &event) ||
	    epoll_ctl(session->rings_fd, EPOLL_CTL_ADD,
		      ring_buffer__epoll_fd(session->denials_ring), &event))
		return -errno;
	return 0;
}

void session_close_rings(struct session *session)
{
	ring_buffer__free(session->effects_ring);
	ring_buffer__free(session->denials_ring);
	close_fd(&session->rings_fd);
}

int session_fd(const struct session *session)
{
	return session->rings_fd;
}

static int drain_one(struct session *session, struct ring_buffer *ring)
{
	int n;

	session->drain_budget = AGENT_RING_LEN;
	n = ring_buffer__consume(ring);
	return n < 0 && n != -EAGAIN ? n : 0;
}

int session_drain(struct session *session)
{
	/* effects first: they tell which program an image number stands for */
	int r = drain_one(session, session->effects_ring),
	    more = drain_one(session, session->denials_ring);

	session_write_gaps(session);
	return r < 0 ? r : more < 0 ? more : session->trail_error;
}
