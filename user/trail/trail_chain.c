// SPDX-License-Identifier: Apache-2.0
#include "trail_chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trail_checkpoint.h"
#include "trail_quote.h"

int trail_chain_fail(struct trail_chain *chain, uint64_t number, const char *why)
{
	chain->failed = true;
	chain->report->bad_line = number;
	snprintf(chain->report->reason, sizeof(chain->report->reason), "%s", why);
	return -EBADMSG;
}

static int fail(struct trail_chain *chain, const char *why)
{
	return trail_chain_fail(chain, chain->number, why);
}

static int fail_number(struct trail_chain *chain, const char *what, uint64_t number, uint64_t want)
{
	char why[128];

	snprintf(why, sizeof(why), "\"%s\" is %" PRIu64 ", not %" PRIu64, what, number, want);
	return fail(chain, why);
}

static int fail_text(struct trail_chain *chain, const char *why, const char *text)
{
	char both[192];

	snprintf(both, sizeof(both), "%s %s", why, text);
	return fail(chain, both);
}

/* Does a "recovered" record describe the line before it? */
static bool accounts_for_torn(const struct trail_chain *chain, const struct trail_line *line)
{
	if (chain->torn)
		return line->torn_len == chain->torn_len &&
		       !strcmp(line->torn_hash, chain->torn_hash);
	/* A line that lacked only its newline: closed, it is a record. */
	return line->torn_len == chain->last_len && chain->last_len &&
	       !strcmp(line->torn_hash, chain->report->head);
}

/* Who begins in the middle says what came before; what it says is believed. */
static void begin(struct trail_chain *chain, const struct trail_examined *examined)
{
	const struct trail_line *line = &examined->line;
	struct trail_report *report = chain->report;

	chain->begun = true;
	trail_line_id(line, examined->hash, report->trail);
	report->segment = chain->segment = 1;
	report->first_seq = 1;
	if (line->kind != TRAIL_SEGMENT || !line->seq || chain->number != 1)
		return;
	report->segment = chain->segment = line->segment;
	report->first_seq = line->seq;
	report->last_seq = line->seq - 1;
	memcpy(report->head, line->prev, sizeof(report->head));
}

static int check_segment(struct trail_chain *chain, const struct trail_line *line, bool first)
{
	bool goes_on = line->kind == TRAIL_SEGMENT;

	if (first)
		return 0;
	if (!chain->begun_file && !goes_on)
		return fail(chain, "it does not say which segment begins here");
	if (chain->begun_file && goes_on)
		return fail(chain, "a segment begins in the middle of a file");
	if (goes_on && line->segment != chain->segment + 1)
		return fail_number(chain, "segment", line->segment, chain->segment + 1);
	chain->segment += goes_on;
	return 0;
}

static bool is_known(const struct trail_check *check, const char *key)
{
	for (size_t i = 0; i < check->keys_len; i++)
		if (!strcmp(check->keys[i], key))
			return true;
	return !check->keys_len;
}

static int check_checkpoint(struct trail_chain *chain, const struct trail_examined *examined)
{
	struct trail_report *report = chain->report;
	struct trail_checkpoint checkpoint;
	struct trail_chain_mark *mark;
	const char *why = examined->why_unsigned;

	if (!why)
		why = trail_checkpoint_read(examined->bytes, examined->bytes_len, &checkpoint);
	if (why)
		return fail(chain, why);
	if (!is_known(chain->check, checkpoint.key))
		return fail_text(chain, "it is signed by another key,", checkpoint.key);
	why = chain->check->checkpoint ? chain->check->checkpoint(chain->check->ctx, &checkpoint) :
					 NULL;
	if (why)
		return fail(chain, why);
	mark = &chain->marks[chain->marks_len++ % TRAIL_CHAIN_MARKS];
	mark->seq = checkpoint.seq;
	memcpy(mark->time, checkpoint.time, sizeof(mark->time));
	memcpy(mark->hash, examined->hash, sizeof(mark->hash));
	report->checkpoints++;
	report->signed_seq = checkpoint.seq;
	memcpy(report->signer, checkpoint.key, sizeof(report->signer));
	memcpy(report->end, checkpoint.why, sizeof(report->end));
	return 0;
}

static const struct trail_chain_mark *find_mark(const struct trail_chain *chain, uint64_t seq)
{
	uint64_t n = chain->marks_len < TRAIL_CHAIN_MARKS ? chain->marks_len : TRAIL_CHAIN_MARKS;

	for (uint64_t i = 1; i <= n; i++) {
		const struct trail_chain_mark *mark =
			&chain->marks[(chain->marks_len - i) % TRAIL_CHAIN_MARKS];

		if (mark->seq == seq)
			return mark;
	}
	return NULL;
}

