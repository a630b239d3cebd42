// SPDX-License-Identifier: Apache-2.0
#include "cgroup_top.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/util.h"

/* A mount of our own that no path leads to: fsopen(2), since 5.2. In a cgroup
 * namespace its root is that of the namespace. */
static int open_top(void)
{
	_cleanup_close_ int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), mount = -1;
	int fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -ENOSYS;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return -ENOSYS;
	fd = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The handle of a directory of cgroup2 is its id (name_to_handle_at(2)). */
int cgroup_id(int fd, uint64_t *ret_id)
{
	char room[sizeof(struct file_handle) + sizeof(*ret_id)];
	struct file_handle *handle = (struct file_handle *)room;
	int mount;

	handle->handle_bytes = sizeof(*ret_id);
	if (name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH))
		return -errno;
	memcpy(ret_id, handle->f_handle, sizeof(*ret_id));
	return *ret_id ? 0 : -ENOSYS;
}

int cgroup_top_open(struct cgroup_top *ret_top)
{
	_cleanup_close_ int fd = open_top();
	int r;

	if (fd < 0)
		return fd;
	if ((r = cgroup_id(fd, &ret_top->id)) < 0)
		return r;
	ret_top->fd = TAKE_FD(fd);
	return 0;
}

void cgroup_top_close(struct cgroup_top *top)
{
	close_fd(&top->fd);
}
