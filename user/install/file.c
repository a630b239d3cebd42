// SPDX-License-Identifier: Apache-2.0
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

static int read_fd(int fd, size_t most, struct file *file)
{
	ssize_t n;

	if (!S_ISREG(file->stat.st_mode))
		return -EISDIR;
	if ((size_t)file->stat.st_size > most)
		return -EFBIG;
	file->text = malloc((size_t)file->stat.st_size + 1);
	if (!file->text)
		return -ENOMEM;
	while (file->len < (size_t)file->stat.st_size) {
		n = read(fd, file->text + file->len, (size_t)file->stat.st_size - file->len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		file->len += n > 0 ? (size_t)n : 0;
	}
	file->text[file->len] = '\0';
	return strlen(file->text) == file->len ? 0 : -EILSEQ;
}

int file_read(const char *path, size_t most, struct file *ret_file)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	*ret_file = (struct file) { 0 };
	if (fd < 0 && errno != ENOENT)
		return -errno;
	ret_file->exists = fd >= 0;
	ret_file->path = fd >= 0 ? realpath(path, NULL) : strdup(path);
	if (!ret_file->path)
		return -ENOMEM;
	if (fd < 0)
		return 0;
	r = fstat(fd, &ret_file->stat) ? -errno : read_fd(fd, most, ret_file);
	if (r < 0)
		file_done(ret_file);
	return r;
}

/* ---- writing ---- */

static int make_directories(char *path)
{
	for (char *c = path + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*c = '/';
	}
	return 0;
}

static int still_same(const struct file *file)
{
	struct stat now;

	if (lstat(file->path, &now))
		return errno == ENOENT && !file->exists ? 0 : -ESTALE;
	return file->exists && now.st_ino == file->stat.st_ino &&
			       now.st_mtim.tv_sec == file->stat.st_mtim.tv_sec &&
			       now.st_mtim.tv_nsec == file->stat.st_mtim.tv_nsec &&
			       now.st_size == file->stat.st_size ?
		       0 :
		       -ESTALE;
}

static int own(int fd, const struct file *file, const char *directory)
{
	struct stat owner = file->stat;

	if (!file->exists && stat(directory, &owner))
		return -errno;
	if ((geteuid() == 0 || file->exists) && fchown(fd, owner.st_uid, owner.st_gid) &&
	    geteuid() == 0)
		return -errno;
	if (file->exists && fchmod(fd, file->stat.st_mode & 07777))
		return -errno;
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

static int write_beside(const struct file *file, const char *directory, const char *temporary,
			const char *text, size_t len)
{
	_cleanup_close_ int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return -errno;
	if ((r = own(fd, file, directory)) < 0 || (r = write_all(fd, text, len)) < 0 ||
	    (r = still_same(file)) < 0)
		;
	else if (rename(temporary, file->path))
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

static int replace(const struct file *file, char *directory, const char *text, size_t len)
{
	_cleanup_free_ char *temporary = NULL;
	char *slash = strrchr(directory, '/');
	int r;

	if (!slash)
		return -EINVAL;
	if (asprintf(&temporary, "%s.%d.enforcecore", file->path, getpid()) < 0)
		return -ENOMEM;
	if ((r = make_directories(directory)) < 0)
		return r;
	slash[slash == directory] = '\0';
	return write_beside(file, directory, temporary, text, len);
}

int file_replace(const struct file *file, const char *text, size_t len)
{
	char *directory = strdup(file->path);
	int r = directory ? replace(file, directory, text, len) : -ENOMEM;

	free(directory);
	return r;
}

int file_remove(const struct file *file)
{
	int r = still_same(file);

	return r < 0 ? r : unlink(file->path) ? -errno : 0;
}

void file_done(struct file *file)
{
	free(file->path);
	free(file->text);
	*file = (struct file) { 0 };
}
