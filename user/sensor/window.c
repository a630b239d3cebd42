// SPDX-License-Identifier: Apache-2.0
#include "window.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "sensor.h"
#include "user/util.h"

#define PAGE 4096u /* of a map that may be mapped: the kernel's own, on x86 */
#define ARENA_BYTES (sizeof(uint64_t) * EC_ARENA_WORDS)
#define SLOT_BYTES (sizeof(struct ec_call) * EC_MAX_CALLS)
#define MOVED_BYTES sizeof(struct ec_moved_list)
/* A row of the last state may be asked for any byte. */
#define BEYOND 256u

_Static_assert(SLOT_BYTES % PAGE == 0, "a slot's calls are whole pages");
_Static_assert(MOVED_BYTES % PAGE == 0, "and what its tasks have moved");
_Static_assert(EC_ARENA_FIRST * sizeof(uint64_t) == PAGE, "the dead state has a page of its own");

/* Nothing that could be touched, and no memory: the place is ours. */
static int leave_empty(void *at, size_t len)
{
	return mmap(at, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		    0) == MAP_FAILED ?
		       -errno :
		       0;
}

static int show(void *at, size_t len, int fd, size_t offset)
{
	return mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, (off_t)offset) ==
			       MAP_FAILED ?
		       -errno :
		       0;
}

int window_spare(struct sensor *sensor)
{
	int r;

	sensor->arena_fd = bpf_obj_get(SENSOR_PINS "/ec_arena");
	sensor->calls_fd = bpf_obj_get(SENSOR_PINS "/ec_calls");
	sensor->moved_fd = bpf_obj_get(SENSOR_PINS "/ec_moved");
	if (sensor->arena_fd < 0 || sensor->calls_fd < 0 || sensor->moved_fd < 0)
		return -errno;
	if ((r = leave_empty(sensor->calls, SLOT_BYTES * EC_MAX_AGENTS)) < 0 ||
	    (r = leave_empty(sensor->moved, MOVED_BYTES * EC_MAX_AGENTS)) < 0 ||
	    (r = leave_empty((char *)sensor->arena + PAGE, ARENA_BYTES - PAGE)) < 0)
		return r;
	sensor->spares = true;
	return 0;
}

struct piece {
	size_t begin, len;
};

static struct piece piece_of(uint32_t off, uint32_t len)
{
	size_t begin = sizeof(uint64_t) * off,
	       end = begin + sizeof(uint64_t) * ((size_t)len + BEYOND);

	begin -= begin % PAGE;
	end += PAGE - 1;
	end -= end % PAGE;
	begin = begin < PAGE ? PAGE : begin;
	end = end > ARENA_BYTES ? ARENA_BYTES : end;
	return (struct piece) { begin, end > begin ? end - begin : 0 };
}

int window_open(const struct sensor *sensor, uint32_t off, uint32_t len)
{
	struct piece piece = piece_of(off, len);

	return sensor->spares && piece.len ? show((char *)sensor->arena + piece.begin, piece.len,
						  sensor->arena_fd, piece.begin) :
					     0;
}

void window_close(const struct sensor *sensor, uint32_t off, uint32_t len)
{
	struct piece piece = piece_of(off, len);

	if (sensor->spares && piece.len)
		leave_empty((char *)sensor->arena + piece.begin, piece.len);
}

int window_open_calls(const struct sensor *sensor, uint32_t slot)
{
	return sensor->spares ? show((char *)sensor->calls + SLOT_BYTES * slot, SLOT_BYTES,
				     sensor->calls_fd, SLOT_BYTES * slot) :
				0;
}

void window_close_calls(const struct sensor *sensor, uint32_t slot)
{
	if (sensor->spares)
		leave_empty((char *)sensor->calls + SLOT_BYTES * slot, SLOT_BYTES);
}

int window_open_moved(const struct sensor *sensor, uint32_t slot)
{
	return sensor->spares ? show(&sensor->moved[slot], MOVED_BYTES, sensor->moved_fd,
				     MOVED_BYTES * slot) :
				0;
}

void window_close_moved(const struct sensor *sensor, uint32_t slot)
{
	if (sensor->spares)
		leave_empty(&sensor->moved[slot], MOVED_BYTES);
}
