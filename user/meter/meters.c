// SPDX-License-Identifier: Apache-2.0
/* meters.c - the file, and what needs no more than an addition. */
#include "meters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "user/util.h"

static void add(uint64_t *to, uint64_t n)
{
	__atomic_fetch_add(to, n, __ATOMIC_RELAXED);
}

static int map(const char *path, bool read_only, struct meters **ret_meters)
{
	_cleanup_close_ int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
						    O_NOFOLLOW | O_NONBLOCK);
	struct meters *meters;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size != sizeof(struct meters))
		return -EBADMSG;
	meters = mmap(NULL, sizeof(*meters), read_only ? PROT_READ : PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (meters == MAP_FAILED)
		return -errno;
	*ret_meters = meters;
	return 0;
}

int meters_open(const char *path, bool read_only, struct meters **ret_meters)
{
	struct meters *meters;
	int r = map(path, read_only, &meters);

	if (r < 0)
		return r;
	if (meters->magic != METERS_MAGIC || meters->size != sizeof(*meters)) {
		meters_close(meters);
		return -EBADMSG;
	}
	*ret_meters = meters;
	return 0;
}

void meters_close(struct meters *meters)
{
	if (meters)
		munmap(meters, sizeof(*meters));
}

/* All of its room at once: where there is none left, a write to a mapping is a
 * signal and not an error. */
static int make(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
				      0600);
	struct meters *meters;
	int r;

	if (fd < 0)
		return -errno;
	r = -posix_fallocate(fd, 0, sizeof(*meters));
	if (r == 0)
		r = map(path, false, &meters);
	if (r < 0)
		return r;
	meters->begun_s = (uint64_t)time(NULL);
	meters->size = sizeof(*meters);
	meters->magic = METERS_MAGIC;
	meters_close(meters);
	return 0;
}

int meters_create(const char *path)
{
	struct meters *meters;
	char next[256];
	int r = meters_open(path, true, &meters);

	if (r == 0) {
		meters_close(meters);
		return 0;
	}
	if (r != -ENOENT && r != -EBADMSG)
		return r;
	snprintf(next, sizeof(next), "%s.new", path);
	r = make(next);
	if (r == 0 && rename(next, path))
		r = -errno;
	if (r < 0)
		unlink(next);
	return r;
}

void meters_redacted(struct meters *meters, enum meters_direction direction, uint64_t count)
{
	if (meters && count)
		add(&meters->redactions[direction], count);
}

void meters_trail(struct meters *meters, uint64_t records, uint64_t bytes, uint64_t errors)
{
	if (!meters)
		return;
	add(&meters->trail_records, records);
	add(&meters->trail_bytes, bytes);
	add(&meters->trail_errors, errors);
}

void meters_bad_record(struct meters *meters)
{
	if (meters)
		add(&meters->bad_records, 1);
}

void meters_session(struct meters *meters)
{
	if (meters)
		add(&meters->sessions, 1);
}

static const char *const violations[METERS_VIOLATIONS] = {
	"other",	"tool_denied", "tool_not_allowed", "domain_denied", "content_violation",
	"rate_limit",	"cost_limit",  "resource_limit",   "output_size",   "sensitivity_violation",
	"policy_error",
};

const char *meters_violation_name(unsigned int type)
{
	return violations[type < METERS_VIOLATIONS ? type : 0];
}

void meters_violated(struct meters *meters, const char *type, bool would)
{
	unsigned int i = METERS_VIOLATIONS - 1;

	while (i && (!type || strcmp(type, violations[i])))
		i--;
	if (meters)
		add(&meters->violations[i][would], 1);
}