static int check_quote(struct trail_chain *chain, const struct trail_examined *examined,
		       const char *end)
{
	struct trail_report *report = chain->report;
	const struct trail_chain_mark *mark;
	struct trail_quote quote;
	const char *why = trail_quote_read(examined->bytes, examined->bytes_len, &quote);

	if (why)
		return fail(chain, why);
	mark = find_mark(chain, quote.of);
	if (mark && strcmp(mark->hash, quote.checkpoint))
		return fail(chain, "it quotes another checkpoint than the one that it names");
	why = chain->check->quote ?
		      chain->check->quote(chain->check->ctx, &quote, mark ? mark->time : NULL) :
		      NULL;
	if (why)
		return fail(chain, why);
	if (!mark)
		return 0;
	/* an end stays one: its quote comes behind it, and those that were late */
	memcpy(report->end, end, sizeof(report->end));
	report->quotes++;
	if (quote.of > report->quoted_seq)
		report->quoted_seq = quote.of;
	return 0;
}

static int check_kind(struct trail_chain *chain, const struct trail_examined *examined)
{
	const struct trail_line *line = &examined->line;
	struct trail_report *report = chain->report;
	char end[sizeof(report->end)];

	memcpy(end, report->end, sizeof(end));
	report->end[0] = '\0';
	switch (line->kind) {
	case TRAIL_RECOVERED:
		if (!accounts_for_torn(chain, line))
			return fail(chain, "it does not describe the torn line before it");
		report->recovered++;
		return 0;
	case TRAIL_CHECKPOINT:
		return check_checkpoint(chain, examined);
	case TRAIL_QUOTE:
		return check_quote(chain, examined, end);
	case TRAIL_SEGMENT_DELETED:
		if (line->last > report->deleted_seq)
			report->deleted_seq = line->last;
		return 0;
	default:
		return 0;
	}
}

static int check_record(struct trail_chain *chain, const struct trail_examined *examined)
{
	const struct trail_line *line = &examined->line;
	struct trail_report *report = chain->report;
	bool first = !chain->begun;
	int err;

	if (chain->torn && line->kind != TRAIL_RECOVERED)
		return trail_chain_fail(chain, chain->number - 1, chain->torn_why);
	if (first)
		begin(chain, examined);
	err = check_segment(chain, line, first);
	if (err)
		return err;
	if (line->seq != report->last_seq + 1)
		return fail_number(chain, "seq", line->seq, report->last_seq + 1);
	if (strcmp(line->prev, report->head))
		return fail(chain, "\"prev\" is not the SHA-256 of the line before");
	if (*line->trail && strcmp(line->trail, report->trail))
		return fail_text(chain, "it belongs to another trail,", line->trail);
	err = check_kind(chain, examined);
	if (err)
		return err;
	chain->torn = false;
	chain->begun_file = true;
	report->last_seq++;
	return 0;
}

int trail_chain_line(struct trail_chain *chain, const struct trail_examined *examined)
{
	int err;

	chain->number++;
	chain->report->lines++;
	if (examined->bytes_len >= TRAIL_LINE_MAX)
		return fail(chain, "it is longer than 1 MiB");
	if (examined->why && chain->torn)
		return trail_chain_fail(chain, chain->number - 1, chain->torn_why);
	if (examined->why) {
		chain->torn = true;
		chain->torn_why = examined->why;
		chain->torn_len = examined->bytes_len;
		memcpy(chain->torn_hash, examined->hash, sizeof(chain->torn_hash));
		return 0;
	}
	err = check_record(chain, examined);
	if (err)
		return err;
	memcpy(chain->report->head, examined->hash, sizeof(chain->report->head));
	chain->last_len = examined->bytes_len;
	return 0;
}

int trail_chain_file(struct trail_chain *chain, size_t file)
{
	if (chain->report->torn_len)
		return trail_chain_fail(chain, chain->number + 1,
					"it is torn, and another segment follows");
	chain->report->file = file;
	chain->begun_file = false;
	chain->number = 0;
	return 0;
}

int trail_chain_end(struct trail_chain *chain, size_t torn_len)
{
	if (chain->failed)
		return -EBADMSG;
	if (chain->torn)
		return trail_chain_fail(chain, chain->number, chain->torn_why);
	chain->report->torn_len = torn_len;
	if (torn_len)
		chain->report->end[0] = '\0';
	return 0;
}
