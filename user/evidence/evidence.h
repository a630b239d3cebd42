/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h - what makes a trail evidence, as whoever starts a session asks for
 * it: the key that signs, when it reaches the disk, when a new file begins, who
 * else is told of its heads.
 */
#ifndef EC_EVIDENCE_H
#define EC_EVIDENCE_H

#include <argp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/tpm/tpm.h"
#include "user/trail/trail.h"

struct cJSON;
struct evidence;

/* Numbers as in struct trail_options. Paths are absolute. */
struct evidence_options {
	char key[PATH_MAX]; /* "" = nothing is signed */
	uint64_t checkpoint_every;
	uint64_t sync; /* enum trail_sync */
	uint64_t segment_bytes, segment_seconds;
	uint64_t keep_segments, keep_bytes;
	bool append_only;
	bool go_on;		/* calls open although the trail cannot be written */
	bool syslog;		/* heads go there */
	char witness[PATH_MAX]; /* and to this file, "" = none */
	char otlp[PATH_MAX];	/* and to this receiver (URL), "" = none */
	char tcti[PATH_MAX];	/* of the TPM that quotes checkpoints, "" = none */
	uint64_t tpm_handle;	/* its key, 0 = the one that it makes for us */
	uint64_t tpm_pcr;
};

#define EVIDENCE_CHECKPOINT_EVERY 1000u

/* For tpm_open. -E2BIG: it was not asked for. */
int evidence_tpm(const struct evidence_options *options, struct tpm_options *ret_tpm);

/* --trail-key and the rest, a child of a command's own parser; its input is a
 * struct evidence_options, which it fills with the defaults first. */
extern const struct argp evidence_argp;

/* For who takes a session over. Members that are not there are 0, as in what an
 * older program left. */
int evidence_save(const struct evidence_options *options, struct cJSON *to);
void evidence_load(const struct cJSON *from, struct evidence_options *ret_options);

/* Asks the TPM, opens the key, makes it when it is the first time. Errors went to stderr. */
int evidence_open(const struct evidence_options *options, const char *trail_path,
		  struct evidence **ret_evidence);
/* Good as long as evidence is. */
struct trail_options evidence_trail(struct evidence *evidence);
void evidence_close(struct evidence *evidence); /* NULL is fine */

#endif
