// SPDX-License-Identifier: Apache-2.0
#include "trail_examine.h"

#include <pthread.h>
#include <sched.h>

#include "trail_checkpoint.h"
#include "trail_hash.h"

#define HELPERS_MAX 3
/* Fewer lines than this are done before a thread has started. */
#define SHARE_MIN 64

struct share {
	struct trail_examined *lines;
	size_t lines_len;
};

static const char *examine_checkpoint(const struct trail_examined *line)
{
	struct trail_checkpoint checkpoint;
	const char *why = trail_checkpoint_read(line->bytes, line->bytes_len, &checkpoint);

	return why				   ? why :
	       trail_checkpoint_holds(&checkpoint) ? NULL :
						     "its signature does not hold";
}

static void *examine(void *ctx)
{
	const struct share *share = ctx;

	for (size_t i = 0; i < share->lines_len; i++) {
		struct trail_examined *line = &share->lines[i];

		line->why = trail_line_read(line->bytes, line->bytes_len, &line->line);
		trail_hash(line->bytes, line->bytes_len, line->hash);
		line->why_unsigned = !line->why && line->line.kind == TRAIL_CHECKPOINT ?
					     examine_checkpoint(line) :
					     NULL;
	}
	return NULL;
}

static size_t count_helpers(size_t lines_len)
{
	cpu_set_t cpus;
	size_t helpers = 0;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		helpers = (size_t)CPU_COUNT(&cpus) - 1;
	if (helpers > HELPERS_MAX)
		helpers = HELPERS_MAX;
	if (helpers > lines_len / SHARE_MIN)
		helpers = lines_len / SHARE_MIN;
	return helpers;
}

/* A helper that cannot be started leaves its share to us. */
void trail_examine(struct trail_examined *lines, size_t lines_len)
{
	size_t helpers = count_helpers(lines_len), share_len = lines_len / (helpers + 1);
	struct share shares[HELPERS_MAX], own;
	pthread_t threads[HELPERS_MAX];
	size_t started = 0;

	for (; started < helpers; started++) {
		shares[started] = (struct share) { lines + started * share_len, share_len };
		if (pthread_create(&threads[started], NULL, examine, &shares[started]))
			break;
	}
	own = (struct share) { lines + started * share_len, lines_len - started * share_len };
	examine(&own);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
