// SPDX-License-Identifier: Apache-2.0
#include "witnessed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/util.h"
#include "witness.h"

struct witnessed {
	struct head {
		struct trail_checkpoint told;
		bool seen;
	} * heads; /* by trail and seq */
	size_t len, size;
	char why[256];
};

static int by_place(const void *a, const void *b)
{
	const struct trail_checkpoint *x = &((const struct head *)a)->told,
				      *y = &((const struct head *)b)->told;
	int order = strcmp(x->trail, y->trail);

	return order ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

static int add(struct witnessed *witnessed, const struct trail_checkpoint *told)
{
	if (witnessed->len == witnessed->size) {
		size_t size = witnessed->size ? 2 * witnessed->size : 64;
		struct head *heads = reallocarray(witnessed->heads, size, sizeof(*heads));

		if (!heads)
			return -ENOMEM;
		witnessed->heads = heads;
		witnessed->size = size;
	}
	witnessed->heads[witnessed->len++] = (struct head) { .told = *told };
	return 0;
}

/* What nobody signed says nothing. */
static int take_head(struct witnessed *witnessed, const char *at)
{
	struct trail_checkpoint told;

	if (witness_parse(at, strcspn(at, "\r\n\""), &told) || !trail_checkpoint_holds(&told))
		return 0;
	return add(witnessed, &told);
}

/* In a log there is a time and a name before it; in JSON, as a collector writes it, a
 * quotation mark behind it, and then perhaps another one. */
static int take_line(struct witnessed *witnessed, const char *line)
{
	static const char mark[] = ": trail ";
	const char *at = strstr(line, mark);
	int r = at ? 0 : take_head(witnessed, line);

	for (; r == 0 && at; at = strstr(at, mark)) {
		at += sizeof(mark) - 1;
		r = take_head(witnessed, at);
	}
	return r;
}

int witnessed_open(const char *path, struct witnessed **ret_witnessed)
{
	struct witnessed *witnessed = calloc(1, sizeof(*witnessed));
	FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = witnessed && file ? 0 : file ? -ENOMEM : -errno;

	while (r == 0 && getline(&line, &size, file) > 0)
		r = take_line(witnessed, line);
	if (file)
		fclose(file);
	if (r < 0) {
		witnessed_close(witnessed);
		return r;
	}
	if (witnessed->len)
		qsort(witnessed->heads, witnessed->len, sizeof(witnessed->heads[0]), by_place);
	*ret_witnessed = witnessed;
	return 0;
}

const char *witnessed_check(struct witnessed *witnessed, const struct trail_checkpoint *checkpoint)
{
	struct head key = { .told = *checkpoint }, *found;

	found = witnessed->len ?
			bsearch(&key, witnessed->heads, witnessed->len, sizeof(key), by_place) :
			NULL;
	if (!found)
		return NULL;
	/* the same was witnessed twice: each is compared */
	while (found > witnessed->heads && !by_place(found - 1, &key))
		found--;
	for (; found < witnessed->heads + witnessed->len && !by_place(found, &key); found++) {
		found->seen = true;
		if (strcmp(found->told.head, checkpoint->head) ||
		    strcmp(found->told.key, checkpoint->key))
			return "another head was witnessed here";
	}
	return NULL;
}

const char *witnessed_end(struct witnessed *witnessed, const char *trail, uint64_t first,
			  uint64_t last, size_t *ret_heads)
{
	*ret_heads = 0;
	for (size_t i = 0; i < witnessed->len; i++) {
		const struct head *head = &witnessed->heads[i];

		if (strcmp(head->told.trail, trail) || head->told.seq < first)
			continue;
		if (!head->seen) {
			snprintf(witnessed->why, sizeof(witnessed->why),
				 head->told.seq > last ?
					 "record %llu was witnessed, and is cut off" :
					 "record %llu was witnessed as a checkpoint, and is none",
				 (unsigned long long)head->told.seq);
			return witnessed->why;
		}
		++*ret_heads;
	}
	if (*ret_heads)
		return NULL;
	snprintf(witnessed->why, sizeof(witnessed->why), "no head of trail %s was witnessed",
		 trail);
	return witnessed->why;
}

void witnessed_close(struct witnessed *witnessed)
{
	if (!witnessed)
		return;
	free(witnessed->heads);
	free(witnessed);
}
