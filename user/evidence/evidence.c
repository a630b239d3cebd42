// SPDX-License-Identifier: Apache-2.0
#include "evidence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quoter.h"
#include "user/trail/trail_key.h"
#include "witness.h"
#include "witness_otlp.h"

#define TOLD_MAX 8
/* The last heads of a trail that is closed: for so long its end is waited with. */
#define OTLP_END_MS 5000u

struct evidence {
	struct evidence_options options;
	const char *trail_path;
	struct trail_key key;
	struct quoter *quoter;	    /* NULL = no TPM was asked for */
	struct witness_otlp *otlp;  /* NULL = no receiver was */
	const char *told[TOLD_MAX]; /* what went wrong, once each */
};

static int say(const char *what, const char *why, int err)
{
	fprintf(stderr, "enforcecore: %s: %s: %s\n", what, why, strerror(-err));
	return err;
}

static int open_key(struct evidence *evidence)
{
	const char *path = evidence->options.key;
	int r = *path ? trail_key_open(path, true, &evidence->key) : 0;

	if (r < 0)
		say(path,
		    r == -EACCES  ? "others than root may read this key, or put another there" :
		    r == -EBADMSG ? "this is no key" :
				    "no key to sign the trail with (--trail-key none: unsigned)",
		    r);
	return r;
}

/* Whoever asked for it would believe that it is there. */
static int open_tpm(struct evidence *evidence)
{
	struct tpm_options options;
	char why[TPM_WHY_MAX];
	int r;

	if (!*evidence->options.tcti)
		return 0;
	evidence_tpm(&evidence->options, &options);
	r = quoter_open(&options, &evidence->quoter, why);
	if (r < 0)
		fprintf(stderr, "enforcecore: --tpm %s: %s\n", options.tcti, why);
	return r;
}

static int open_otlp(struct evidence *evidence)
{
	const char *url = evidence->options.otlp;
	int r = *url ? witness_otlp_open(url, &evidence->otlp) : 0;

	if (r < 0)
		say(url, "heads cannot be told there: http://HOST[:4318][/v1/logs]", r);
	return r;
}

int evidence_open(const struct evidence_options *options, const char *trail_path,
		  struct evidence **ret_evidence)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));
	int r;

	if (!evidence)
		return -ENOMEM;
	evidence->options = *options;
	evidence->trail_path = trail_path;
	r = open_key(evidence);
	if (r == 0)
		r = open_tpm(evidence);
	if (r == 0)
		r = open_otlp(evidence);
	if (r < 0) {
		evidence_close(evidence);
		return r;
	}
	*ret_evidence = evidence;
	return 0;
}

static int witness(void *ctx, const struct trail_checkpoint *checkpoint)
{
	const struct evidence *evidence = ctx;
	const struct evidence_options *options = &evidence->options;
	int r = *options->witness ? witness_file(options->witness, checkpoint) : 0;
	int more = options->syslog ? witness_syslog(checkpoint) : 0;
	int otlp = evidence->otlp ? witness_otlp(evidence->otlp, checkpoint) : 0;

	if (evidence->quoter)
		quoter_tell(evidence->quoter, checkpoint);
	return r < 0 ? r : more < 0 ? more : otlp;
}

static int quote(void *ctx, bool last, struct trail_quote *ret_quote)
{
	const struct evidence *evidence = ctx;

	return evidence->quoter ? quoter_take(evidence->quoter, last, ret_quote) : 0;
}

static void trouble(void *ctx, const char *what, int err)
{
	struct evidence *evidence = ctx;

	for (size_t i = 0; i < TOLD_MAX; i++) {
		if (evidence->told[i] && strcmp(evidence->told[i], what))
			continue;
		if (!evidence->told[i])
			say(evidence->trail_path, what, err);
		evidence->told[i] = what;
		return;
	}
}

static void closed(void *ctx)
{
	const struct evidence *evidence = ctx;
	int r = evidence->otlp ? witness_otlp_finish(evidence->otlp, OTLP_END_MS) : 0;

	if (r < 0)
		trouble(ctx, "a head could not be witnessed", r);
}

struct trail_options evidence_trail(struct evidence *evidence)
{
	const struct evidence_options *options = &evidence->options;

	return (struct trail_options) {
		.key = *options->key ? &evidence->key : NULL,
		.checkpoint_every = options->checkpoint_every,
		.sync = (enum trail_sync)options->sync,
		.segment_bytes = options->segment_bytes,
		.segment_seconds = options->segment_seconds,
		.keep_segments = options->keep_segments,
		.keep_bytes = options->keep_bytes,
		.append_only = options->append_only,
		.witness = witness,
		.quote = quote,
		.closed = closed,
		.trouble = trouble,
		.ctx = evidence,
	};
}

void evidence_close(struct evidence *evidence)
{
	if (!evidence)
		return;
	quoter_close(evidence->quoter);
	witness_otlp_close(evidence->otlp);
	trail_key_done(&evidence->key);
	free(evidence);
}
