// SPDX-License-Identifier: Apache-2.0
/* trail_members.c - records that come by the hundred thousand: they wait for each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trail_impl.h"
#include "user/json/json_out.h"

/* Enough to make a write(2) cheap. */
#define WAITING_SIZE (256u * 1024u)
#define WAITING_RECORDS 2048u
/* seq, time, prev and what is between them; the id of the trail, and the end. */
#define HEAD_MAX 192u
#define END_MAX 64u

/* The lines of it that are in the file whole stay; the chain goes on behind them. */
int trail_flush(struct trail *trail)
{
	size_t len = trail->waiting_len, records = trail->waiting_records, lost = 0, written;
	int err;

	if (!len)
		return 0;
	err = trail_write_all(trail->fd, trail->waiting, len, &written);
	trail->waiting_len = trail->waiting_records = 0;
	trail->tally.records += records;
	trail->tally.bytes += len;
	if (!err)
		return 0;
	for (size_t i = written; i < len; i++)
		lost += trail->waiting[i] == '\n';
	for (size_t i = records - lost; i < records; i++)
		trail->tally.lost += trail->weights[i];
	trail->tally.records -= lost;
	trail->tally.bytes -= len - written;
	trail->size -= (off_t)(len - written);
	trail->torn = true; /* seq and head are to be found again */
	return err;
}

static size_t put_line(struct trail *trail, char *at, const char *members, size_t members_len)
{
	struct json_out out = { .at = at, .size = HEAD_MAX + members_len + END_MAX };
	char now[TRAIL_TIME_SIZE];

	trail_now(trail, now);
	json_out_text(&out, "{\"seq\":");
	json_out_number(&out, trail->seq + 1);
	json_out_text(&out, ",\"time\":\"");
	json_out_raw(&out, now, TRAIL_TIME_SIZE - 1);
	json_out_text(&out, "\",\"prev\":\"");
	json_out_raw(&out, trail->head, strlen(trail->head));
	json_out_text(&out, "\",");
	json_out_raw(&out, members, members_len);
	if (!trail->seq) {
		json_out_text(&out, ",\"trail\":\"");
		json_out_raw(&out, trail->id, strlen(trail->id));
		json_out_text(&out, "\"");
	}
	json_out_text(&out, "}\n");
	return out.len;
}

static int make_room(struct trail *trail)
{
	if (!trail->waiting)
		trail->waiting = malloc(WAITING_SIZE);
	if (!trail->weights)
		trail->weights = malloc(WAITING_RECORDS * sizeof(*trail->weights));
	return trail->waiting && trail->weights ? 0 : -ENOMEM;
}

static bool is_full(const struct trail *trail, size_t members_len)
{
	return trail->waiting_records == WAITING_RECORDS ||
	       WAITING_SIZE - trail->waiting_len < HEAD_MAX + members_len + END_MAX;
}

int trail_append_members(struct trail *trail, const char *members, size_t members_len,
			 uint64_t weight)
{
	uint64_t lost;
	char *line;
	size_t len;
	int err = trail->sync_error;

	if (members_len > WAITING_SIZE - HEAD_MAX - END_MAX)
		return -E2BIG;
	if (!err)
		err = make_room(trail);
	if (!err && (trail->torn || is_full(trail, members_len)))
		err = trail_ready(trail);
	if (err)
		return err;
	line = trail->waiting + trail->waiting_len;
	len = put_line(trail, line, members, members_len);
	trail->waiting_len += len;
	trail->weights[trail->waiting_records++] = weight;
	trail_advance(trail, line, len);
	lost = trail->tally.lost;
	trail_recorded(trail);
	if (trail->tally.lost == lost)
		return 0;
	/* a checkpoint was due, or another file: this one, too, is not in the file */
	trail->tally.lost -= weight;
	return -EIO;
}

void trail_spare(struct trail *trail)
{
	if (trail->waiting_len)
		return;
	free(trail->waiting);
	free(trail->weights);
	trail->waiting = NULL;
	trail->weights = NULL;
}
