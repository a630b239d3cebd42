/* SPDX-License-Identifier: Apache-2.0 */
/* trail_impl.h - what the writer's own files share; nobody else's. */
#ifndef EC_TRAIL_IMPL_H
#define EC_TRAIL_IMPL_H

#include <limits.h>
#include <sys/types.h>
#include <time.h>

#include "trail.h"
#include "trail_line.h"
#include "trail_text.h"

struct trail_seal;
struct trail {
	int fd;
	char path[PATH_MAX];
	struct trail_options options;
	bool torn;    /* the file ends in part of a line that a write left there */
	bool follows; /* another process wrote it */
	bool unsynced;
	bool unended; /* something was written, and no checkpoint said that it is the end */
	int sync_error;
	uint64_t seq;
	char head[TRAIL_HASH_SIZE]; /* of the last whole line, "" = none */
	char id[TRAIL_ID_SIZE];
	uint64_t signed_seq;	 /* of the last checkpoint, or where we began */
	uint64_t segment;	 /* of this file, from 1 */
	off_t size;		 /* of it */
	time_t began;		 /* its first record, 0 = there is none */
	time_t next_segment;	 /* after an attempt that failed: not before */
	struct trail_seal *seal; /* the segment before, while it is compressed */
	struct trail_text text;
	char *waiting; /* whole lines that seq, head and size count already */
	size_t waiting_len;
	size_t waiting_records;
	uint64_t *weights; /* of each of them */
	struct trail_tally tally;
	time_t second; /* whose text this is: */
	char second_text[TRAIL_TIME_SIZE];
};

/* Of a file that nobody else writes to, its descriptor, or an error. */
int trail_open_locked(const char *path, int flags);
/* What the file that was opened says of itself. */
int trail_begin(struct trail *trail);
/* Syncs the folder that the file is in. */
int trail_sync_folder(const struct trail *trail);

/* trail_segment.c: begins the next file when this one is full, or old. */
void trail_next_segment(struct trail *trail);
/* What somebody who was killed left half done. */
void trail_mend_segments(struct trail *trail);
/* trail_keep.c: deletes the oldest files, and says so first. */
void trail_keep(struct trail *trail);
/* trail_seal.c: compresses a file that is full, on the side. */
int trail_seal_begin(const char *path, bool append_only, struct trail_seal **ret_seal);
int trail_seal_end(struct trail_seal *seal); /* waits; NULL is fine */
/* trail_mark.c: chattr +a, -a. Without a mark there is nothing to take away. */
int trail_mark(int fd, bool append_only);

/* The end of the file is mended, if it has to be. */
int trail_resume(struct trail *trail);
void trail_now(struct trail *trail, char ret_time[TRAIL_TIME_SIZE]);
/* Nothing waits, and the end of the file is whole. */
int trail_ready(struct trail *trail);
/* line: with its newline. Writes it behind those that wait, and is one record further. */
int trail_write_line(struct trail *trail, const char *line, size_t line_len);
/* One record further, in the file or waiting. */
void trail_advance(struct trail *trail, const char *line, size_t line_len);
/* *ret_written tells how far it came, also after an error. */
int trail_write_all(int fd, const char *bytes, size_t bytes_len, size_t *ret_written);
/* After a record: a checkpoint and another file, when they are due. */
void trail_recorded(struct trail *trail);
/* Signs what is there, if there is a key and anything was written. */
int trail_write_checkpoint(struct trail *trail, const char *why);
/* trail_quoted.c: writes what has become of checkpoints on the side. */
void trail_write_quotes(struct trail *trail, bool last);
void trail_trouble(struct trail *trail, const char *what, int err);

#endif
