// SPDX-License-Identifier: Apache-2.0
/* session_events.c - from the rings to the trail. */
#include <bpf/libbpf.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "bpf/verdict.h"
#include "session_impl.h"
#include "user/meter/meters.h"
#include "user/util.h"

/* In front of each record of a ring (linux/bpf.h, BPF_RINGBUF_HDR_SZ); it is
 * also padded to 8 bytes, which only makes us take a little more. */
#define RECORD_HEAD 8

static int add_exe(const struct session *session, struct cJSON *record, uint32_t image)
{
	size_t len = 0;
	const char *path = images_find(&session->desk->images, image, &len);

	if (!path || !len)
		return cJSON_AddNullToObject(record, "exe") ? 0 : -ENOMEM;
	return trail_add_bytes(record, "exe", path, len);
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

/* A refusal is in the file when this returns; what happened anyhow may wait for the
 * end of the drain. */
static int write_effect(struct session *session, const struct effect *effect, uint64_t count)
{
	uint64_t before;
	size_t len;
	int r;

	if (!session->trail)
		return 0;
	r = session_line(session, effect, count, session->desk->line, SESSION_LINE_MAX, &len);
	if (r < 0)
		return r;
	r = session_append_line(session, session->desk->line, len, count);
	if (r < 0 || effect->obs.verdict != EC_VERDICT_DENY)
		return r;
	before = session->lost.unwritten_effects;
	r = session_flush(session);
	if (r < 0 && session->lost.unwritten_effects > before)
		session->lost.unwritten_effects -= count; /* it is counted by who called */
	return r;
}

static void bad_record(struct session *session, uint64_t count)
{
	session->lost.bad_records += count;
	meters_bad_record(session_meters(session));
}

/* An effect that is in no line of the trail is in a `gap`. */
void session_record_effect(struct session *session, const struct effect *effect, uint64_t count)
{
	int r = write_effect(session, effect, count);

	if (r == -EBADMSG)
		bad_record(session, count);
	else if (r < 0 && effect->obs.verdict == EC_VERDICT_ALLOW)
		session->lost.unwritten_effects += count;
	else if (r < 0)
		session->lost.unwritten_denials += count;
}

static void record_effect(struct session *session, const struct effect *effect)
{
	if (effect->obs.kind == EC_OBS_EFFECT && effect->obs.verdict == EC_VERDICT_ALLOW) {
		session_repeat(session, effect);
		return;
	}
	session_repeat_end(session);
	session_record_effect(session, effect, 1);
}

/* From here on that is not seen of this process. */
static void record_unseen(struct session *session, const struct ec_obs *obs)
{
	cJSON *record = session_record(session, "unseen");

	if (!record)
		return;
	cJSON_AddStringToObject(record, "what", decode_unseen(obs->priv));
	cJSON_AddNumberToObject(record, "pid", obs->pid);
	cJSON_AddNumberToObject(record, "tid", obs->tid);
	cJSON_AddNumberToObject(record, "uid", obs->uid);
	add_exe(session, record, obs->exe);
	session_write(session, record);
}

static void take(struct session *session, void *data, size_t data_len)
{
	struct effect effect;

	if (decode_record(data, data_len, &effect) < 0 ||
	    effect.obs.agent_uid != agent_uid(session->agent)) {
		bad_record(session, 1);
		return;
	}
	if (effect.obs.kind == EC_OBS_EXEC) {
		images_add(&session->desk->images, effect.obs.exe, effect.target,
			   effect.obs.target_len);
		session_join_program(session, &effect);
		return;
	}
	if (effect.obs.kind == EC_OBS_UNSEEN) {
		record_unseen(session, &effect.obs);
		return;
	}
	count(session, &effect.obs);
	if (!session_join_effect(session, &effect))
		record_effect(session, &effect);
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

static struct cJSON *gap_record(const struct session *session)
{
	const struct losses *lost = &session->lost, *told = &session->told;
	const struct {
		const char *name;
		uint64_t count;
		bool always;
	} counts[] = {
		{ "lost_denials", lost->denials - told->denials, true },
		{ "lost_effects", lost->effects - told->effects, true },
		{ "unwritten_denials", lost->unwritten_denials - told->unwritten_denials, false },
		{ "unwritten_effects", lost->unwritten_effects - told->unwritten_effects, false },
		{ "unwritten_others", lost->unwritten_others - told->unwritten_others, false },
		{ "forks_lost", lost->forks - told->forks, false },
		{ "bad_records", lost->bad_records - told->bad_records, false },
	};
	struct cJSON *record = session_record(session, "gap");

	for (size_t i = 0; record && i < sizeof(counts) / sizeof(counts[0]); i++)
		if ((counts[i].count || counts[i].always) &&
		    !cJSON_AddNumberToObject(record, counts[i].name, (double)counts[i].count)) {
			cJSON_Delete(record);
			return NULL;
		}
	return record;
}

void session_write_gaps(struct session *session)
{
	struct ec_keeper *keeper = agent_keeper(session->agent);
	struct losses *lost = &session->lost, now;
	struct cJSON *record;

	lost->denials = agent_count(session->agent, EC_COUNT_LOST_DENIALS);
	lost->effects = agent_count(session->agent, EC_COUNT_LOST_EFFECTS);
	lost->forks = agent_count(session->agent, EC_COUNT_FORKS_LOST);
	session->told.denials = keeper->told_denials; /* by whoever kept the agent before */
	session->told.effects = keeper->told_effects;
	if (!memcmp(lost, &session->told, sizeof(*lost)))
		return;
	record = gap_record(session);
	now = *lost;
	if (!record || session_append(session, record) < 0)
		return; /* it is told with the next one */
	session->told = now;
	/* killed before this: told twice, which is better than not at all */
	keeper->told_denials = now.denials;
	keeper->told_effects = now.effects;
}

static struct ring_buffer *map_ring(struct session *session, int fd)
{
	return ring_buffer__new(fd, on_record, session, NULL);
}

int session_open_rings(struct session *session)
{
	struct epoll_event event = { .events = EPOLLIN };

	const int rings[2] = { agent_effects_fd(session->agent), agent_denials_fd(session->agent) };

	session->rings_fd = epoll_create1(EPOLL_CLOEXEC);
	if (session->rings_fd < 0)
		return -errno;
	if (!session->host && (!(session->effects_ring = map_ring(session, rings[0])) ||
			       !(session->denials_ring = map_ring(session, rings[1]))))
		return -errno;
	/* the map itself can be waited for, mapped or not */
	if (epoll_ctl(session->rings_fd, EPOLL_CTL_ADD, rings[0], &event) ||
	    epoll_ctl(session->rings_fd, EPOLL_CTL_ADD, rings[1], &event) ||
	    epoll_ctl(session->rings_fd, EPOLL_CTL_ADD, session->timer_fd, &event))
		return -errno;
	session->has_rings = true;
	return 0;
}

void session_close_rings(struct session *session)
{
	ring_buffer__free(session->effects_ring);
	ring_buffer__free(session->denials_ring);
	session->effects_ring = session->denials_ring = NULL;
	session->has_rings = false;
	close_fd(&session->rings_fd);
}

int session_fd(const struct session *session)
{
	return session->rings_fd;
}

static bool has_records(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return poll(&one, 1, 0) > 0;
}

/* A ring is resident as long as it is mapped: one of hundreds only while it is read. */
static int drain_one(struct session *session, struct ring_buffer *kept, int fd)
{
	struct ring_buffer *ring = kept;
	int n;

	if (!ring && !has_records(fd))
		return 0;
	if (!ring && !(ring = map_ring(session, fd)))
		return -errno;
	session->drain_budget = AGENT_RING_ALL_LEN; /* as much as any holds */
	n = ring_buffer__consume(ring);
	if (!kept)
		ring_buffer__free(ring);
	return n < 0 && n != -EAGAIN ? n : 0;
}

int session_drain(struct session *session)
{
	/* effects first: they tell which program an image number stands for */
	int r = drain_one(session, session->effects_ring, agent_effects_fd(session->agent)),
	    more = drain_one(session, session->denials_ring, agent_denials_fd(session->agent));

	session_repeat_end(session);
	session_flush(session);
	session_write_gaps(session);
	session_resolver_run(session);
	session_look(session);
	session_settle(session);
	if (session->host && session->trail)
		trail_spare(session->trail);
	return r < 0 ? r : more < 0 ? more : session->trail_error;
}
