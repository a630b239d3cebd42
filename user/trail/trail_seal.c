// SPDX-License-Identifier: Apache-2.0
/*
 * trail_seal.c - compresses a full file in a thread of its own, so that no call waits
 * for it. Until the compressed one is whole and on the disk, the other stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "trail_impl.h"
#include "user/util.h"

#define CHUNK (256u << 10)

struct trail_seal {
	pthread_t thread;
	char path[PATH_MAX], next[PATH_MAX], packed[PATH_MAX];
	bool append_only;
	int err;
};

static int pack(int from, gzFile to)
{
	_cleanup_free_ char *buf = malloc(CHUNK);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	while ((n = read(from, buf, CHUNK)) > 0)
		if (gzwrite(to, buf, (unsigned int)n) != n)
			return -EIO;
	return n < 0 ? -errno : 0;
}

static int pack_file(struct trail_seal *seal)
{
	_cleanup_close_ int from = open(seal->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_close_ int to = -1;
	gzFile packed;
	int err, copy;

	if (from < 0)
		return -errno;
	unlink(seal->next);
	to = open(seal->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	copy = to < 0 ? -1 : fcntl(to, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	packed = gzdopen(copy, "wb6");
	if (!packed) {
		close(copy);
		return -ENOMEM;
	}
	err = pack(from, packed);
	if (gzclose(packed) != Z_OK && !err)
		err = -EIO;
	if (!err && fsync(to))
		err = -errno;
	if (!err && rename(seal->next, seal->packed))
		err = -errno;
	if (!err && seal->append_only)
		trail_mark(to, true);
	return err;
}

static void *run(void *ctx)
{
	struct trail_seal *seal = ctx;

	seal->err = pack_file(seal);
	if (seal->err)
		unlink(seal->next);
	else if (unlink(seal->path))
		seal->err = -errno;
	return NULL;
}

int trail_seal_begin(const char *path, bool append_only, struct trail_seal **ret_seal)
{
	struct trail_seal *seal = calloc(1, sizeof(*seal));
	sigset_t all, before;
	int err;

	if (!seal)
		return -ENOMEM;
	seal->append_only = append_only;
	if (snprintf(seal->path, PATH_MAX, "%s", path) >= PATH_MAX ||
	    snprintf(seal->packed, PATH_MAX, "%s.gz", path) >= PATH_MAX ||
	    snprintf(seal->next, PATH_MAX, "%s.gz.new", path) >= PATH_MAX) {
		free(seal);
		return -ENAMETOOLONG;
	}
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&seal->thread, NULL, run, seal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		free(seal);
		return err;
	}
	*ret_seal = seal;
	return 0;
}

int trail_seal_end(struct trail_seal *seal)
{
	int err;

	if (!seal)
		return 0;
	pthread_join(seal->thread, NULL);
	err = seal->err;
	free(seal);
	return err;
}
