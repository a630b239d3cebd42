// SPDX-License-Identifier: Apache-2.0
#include "tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bpf/obs.h"
#include "sensor.h"
#include "user/process.h"
#include "user/util.h"

struct tracer {
	struct sensor *sensor;
	struct ec_tracer *shared;
	uint32_t place;
	struct ring_buffer *ring;
	void (*each)(void *ctx, const void *data, size_t data_len);
	void *ctx;
	int64_t budget; /* bytes that this drain may still take */
	size_t ring_len;
};

#define RECORD_HEAD 8 /* in front of each record of a ring (BPF_RINGBUF_HDR_SZ) */

static bool lives(const struct ec_tracer *shared)
{
	return shared->owner_pid &&
	       process_stat((pid_t)shared->owner_pid).start == shared->owner_start;
}

/* Under the lock. */
static void vacate(struct sensor *sensor, uint32_t place)
{
	__atomic_and_fetch(&sensor->control->tracers, ~(1u << place), __ATOMIC_SEQ_CST);
	__atomic_store_n(&sensor->tracers[place].owner_pid, 0, __ATOMIC_SEQ_CST);
	bpf_map_delete_elem(sensor->traces_fd, &place);
}

static void reap(struct sensor *sensor)
{
	for (uint32_t place = 0; place < EC_MAX_TRACERS; place++)
		if (sensor->control->tracers >> place & 1 && !lives(&sensor->tracers[place]))
			vacate(sensor, place);
}

static bool any_dead(const struct sensor *sensor)
{
	for (uint32_t place = 0; place < EC_MAX_TRACERS; place++)
		if (sensor->control->tracers >> place & 1 && !lives(&sensor->tracers[place]))
			return true;
	return false;
}

void tracer_reap(struct sensor *sensor)
{
	_cleanup_close_ int lock = -1;

	if (!sensor->control->tracers || !any_dead(sensor))
		return;
	lock = sensor_try_lock();
	if (lock >= 0)
		reap(sensor);
}

static int take_place(struct tracer *tracer, const struct tracer_filter *filter, int ring_fd)
{
	struct sensor *sensor = tracer->sensor;
	uint32_t place = 0;

	while (place < EC_MAX_TRACERS && sensor->control->tracers >> place & 1)
		place++;
	if (place == EC_MAX_TRACERS)
		return -EMFILE;
	tracer->place = place;
	tracer->shared = &sensor->tracers[place];
	*tracer->shared = (struct ec_tracer) { .agent = filter->agent,
					       .ops = filter->ops,
					       .verdicts = filter->verdicts,
					       .owner_pid = (uint32_t)getpid(),
					       .owner_start = process_stat(getpid()).start };
	if (bpf_map_update_elem(sensor->traces_fd, &place, &ring_fd, BPF_ANY))
		return -errno;
	__atomic_or_fetch(&sensor->control->tracers, 1u << place, __ATOMIC_SEQ_CST);
	return 0;
}

static int on_record(void *ctx, void *data, size_t data_len)
{
	struct tracer *tracer = ctx;

	tracer->each(tracer->ctx, data, data_len);
	tracer->budget -= (int64_t)data_len + RECORD_HEAD;
	return tracer->budget > 0 ? 0 : -EAGAIN;
}

static int attach(struct tracer *tracer, const struct tracer_filter *filter)
{
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ec_trace", 0, 0,
						(uint32_t)tracer->ring_len, NULL);
	_cleanup_close_ int lock = -1;

	if (fd < 0)
		return fd;
	tracer->ring = ring_buffer__new(fd, on_record, tracer, NULL);
	if (!tracer->ring)
		return -errno;
	lock = sensor_lock();
	if (lock < 0)
		return lock;
	reap(tracer->sensor);
	return take_place(tracer, filter, fd);
}

int tracer_attach(struct sensor *sensor, const struct tracer_filter *filter, size_t ring_len,
		  void (*each)(void *ctx, const void *data, size_t data_len), void *ctx,
		  struct tracer **ret_tracer)
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	int r;

	if (!tracer)
		return -ENOMEM;
	*tracer = (struct tracer) {
		.sensor = sensor, .ring_len = ring_len, .each = each, .ctx = ctx
	};
	r = attach(tracer, filter);
	if (r < 0) {
		ring_buffer__free(tracer->ring);
		free(tracer);
		return r;
	}
	*ret_tracer = tracer;
	return 0;
}

void tracer_detach(struct tracer *tracer)
{
	_cleanup_close_ int lock = -1;

	if (!tracer)
		return;
	lock = sensor_lock();
	vacate(tracer->sensor, tracer->place);
	ring_buffer__free(tracer->ring);
	free(tracer);
}

int tracer_drain(struct tracer *tracer)
{
	int n;

	tracer->budget = (int64_t)tracer->ring_len;
	n = ring_buffer__consume(tracer->ring);
	return n == -EAGAIN ? 1 : n;
}

uint64_t tracer_lost(const struct tracer *tracer)
{
	return __atomic_load_n(&tracer->shared->lost, __ATOMIC_SEQ_CST);
}
