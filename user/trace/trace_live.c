// SPDX-License-Identifier: Apache-2.0
#include "trace_live.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bpf/verdict.h"
#include "trace_filter.h"
#include "trace_log.h"
#include "trace_names.h"
#include "trace_time.h"
#include "user/sensor/decode.h"
#include "user/sensor/sensor.h"
#include "user/sensor/tracer.h"

struct trace_live {
	struct tracer_filter filter;
	size_t ring_len;
	trace_each *each;
	void *ctx;
	struct sensor *sensor; /* NULL: none is loaded */
	struct tracer *tracer;
	ino_t pins; /* of the folder that it is pinned in: another one, another sensor */
	uint64_t told_lost;
	uint64_t bad_records;
	struct trace_log log;
	struct trace_clock clock;
	struct trace_names names;
};

/* The address behind a name: see decode.h. */
static void add_target(const struct effect *effect, char text[DECODE_TARGET_SIZE],
		       struct trace_event *event)
{
	size_t len;

	if (decode_target(effect, text, &len) < 0 || !len)
		return;
	event->target = (struct trace_text) { text, len };
}

static void tell_effect(struct trace_live *live, const struct effect *effect)
{
	const struct ec_obs *obs = &effect->obs;
	char text[DECODE_TARGET_SIZE];
	struct trace_event event = {
		.kind = obs->kind == EC_OBS_UNSEEN	 ? TRACE_UNSEEN :
			obs->kind == EC_OBS_FLOW	 ? TRACE_FLOW :
			obs->verdict == EC_VERDICT_ALLOW ? TRACE_EFFECT :
							   TRACE_DENIAL,
		.agent = obs->agent_uid,
		.call = obs->call,
		.op = obs->op,
		.verdict = obs->verdict,
		.reason = obs->kind == EC_OBS_UNSEEN ? decode_unseen(obs->priv) :
						       decode_reason(obs->reason),
		.pid = obs->pid,
		.tid = obs->tid,
		.uid = obs->uid,
	};

	trace_clock_text(&live->clock, obs->time_ns, event.time);
	event.tool = trace_names_tool(&live->names, live->sensor, obs->agent_uid, obs->call);
	event.exe = trace_names_exe(&live->names, obs->exe);
	add_target(effect, text, &event);
	live->each(live->ctx, &event);
}

/* A call's begin comes before what it did. */
static void on_record(void *ctx, const void *data, size_t data_len)
{
	struct trace_live *live = ctx;
	struct effect effect;

	if (decode_record(data, data_len, &effect) < 0) {
		live->bad_records++;
		return;
	}
	trace_log_tell(&live->log, effect.obs.time_ns);
	if (effect.obs.kind == EC_OBS_EXEC)
		images_add(&live->names.images, effect.obs.exe, effect.target,
			   effect.obs.target_len);
	else
		tell_effect(live, &effect);
}

static void on_line(void *ctx, const struct meters_line *line)
{
	struct trace_live *live = ctx;
	struct trace_event event = {
		.kind = line->event == METERS_BEGIN ? TRACE_BEGIN :
			line->event == METERS_END   ? TRACE_END :
						      TRACE_REFUSED,
		.agent = line->agent,
		.call = line->call,
		.tool = { line->tool, strlen(line->tool) },
		.request = { line->client_id, strlen(line->client_id) },
		.outcome = line->outcome,
		.duration_ms = (double)(line->duration_ns / 1000) / 1000.0,
		.denials = line->denials,
	};

	if (event.kind == TRACE_BEGIN)
		trace_names_add_call(&live->names, line->call, line->tool);
	if (event.kind == TRACE_REFUSED) {
		event.verdict = trace_verdict(line->outcome);
		event.reason = line->reason;
	}
	trace_clock_text(&live->clock, line->time_ns, event.time);
	live->each(live->ctx, &event);
}

static void tell_lost(struct trace_live *live)
{
	uint64_t lost = tracer_lost(live->tracer) + live->bad_records;
	struct trace_event event = { .kind = TRACE_LOST,
				     .lost_effects = lost - live->told_lost,
				     .lost_calls = trace_log_take_lost(&live->log) };

	if (!event.lost_effects && !event.lost_calls)
		return;
	live->told_lost = lost;
	trace_clock_text(&live->clock, trace_clock_now(), event.time);
	live->each(live->ctx, &event);
}

static void let_go(struct trace_live *live)
{
	tracer_detach(live->tracer);
	sensor_release(live->sensor);
	live->tracer = NULL;
	live->sensor = NULL;
}

/* All places of the kernel's own, so that the same number is not another call. */
static int attach(struct trace_live *live)
{
	uint32_t abi;
	struct stat st;
	int r;

	if (stat(SENSOR_PINS "/complete", &st) || stat(SENSOR_PINS, &st))
		return -ENOENT;
	r = sensor_find(&live->sensor, &abi);
	if (r < 0)
		return r;
	live->pins = st.st_ino;
	live->told_lost = live->bad_records = 0;
	memset(live->names.calls, 0, sizeof(live->names.calls));
	trace_log_open(&live->log, live->sensor->meters, on_line, live);
	r = tracer_attach(live->sensor, &live->filter, live->ring_len, on_record, live,
			  &live->tracer);
	if (r < 0)
		let_go(live);
	else
		trace_names_learn(&live->names, live->sensor);
	return r;
}

static bool is_current(const struct trace_live *live)
{
	struct stat st;

	return !stat(SENSOR_PINS, &st) && st.st_ino == live->pins;
}

int trace_live_run(struct trace_live *live)
{
	uint64_t now;
	int n, r;

	if (!live->tracer) {
		r = attach(live);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
	}
	now = trace_clock_now();
	trace_clock_set(&live->clock);
	n = tracer_drain(live->tracer);
	/* what was logged before we looked into the ring */
	trace_log_tell(&live->log, now);
	tell_lost(live);
	if (n == 0 && !is_current(live))
		let_go(live);
	return n;
}

bool trace_live_waits(const struct trace_live *live)
{
	return !live->tracer;
}

int trace_live_new(const struct trace_filter *filter, size_t ring_len, trace_each *each, void *ctx,
		   struct trace_live **ret_live)
{
	struct trace_live *live = calloc(1, sizeof(*live));

	if (!live)
		return -ENOMEM;
	live->filter = (struct tracer_filter) { .agent = filter->agent,
						.ops = filter->ops ? filter->ops : ~0u,
						.verdicts = filter->verdicts ? filter->verdicts :
									       ~0u };
	live->ring_len = ring_len;
	live->each = each;
	live->ctx = ctx;
	trace_clock_set(&live->clock);
	*ret_live = live;
	return 0;
}

void trace_live_free(struct trace_live *live)
{
	if (!live)
		return;
	if (live->sensor)
		let_go(live);
	trace_names_done(&live->names);
	free(live);
}
