/* SPDX-License-Identifier: Apache-2.0 */
/* grow.h - arrays that grow by half, and memory that frees itself. */
#ifndef EC_GROW_H
#define EC_GROW_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The array with room for `need` items, or NULL: the old one is still there. */
static inline void *grow_array(void *array, size_t need, size_t *max, size_t item)
{
	size_t want = *max + *max / 2;
	void *bigger;

	if (want < need)
		want = need;
	if (want < 16)
		want = 16;
	if (want > SIZE_MAX / 2 / item)
		return NULL;
	bigger = realloc(array, want * item);
	if (bigger)
		*max = want;
	return bigger;
}

/* Room for `need` items; negative when there is no memory. */
#define GROW(array, need, max)                                                                     \
	({                                                                                         \
		void *grown_ = (array);                                                            \
		if ((need) > (max))                                                                \
			grown_ = grow_array((array), (need), &(max), sizeof(*(array)));            \
		if (grown_ || !(need))                                                             \
			(array) = grown_;                                                          \
		grown_ || !(need) ? 0 : -1;                                                        \
	})

static inline void grow_free(void *pointer)
{
	void *memory;

	memcpy(&memory, pointer, sizeof(memory));
	free(memory);
}

static inline void grow_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_memory_ __attribute__((cleanup(grow_free)))
#define _cleanup_fd_ __attribute__((cleanup(grow_close)))

#endif
