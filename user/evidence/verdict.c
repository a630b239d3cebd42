// SPDX-License-Identifier: Apache-2.0
#include "verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python_trail.h"
#include "quoted.h"
#include "user/util.h"
#include "witnessed.h"

static int unreadable(const char *path, int err)
{
	fprintf(stderr, "enforcecore: verify: %s: %s\n", path, strerror(-err));
	return err;
}

static int does_not_hold(const char *path, uint64_t line, const char *why)
{
	if (line)
		printf("%s:%" PRIu64 ": does not hold: %s\n", path, line, why);
	else
		printf("%s: does not hold: %s\n", path, why);
	return -EBADMSG;
}

/* ---- ours ---- */

static void tell_end(const struct trail_report *report)
{
	/* behind an end are its quotes, which sign themselves */
	uint64_t after = *report->end ? 0 : report->last_seq - report->signed_seq;

	if (report->torn_len)
		printf("  end: torn: the last line breaks off after %" PRIu64
		       " bytes, as a crash leaves it\n",
		       report->torn_len);
	else if (!strcmp(report->end, "end"))
		puts("  end: clean");
	else if (!strcmp(report->end, "segment"))
		puts("  end: of this segment, another one follows it");
	else if (!strcmp(report->end, "lost"))
		puts("  end: its controller was killed");
	else
		puts("  end: open: still written to, killed, or cut off here");
	if (report->checkpoints)
		printf("  signed: records %" PRIu64 " to %" PRIu64 ", by %s", report->first_seq,
		       report->signed_seq, report->signer);
	else
		printf("  signed: nothing");
	if (report->checkpoints && after)
		printf("; %" PRIu64 " after them are not", after);
	putchar('\n');
}

static void tell(const char *path, size_t files_len, const struct trail_report *report)
{
	printf("%s: holds: %" PRIu64 " lines, head %s", path, report->lines,
	       *report->head ? report->head : "none");
	if (report->recovered)
		printf(", %" PRIu64 " torn and accounted for", report->recovered);
	if (report->torn_len)
		printf(", a torn last line of %" PRIu64 " bytes", report->torn_len);
	putchar('\n');
	if (!report->last_seq)
		return;
	printf("  trail: %s", report->trail);
	if (files_len > 1 || report->segment > 1)
		printf(", segments %" PRIu64 " to %" PRIu64 ", from record %" PRIu64,
		       report->segment, report->segment + files_len - 1, report->first_seq);
	if (report->deleted_seq)
		printf(", deleted up to record %" PRIu64 ", as it says", report->deleted_seq);
	putchar('\n');
	tell_end(report);
}

/* What the chain alone does not show. */
static const char *judge(const struct trail_report *report, size_t files_len,
			 const struct verdict_options *options)
{
	if (options->keys_len && report->last_seq && !report->checkpoints)
		return "nothing in it is signed";
	if (options->closed && strcmp(report->end, "end"))
		return "it has no clean end";
	/* one segment alone is what was asked about */
	if (files_len > 1 && report->first_seq > report->deleted_seq + 1)
		return "older segments are missing, and nothing says that they were deleted";
	return NULL;
}

/* What checkpoints and quotes are compared with. */
struct others {
	struct witnessed *witnessed; /* NULL = nothing */
	struct quoted quoted;
};

static const char *on_checkpoint(void *ctx, const struct trail_checkpoint *checkpoint)
{
	struct others *others = ctx;

	return others->witnessed ? witnessed_check(others->witnessed, checkpoint) : NULL;
}

static const char *on_quote(void *ctx, const struct trail_quote *quote, const char *time)
{
	return quoted_check(&((struct others *)ctx)->quoted, quote, time);
}

/* ---- what a TPM adds ---- */

static void tell_quoted(const struct trail_report *report, const struct quoted *quoted,
			const struct verdict_options *options)
{
	printf("  quoted: records %" PRIu64 " to %" PRIu64 ", %" PRIu64
	       " times, by %s, PCR %u; resets %" PRIu32 ", restarts %" PRIu32 ", clock %" PRIu64
	       " s%s\n",
	       report->first_seq, report->quoted_seq, quoted->quotes,
	       options->tpm_key ? "this TPM" : "the TPM that each names", quoted->attest.pcr,
	       quoted->attest.resets, quoted->attest.restarts, quoted->attest.clock_ms / 1000,
	       quoted->attest.clock_safe ? "" : ", not safe");
	if (quoted->foreign)
		printf("    %" PRIu64 " times, first before record %" PRIu64
		       ", something else had extended the PCR: another trail, another program, or "
		       "records that are not here any more\n",
		       quoted->foreign, quoted->foreign_seq);
	if (quoted->apart)
		printf("    %" PRIu64 " times, first before record %" PRIu64
		       ", the TPM's clock and the trail's time went apart: the clock was set, or "
		       "it "
		       "was written at another time than it says\n",
		       quoted->apart, quoted->apart_seq);
}

