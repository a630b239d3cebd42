// SPDX-License-Identifier: Apache-2.0
#include "picks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>

#include "tagged.h"
#include "user/process.h"
#include "user/util.h"

#define GATHERED_MAX 512u /* of one read(2) */

struct picks {
	struct sensor *sensor;
	int map_fd, held_fd, link_fd;
	struct ring_buffer *ring;
	void (*held)(void *ctx, const struct ec_held *held);
	void *ctx;
	size_t len;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static int on_held(void *ctx, void *data, size_t data_len)
{
	struct picks *picks = ctx;

	if (data_len >= sizeof(struct ec_held))
		picks->held(picks->ctx, data);
	return 0;
}

static int open_all(struct picks *picks)
{
	picks->map_fd = bpf_obj_get(SENSOR_PINS "/ec_picks");
	picks->held_fd = bpf_obj_get(SENSOR_PINS "/ec_held");
	picks->link_fd = bpf_obj_get(SENSOR_PINS "/links/ec_any_gather");
	if (picks->map_fd < 0 || picks->held_fd < 0 || picks->link_fd < 0)
		return -errno;
	picks->ring = ring_buffer__new(picks->held_fd, on_held, picks, NULL);
	return picks->ring ? 0 : -errno;
}

static void count(struct picks *picks)
{
	struct ec_pick_key key, *before = NULL;

	picks->len = 0;
	while (!bpf_map_get_next_key(picks->map_fd, before, &key)) {
		picks->len++;
		before = &key;
	}
}

pid_t picks_daemon(const struct sensor *sensor)
{
	pid_t pid = (pid_t)sensor->control->daemon_pid;

	return pid && process_stat(pid).start ? pid : 0;
}

bool picks_are_there(const struct sensor *sensor)
{
	return sensor->control->flags & EC_CONTROL_PICKS;
}

int picks_open(struct sensor *sensor, void (*held)(void *ctx, const struct ec_held *held),
	       void *ctx, struct picks **ret_picks)
{
	struct picks *picks = calloc(1, sizeof(*picks));
	pid_t other = picks_daemon(sensor);
	int r;

	if (!picks)
		return -ENOMEM;
	*picks = (struct picks) { .sensor = sensor, .held = held, .ctx = ctx };
	picks->map_fd = picks->held_fd = picks->link_fd = -1;
	r = other && other != getpid() ? -EBUSY : open_all(picks);
	if (r < 0) {
		picks_close(picks);
		return r;
	}
	count(picks);
	sensor->control->daemon_pid = (uint32_t)getpid();
	picks_turn(picks);
	*ret_picks = picks;
	return 0;
}

void picks_close(struct picks *picks)
{
	struct ec_control *control;

	if (!picks)
		return;
	control = picks->sensor->control;
	if (control->daemon_pid == (uint32_t)getpid()) {
		control->daemon_ns = 0;
		control->daemon_pid = 0;
	}
	ring_buffer__free(picks->ring);
	close_fd(&picks->map_fd);
	close_fd(&picks->held_fd);
	close_fd(&picks->link_fd);
	free(picks);
}

int picks_fd(const struct picks *picks)
{
	return ring_buffer__epoll_fd(picks->ring);
}

void picks_drain(struct picks *picks)
{
	ring_buffer__consume(picks->ring);
}

void picks_turn(struct picks *picks)
{
	__atomic_store_n(&picks->sensor->control->daemon_ns, now_ns(), __ATOMIC_SEQ_CST);
}

/* Nobody's exec pays for what is not there. */
static void tell(struct picks *picks)
{
	uint32_t *flags = &picks->sensor->control->flags;

	if (picks->len)
		__atomic_or_fetch(flags, EC_CONTROL_PICKS, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(flags, ~EC_CONTROL_PICKS, __ATOMIC_SEQ_CST);
}

int picks_put(struct picks *picks, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	struct ec_pick before;

	/* who is just looking may miss what is put anew (kernel/bpf/hashtab.c): not for nothing */
	if (!bpf_map_lookup_elem(picks->map_fd, key, &before) &&
	    !memcmp(&before, pick, sizeof(before)))
		return 0;
	if (!bpf_map_update_elem(picks->map_fd, key, pick, BPF_EXIST))
		return 0;
	if (bpf_map_update_elem(picks->map_fd, key, pick, BPF_NOEXIST))
		return -errno;
	picks->len++;
	tell(picks);
	return 0;
}

int picks_remove(struct picks *picks, const struct ec_pick_key *key)
{
	if (bpf_map_delete_elem(picks->map_fd, key))
		return -errno;
	picks->len--;
	tell(picks);
	return 0;
}

int picks_sweep(struct picks *picks,
		bool (*keep)(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick),
		void *ctx)
{
	_cleanup_free_ struct ec_pick_key *keys = calloc(EC_PICKS_MAX, sizeof(*keys));
	struct ec_pick_key *before = NULL;
	struct ec_pick pick;
	size_t len = 0;

	if (!keys)
		return -ENOMEM;
	while (len < EC_PICKS_MAX && !bpf_map_get_next_key(picks->map_fd, before, &keys[len]))
		before = &keys[len++];
	for (size_t i = 0; i < len; i++)
		if (!bpf_map_lookup_elem(picks->map_fd, &keys[i], &pick) &&
		    !keep(ctx, &keys[i], &pick))
			picks_remove(picks, &keys[i]);
	return 0;
}

int picks_gather(struct picks *picks, void (*each)(void *ctx, const struct ec_gathered *one),
		 void *ctx)
{
	_cleanup_close_ int fd = bpf_iter_create(picks->link_fd);
	struct ec_gathered some[GATHERED_MAX];
	ssize_t n;
	int len = 0;

	if (fd < 0)
		return fd;
	while ((n = read(fd, some, sizeof(some))) > 0) {
		for (size_t i = 0; i < (size_t)n / sizeof(some[0]); i++) {
			len += some[i].what != EC_GATHER_HELD;
			each(ctx, &some[i]);
		}
	}
	return n < 0 && errno != EAGAIN ? -errno : len;
}

static bool is_anothers(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	const uint64_t *uid = ctx;

	(void)key;
	return *uid && pick->uid != *uid;
}

int picks_drop(struct sensor *sensor, uint64_t uid)
{
	struct picks picks = { .sensor = sensor };
	int r;

	if (picks_daemon(sensor))
		return -EBUSY;
	picks.map_fd = bpf_obj_get(SENSOR_PINS "/ec_picks");
	if (picks.map_fd < 0)
		return picks.map_fd;
	count(&picks);
	r = picks_sweep(&picks, is_anothers, &uid);
	if (r == 0 && !uid)
		tagged_kill(sensor, EC_HOLD_UID);
	close_fd(&picks.map_fd);
	return r;
}
