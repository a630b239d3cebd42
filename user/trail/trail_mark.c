// SPDX-License-Identifier: Apache-2.0
/* trail_mark.c - a file to which even root can only append, until root says otherwise. */
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "trail_impl.h"

int trail_mark(int fd, bool append_only)
{
	int flags, want;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		return append_only ? -errno : 0;
	want = append_only ? flags | FS_APPEND_FL : flags & ~FS_APPEND_FL;
	return want != flags && ioctl(fd, FS_IOC_SETFLAGS, &want) ? -errno : 0;
}
