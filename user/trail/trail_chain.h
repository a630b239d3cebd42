/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_chain.h - does each line follow from the one before? Of lines that were
 * examined, in their order, through all files of one trail.
 */
#ifndef EC_TRAIL_CHAIN_H
#define EC_TRAIL_CHAIN_H

#include "trail.h"
#include "trail_examine.h"

/* Checkpoints that a quote may still be of: it comes seconds later, and a trail that is
 * flooded has thousands in one. Of an older one a quote is not known to be. */
#define TRAIL_CHAIN_MARKS 4096u
struct trail_chain_mark {
	uint64_t seq;
	char time[TRAIL_TIME_SIZE];
	char hash[TRAIL_HASH_SIZE];
};

struct trail_chain {
	const struct trail_check *check;
	struct trail_report *report;
	bool begun;	   /* there was a record */
	bool begun_file;   /* there was one in this file */
	uint64_t number;   /* of the line, in this file */
	uint64_t segment;  /* of this file */
	uint64_t last_len; /* of the last record */
	bool failed;
	struct trail_chain_mark *marks; /* a ring, the last ones */
	uint64_t marks_len;		/* so many there were */
	/* A line that is no record, waiting for the record that accounts for it. */
	bool torn;
	size_t torn_len;
	char torn_hash[TRAIL_HASH_SIZE];
	const char *torn_why;
};

/* The next file begins. */
int trail_chain_file(struct trail_chain *chain, size_t file);
/* 0, or -EBADMSG: it does not hold, which the report says then. */
int trail_chain_line(struct trail_chain *chain, const struct trail_examined *examined);
/* The file ends, that many bytes behind its last newline. */
int trail_chain_end(struct trail_chain *chain, size_t torn_len);
/* -EBADMSG, of that line. */
int trail_chain_fail(struct trail_chain *chain, uint64_t number, const char *why);

#endif
