// SPDX-License-Identifier: Apache-2.0
#include "agent_moved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_impl.h"
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

/* It may end while we ask: then the kernel has its last numbers. */
static int numbers_of(const struct ec_moved *moved, uint64_t *ret_read, uint64_t *ret_written)
{
	int r = __atomic_load_n(&moved->ended, __ATOMIC_SEQ_CST) ?
			-ESRCH :
			read_now(moved, ret_read, ret_written);

	if (r == 0)
		return 0;
	if (!__atomic_load_n(&moved->ended, __ATOMIC_SEQ_CST))
		return r;
	*ret_read = moved->now_read;
	*ret_written = moved->now_written;
	return 0;
}

static struct agent_moved difference(const struct ec_moved *moved)
{
	struct agent_moved told = { .call = moved->call, .sent = moved->sent };
	uint64_t now_read = 0, now_written = 0;

	if (numbers_of(moved, &now_read, &now_written) < 0 || now_read < moved->read ||
	    now_written < moved->written) {
		told.unknown = 1;
		return told;
	}
	told.read = now_read - moved->read;
	told.written = now_written - moved->written;
	return told;
}

void agent_moved(struct agent *agent, void (*each)(void *ctx, const struct agent_moved *moved),
		 void *ctx)
{
	struct ec_moved_list *list = agent->sensor->moved ? &agent->sensor->moved[agent->slot] :
							    NULL;
	uint32_t epoch = agent->shared->moved_epoch, next = epoch + 1 ?: 2, len;

	if (!list || agent->sensor->watches)
		return;
	__atomic_store_n(&list->len[next & 1], 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&agent->shared->moved_epoch, next, __ATOMIC_SEQ_CST);
	len = epoch && each ? __atomic_load_n(&list->len[epoch & 1], __ATOMIC_SEQ_CST) : 0;
	for (uint32_t i = 0; i < len && i < EC_MOVED_MAX; i++) {
		const struct ec_moved *moved = &list->at[epoch & 1][i];
		struct agent_moved told;

		if (__atomic_load_n(&moved->epoch, __ATOMIC_SEQ_CST) != epoch)
			continue; /* it begins right now */
		told = difference(moved);
		each(ctx, &told);
	}
	if (len > EC_MOVED_MAX)
		each(ctx, &(struct agent_moved) { .unknown = len - EC_MOVED_MAX });
}