/* NULL, or why it does not hold. */
static const char *judge_quoted(const struct trail_report *report, const struct quoted *quoted,
				const struct verdict_options *options)
{
	if (!report->last_seq)
		return NULL;
	if (options->tpm_key && !report->quotes)
		return "nothing in it is quoted by a TPM";
	if (options->tpm_key && options->closed && report->quoted_seq != report->signed_seq)
		return "its end is not quoted by the TPM";
	if (options->tpm_only && quoted->foreign)
		return "something else has extended the PCR in between";
	return NULL;
}

/* Is the TPM where the trail ends? Then nothing was cut off. */
static const char *judge_now(const struct quoted *quoted, const struct verdict_options *options,
			     char why[TPM_WHY_MAX])
{
	char now[TRAIL_HASH_SIZE];
	struct tpm_options tpm_options = *options->tpm;
	struct tpm *tpm = NULL;
	int r;

	if (!quoted->quotes)
		return "nothing in it is quoted by a TPM";
	tpm_options.pcr = quoted->attest.pcr;
	r = tpm_open(&tpm_options, &tpm, why);
	if (r == 0)
		r = tpm_look(tpm, now, why);
	tpm_close(tpm);
	if (r < 0)
		return why;
	if (!strcmp(now, quoted->after)) {
		printf("  the TPM stands where it ends\n");
		return NULL;
	}
	return "the TPM does not stand where it ends: it was extended or restarted since, or the "
	       "end is cut off";
}

static int check_witnessed(struct witnessed *witnessed, const char *path,
			   const struct trail_report *report)
{
	size_t heads;
	const char *why = witnessed_end(witnessed, report->trail, report->first_seq,
					report->last_seq, &heads);

	if (why)
		return does_not_hold(path, 0, why);
	printf("  witnessed: %zu heads are as they were told\n", heads);
	return 0;
}

static int of_ours(const struct files_entry *files, size_t files_len,
		   const struct verdict_options *options, struct witnessed *witnessed)
{
	struct others others = { .witnessed = witnessed, .quoted.key = options->tpm_key };
	const struct trail_check check = {
		.keys = options->keys,
		.keys_len = options->keys_len,
		.checkpoint = on_checkpoint,
		.quote = on_quote,
		.ctx = &others,
	};
	const char *path = files[files_len - 1].path, *why;
	_cleanup_free_ const char **paths = calloc(files_len, sizeof(*paths));
	struct trail_report report;
	char tpm_why[TPM_WHY_MAX];
	int r;

	if (!paths)
		return unreadable(path, -ENOMEM);
	for (size_t i = 0; i < files_len; i++)
		paths[i] = files[i].path;
	r = trail_check(paths, files_len, &check, &report);
	if (r == -EBADMSG)
		return does_not_hold(paths[report.file], report.bad_line, report.reason);
	if (r < 0)
		return unreadable(paths[report.file], r);
	why = judge(&report, files_len, options) ?: judge_quoted(&report, &others.quoted, options);
	if (why)
		return does_not_hold(path, 0, why);
	tell(path, files_len, &report);
	if (others.quoted.quotes)
		tell_quoted(&report, &others.quoted, options);
	why = options->tpm ? judge_now(&others.quoted, options, tpm_why) : NULL;
	if (why)
		r = does_not_hold(path, 0, why);
	return witnessed && r == 0 ? check_witnessed(witnessed, path, &report) : r;
}

/* ---- the Python version's ---- */

static int of_python(const char *path, const struct verdict_options *options)
{
	struct python_report report;
	int r = python_trail_verify(path, &report);

	if (r == -EBADMSG)
		return does_not_hold(path, report.bad_line, report.reason);
	if (r < 0)
		return unreadable(path, r);
	if (options->keys_len || options->closed || options->witness || options->tpm_key ||
	    options->tpm_only || options->tpm)
		return does_not_hold(path, 0,
				     "a trail of the Python version has no signatures and no end");
	printf("%s: holds: %" PRIu64 " lines of the Python version, head %s", path, report.lines,
	       *report.head ? report.head : "none");
	if (report.torn_len)
		printf(", a torn last line of %zu bytes", report.torn_len);
	putchar('\n');
	if (report.untenanted)
		printf("  %" PRIu64 " lines are as before version 1.6\n", report.untenanted);
	if (report.extra)
		printf("  %" PRIu64 " lines have members that no hash covers\n", report.extra);
	return 0;
}

int verdict_of(const struct files_entry *files, size_t files_len,
	       const struct verdict_options *options)
{
	struct witnessed *witnessed = NULL;
	int r;

	if (files[0].kind == FILES_PYTHON)
		return of_python(files[0].path, options);
	if (options->witness) {
		r = witnessed_open(options->witness, &witnessed);
		if (r < 0)
			return unreadable(options->witness, r);
	}
	r = of_ours(files, files_len, options, witnessed);
	witnessed_close(witnessed);
	return r;
}
