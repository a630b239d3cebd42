/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - the append-only record: one JSON object per line, each carrying in
 * "prev" the SHA-256 (hex) of the exact bytes of the line before, without its
 * newline ("" in the first line). A line is in the kernel's page cache when
 * trail_append returns: `kill -9` loses nothing that was acknowledged.
 */
#ifndef EC_TRAIL_H
#define EC_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct trail;

/* When what was written is made to survive a power cut, too (fdatasync(2)). */
enum trail_sync {
	TRAIL_SYNC_CHECKPOINT, /* with each checkpoint, and at the end */
	TRAIL_SYNC_RECORD,     /* before trail_settle returns */
	TRAIL_SYNC_NONE,       /* at the end only */
};

struct trail_checkpoint;
struct trail_key;
struct trail_quote;
struct trail_options {
	const struct trail_key *key; /* signs checkpoints; NULL = there are none */
	uint64_t checkpoint_every;   /* records between two, 0 = only at ends */
	enum trail_sync sync;
	uint64_t segment_bytes;	  /* begin a new file at this size, 0 = never */
	uint64_t segment_seconds; /* and at this age */
	uint64_t keep_segments;	  /* so many old files at most, 0 = all */
	uint64_t keep_bytes;	  /* of so many bytes in all, 0 = any */
	bool append_only;	  /* chattr +a */
	/* Told of each checkpoint that was written. Negative errno: it was not passed on. */
	int (*witness)(void *ctx, const struct trail_checkpoint *checkpoint);
	/* What became of a checkpoint on the side: 1, and the quote of it (of, checkpoint, and
	 * what a TPM knows), 0: there is none, or a negative errno. last: the trail is being
	 * closed, it waits for what is under way. */
	int (*quote)(void *ctx, bool last, struct trail_quote *ret_quote);
	/* The file is closed: there is time now to be told elsewhere of what is in it. */
	void (*closed)(void *ctx);
	/* Told of what failed while the record was written nevertheless. */
	void (*trouble)(void *ctx, const char *what, int err);
	void *ctx;
};

/* Opens or continues FILE (mode 0600, one writer: -EBUSY when another holds
 * it). A torn last line is kept as it is, closed with a newline, and followed
 * by a record of kind "recovered" that states its length and SHA-256.
 * -EBADMSG: the last whole line is not a trail record. */
int trail_open(const char *path, struct trail **ret_trail);
/* The same with options, whose key outlives the trail. */
int trail_open_with(const char *path, const struct trail_options *options,
		    struct trail **ret_trail);
/* Takes ownership of record (an object; seq, time and prev are added here, at
 * the front). time is UTC, ISO 8601 with microseconds and "Z". */
int trail_append(struct trail *trail, struct cJSON *record);
/* A record that is text already: its members, `"kind":"effect",...`, valid JSON without
 * seq, time, prev and trail. It waits with others, until there are enough of them, for
 * trail_flush, trail_settle, or whatever else is written, and is not acknowledged
 * before. weight: of so many it tells, if it is lost. */
int trail_append_members(struct trail *trail, const char *members, size_t members_len,
			 uint64_t weight);
int trail_flush(struct trail *trail);
/* What became of records since the last time it was taken. */
struct trail_tally {
	uint64_t records; /* in the file, and our own among them */
	uint64_t bytes;
	uint64_t lost; /* weight of those that waited, and could not be written */
};
/* Gives back what only bursts need, if nothing waits in it. */
void trail_spare(struct trail *trail);
struct trail_tally trail_take_tally(struct trail *trail);
/* Before what was appended is acknowledged: in the file, and as TRAIL_SYNC_RECORD wants it. After
 * a failed sync nobody knows what is on the disk: it fails from then on. */
int trail_settle(struct trail *trail);
/* Another process has written to it meanwhile, and is gone: the next trail_append
 * begins by finding the end. What is closed so has no clean end. */
void trail_follow(struct trail *trail);
int trail_fd(const struct trail *trail);
int trail_sync(struct trail *trail);  /* fdatasync(2) */
int trail_close(struct trail *trail); /* a last checkpoint, and syncs; NULL is fine */

/* What a reading found. */
#define TRAIL_ID_MAX 33
#define TRAIL_KEY_MAX 65
struct trail_report {
	uint64_t lines;		  /* of all files */
	uint64_t recovered;	  /* torn lines that a later record accounts for */
	uint64_t torn_len;	  /* bytes after the last newline, 0 = clean end */
	size_t file;		  /* of those given: the last one that was looked at */
	uint64_t bad_line;	  /* first line, in that one, that does not hold, 0 = none */
	char reason[256];	  /* why bad_line does not hold */
	char head[65];		  /* SHA-256 of the last line */
	char trail[TRAIL_ID_MAX]; /* the trail's id */
	uint64_t first_seq, last_seq;
	uint64_t segment;	    /* of the first file, 1 = the trail's beginning */
	uint64_t deleted_seq;	    /* up to this one, retention deleted it, as it says */
	uint64_t checkpoints;	    /* that hold */
	uint64_t signed_seq;	    /* they cover all up to this record, 0 = there is none */
	char signer[TRAIL_KEY_MAX]; /* public key of the last one */
	char end[12];		    /* why there is one at the very end, "" = there is none */
	uint64_t quotes;	    /* of a checkpoint that is here */
	uint64_t quoted_seq;	    /* the last of those, 0 = there is none */
};
/* 0: the chain holds (torn_len may be set); -EBADMSG: it does not, see
 * bad_line; other negative errno: the file could not be read. Signatures are
 * checked against the key that each names. */
int trail_verify(const char *path, struct trail_report *ret_report);

/* The same, and each is told every line that is a record (without its newline,
 * not terminated), also behind the one that does not hold. What it returns below
 * 0 ends the reading and is returned. */
int trail_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report);

/* The same of the segments of one trail, in order; a file may be compressed (gzip). */
struct trail_check {
	const char (*keys)[TRAIL_KEY_MAX]; /* what is signed by another one does not hold */
	size_t keys_len;		   /* 0: by any */
	int (*each)(void *ctx, const char *line, size_t line_len);
	/* Told of each checkpoint that holds. NULL, or why it does not hold nevertheless. */
	const char *(*checkpoint)(void *ctx, const struct trail_checkpoint *checkpoint);
	/* The same of each quote of a checkpoint. time: of the checkpoint; NULL: it is in a file
	 * that was not given, or long ago. */
	const char *(*quote)(void *ctx, const struct trail_quote *quote, const char *time);
	void *ctx;
};
int trail_check(const char *const *paths, size_t paths_len, const struct trail_check *check,
		struct trail_report *ret_report);

/* Adds bytes as a JSON string. What is not valid UTF-8 becomes U+FFFD and the
 * exact bytes follow as hex under "<name>_hex". */
int trail_add_bytes(struct cJSON *record, const char *name, const void *bytes, size_t bytes_len);

#endif
