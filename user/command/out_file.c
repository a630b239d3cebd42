// SPDX-License-Identifier: Apache-2.0
#include "out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/util.h"

/* What is there and no file (a device, a pipe) is written to; nothing takes its place. */
static bool is_other(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int out_file_open(struct out_file *out, const char *path)
{
	_cleanup_close_ int fd = -1;

	*out = (struct out_file) { 0 };
	if (!path || !strcmp(path, "-")) {
		out->to = stdout;
		return 0;
	}
	if (is_other(path)) {
		out->path = path;
		out->to = fopen(path, "we");
		return out->to ? 0 : -errno;
	}
	if (asprintf(&out->part, "%s.XXXXXX", path) < 0) {
		out->part = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(out->part, O_CLOEXEC);
	out->to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out->to) {
		int r = -errno;

		if (fd >= 0)
			unlink(out->part);
		free(TAKE_PTR(out->part));
		return r;
	}
	TAKE_FD(fd);
	out->path = path;
	return 0;
}

int out_file_finish(struct out_file *out)
{
	int r = fflush(out->to) || ferror(out->to) ? -(errno ?: EIO) : 0;

	if (!out->part)
		return r;
	if (r == 0 && fsync(fileno(out->to)) && errno != EINVAL)
		r = -errno;
	if (r == 0 && rename(out->part, out->path))
		r = -errno;
	if (r == 0)
		free(TAKE_PTR(out->part));
	return r;
}

void out_file_done(struct out_file *out)
{
	if (out->part)
		unlink(out->part);
	free(TAKE_PTR(out->part));
	if (out->to && out->path)
		fclose(out->to);
	out->to = NULL;
}
