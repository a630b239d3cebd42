// SPDX-License-Identifier: Apache-2.0
#include "agent_moved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
#include "window.h"
#include "user/util.h"

static int number_after(const char *text, const char *name, uint64_t *ret)
{
	const char *at = strstr(text, name);

	if (!at)
		return -EBADMSG;
	*ret = strtoull(at + strlen(name), NULL, 10);
	return 0;
}

/* Of one task, as the kernel's entries are. */
static int read_now(const struct ec_moved *moved, uint64_t *ret_read, uint64_t *ret_written)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/io", moved->tgid, moved->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return number_after(text, "rchar:", ret_read) < 0 ||
			       number_after(text, "wchar:", ret_written) < 0 ?
		       -EBADMSG :
		       0;
}

/* Where its next epoch begins this one ends: what it moved since we began to ask is of that
 * one. Looked at last, for it may begin any time, and before it moves anything. */
static bool begins_again(const struct ec_moved *moved, const struct ec_moved_half *next,
			 uint32_t epoch, uint64_t *ret_read, uint64_t *ret_written)
{
	for (uint32_t i = 0; i < EC_MOVED_MAX; i++) {
		const struct ec_moved *other = &next->at[i];

		if (__atomic_load_n(&other->epoch, __ATOMIC_SEQ_CST) != epoch ||
		    other->pid != moved->pid)
			continue;
		*ret_read = other->read;
		*ret_written = other->written;
		return true;
	}
	return false;
}

static struct agent_moved of_living(const struct ec_moved *moved, const struct ec_moved_half *next,
				    uint32_t epoch)
{
	struct agent_moved told = { .call = moved->call, .sent = moved->sent };
	uint64_t now_read = 0, now_written = 0;
	int r = read_now(moved, &now_read, &now_written);

	if (begins_again(moved, next, epoch, &now_read, &now_written))
		r = 0;
	if (r < 0 || now_read < moved->read || now_written < moved->written) {
		told.unknown = 1; /* it ends right now */
		return told;
	}
	told.read = now_read - moved->read;
	told.written = now_written - moved->written;
	return told;
}

typedef void (*each_fn)(void *ctx, const struct agent_moved *moved);

/* Who ends from here on is left to us. */
static void tell_living(struct ec_moved_list *list, uint32_t epoch, uint32_t next, each_fn each,
			void *ctx)
{
	struct ec_moved_half *half = &list->half[epoch & 1];
	uint64_t busy = __atomic_exchange_n(&half->busy, 0, __ATOMIC_SEQ_CST);

	for (uint32_t i = 0; i < EC_MOVED_MAX; i++) {
		struct agent_moved told;

		/* one that is not whole begins right now */
		if (!(busy >> i & 1) ||
		    __atomic_load_n(&half->at[i].epoch, __ATOMIC_SEQ_CST) != epoch)
			continue;
		told = of_living(&half->at[i], &list->half[next & 1], next);
		each(ctx, &told);
	}
}

static void tell_ended(const struct ec_moved_half *half, each_fn each, void *ctx)
{
	for (uint32_t i = 0; i < EC_MOVED_SUMS; i++) {
		const struct ec_moved_sum *sum = &half->sum[i];

		if (sum->read | sum->written | sum->sent)
			each(ctx, &(struct agent_moved) { .call = sum->call,
							  .read = sum->read,
							  .written = sum->written,
							  .sent = sum->sent });
	}
	if (half->lost)
		each(ctx, &(struct agent_moved) { .unknown = half->lost });
}

/* Nobody looks at its entries before somebody takes their places again. */
static void clear(struct ec_moved_half *half)
{
	__atomic_store_n(&half->busy, 0, __ATOMIC_SEQ_CST);
	half->lost = 0;
	memset(half->sum, 0, sizeof(half->sum));
}

void agent_moved(struct agent *agent, each_fn each, void *ctx)
{
	uint32_t epoch = agent->shared->moved_epoch, next = epoch + 1 ?: 2;
	struct ec_moved_list *list;

	if (!agent->sensor->moved || agent->sensor->watches ||
	    window_open_moved(agent->sensor, agent->slot) < 0)
		return;
	list = &agent->sensor->moved[agent->slot];
	clear(&list->half[next & 1]);
	__atomic_store_n(&agent->shared->moved_epoch, next, __ATOMIC_SEQ_CST);
	if (epoch && each) {
		tell_living(list, epoch, next, each, ctx);
		tell_ended(&list->half[epoch & 1], each, ctx);
	}
	window_close_moved(agent->sensor, agent->slot);
}
