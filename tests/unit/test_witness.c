// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "trail_file.h"
#include "user/evidence/witness.h"
#include "user/evidence/witnessed.h"

TestSuite(witness, .init = make_folder, .fini = remove_folder);

static char told[96];

static int tell(void *ctx, const struct trail_checkpoint *checkpoint)
{
	(void)ctx;
	return witness_file(told, checkpoint);
}

static void write_witnessed(int count)
{
	struct trail_options options = { .key = &key, .checkpoint_every = 4, .witness = tell };

	snprintf(told, sizeof(told), "%s/told", folder);
	write_trail(trail_path, &options, count);
}

static const char *on_checkpoint(void *ctx, const struct trail_checkpoint *checkpoint)
{
	return witnessed_check(ctx, checkpoint);
}

/* NULL: as it was witnessed. */
static const char *compare(struct trail_report *report)
{
	static char why[256];
	struct witnessed *witnessed;
	const char *path = trail_path, *missing;
	size_t heads;

	cr_assert_eq(witnessed_open(told, &witnessed), 0);
	const struct trail_check check = { .checkpoint = on_checkpoint, .ctx = witnessed };

	if (trail_check(&path, 1, &check, report))
		snprintf(why, sizeof(why), "%s", report->reason);
	else
		snprintf(why, sizeof(why), "%s",
			 (missing = witnessed_end(witnessed, report->trail, report->first_seq,
						  report->last_seq, &heads)) ?
				 missing :
				 "");
	witnessed_close(witnessed);
	return *why ? why : NULL;
}

Test(witness, a_trail_is_as_it_was_told)
{
	struct trail_report report;

	write_witnessed(9);
	cr_expect_null(compare(&report));
	write_witnessed(2);
	cr_expect_null(compare(&report));
}

/* At a clean end, which the trail alone cannot show. */
Test(witness, a_cut_at_an_earlier_end_is_found)
{
	struct trail_report report;
	size_t len, more;

	write_witnessed(3);
	char *text = read_file(trail_path, &len);

	write_witnessed(2);
	cr_expect_null(compare(&report));
	char *all = read_file(trail_path, &more);

	write_file(trail_path, text, len);
	cr_expect_not_null(compare(&report));
	cr_expect_str_eq(report.end, "end");
	write_file(trail_path, all, more);
	free(all);
	free(text);
}

/* With the key, all can be written anew. */
Test(witness, another_history_of_the_same_trail_is_found)
{
	struct trail_options options = { .key = &key };
	struct trail_report report;
	size_t len;

	write_witnessed(3);
	char *text = read_file(trail_path, &len), *second = strchr(text, '\n') + 1;

	write_file(trail_path, text, (size_t)(second - text));
	write_trail(trail_path, &options, 2);
	cr_assert_eq(trail_verify(trail_path, &report), 0);
	cr_assert_str_eq(report.end, "end");
	cr_expect_str_eq(compare(&report), "another head was witnessed here");
	free(text);
}

Test(witness, another_trail_was_never_told)
{
	struct trail_report report;

	write_witnessed(3);
	unlink(trail_path);
	struct trail_options options = { .key = &key };

	write_trail(trail_path, &options, 3);
	cr_expect_not_null(strstr(compare(&report), "was witnessed"));
}

Test(witness, lines_of_a_log_count_and_others_do_not)
{
	struct trail_report report;
	size_t len;
	char line[2048];

	write_witnessed(2);
	char *text = read_file(told, &len);

	snprintf(line, sizeof(line), "nonsense\nNov 28 03:00:00 host enforcecore[7]: trail %s",
		 text);
	write_file(told, line, strlen(line));
	cr_expect_null(compare(&report));
	/* what is not signed is not believed */
	text[0] = '9';
	write_file(told, text, len);
	cr_expect_not_null(compare(&report));
	free(text);
}
