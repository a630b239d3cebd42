/* SPDX-License-Identifier: Apache-2.0 */
/* util.h - ownership made visible: descriptors and memory close themselves. */
#ifndef EC_UTIL_H
#define EC_UTIL_H

#include <stdlib.h>
#include <unistd.h>

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

#define _cleanup_close_ __attribute__((cleanup(close_fd)))
#define _cleanup_free_ __attribute__((cleanup(free_pointer)))

/* Gives a descriptor away: the variable no longer owns it. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})
#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

#endif
