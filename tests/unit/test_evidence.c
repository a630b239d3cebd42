// SPDX-License-Identifier: Apache-2.0
/* What is asked of a trail, on a command line and by who takes a session over. */
#include <errno.h>

#include "trail_file.h"
#include "user/evidence/evidence.h"
#include "user/evidence/verdict.h"

TestSuite(evidence, .init = make_folder, .fini = remove_folder);

#define PARSE(evidence, ...)                                                                       \
	parse(evidence, sizeof((char *[]) { "test", __VA_ARGS__ }) / sizeof(char *),               \
	      (char *[]) { "test", __VA_ARGS__, NULL })

static int parse(struct evidence_options *evidence, size_t argc, char **argv)
{
	return argp_parse(&evidence_argp, (int)argc, argv, ARGP_SILENT | ARGP_NO_EXIT, NULL,
			  evidence);
}

Test(evidence, what_nobody_asks_for_is_sane)
{
	struct evidence_options evidence;

	unsetenv("ENFORCECORE_TRAIL_KEY");
	cr_assert_eq(argp_parse(&evidence_argp, 1, (char *[]) { "test", NULL }, 0, NULL, &evidence),
		     0);
	cr_expect_str_eq(evidence.key, "/var/lib/enforcecore/trail.key");
	cr_expect_eq(evidence.checkpoint_every, 1000);
	cr_expect_eq(evidence.sync, TRAIL_SYNC_CHECKPOINT);
	cr_expect(!evidence.segment_bytes && !evidence.go_on && !*evidence.witness);
	setenv("ENFORCECORE_TRAIL_KEY", "/k", 1);
	cr_assert_eq(argp_parse(&evidence_argp, 1, (char *[]) { "test", NULL }, 0, NULL, &evidence),
		     0);
	cr_expect_str_eq(evidence.key, "/k");
}

Test(evidence, amounts_have_units)
{
	struct evidence_options evidence;

	cr_assert_eq(PARSE(&evidence, "--rotate-size", "64M", "--rotate-age", "2d", "--keep", "7",
			   "--keep-size", "1G", "--checkpoint", "0", "--sync", "record",
			   "--append-only", "--unwritten", "count", "--witness", "/w", "--witness",
			   "syslog"),
		     0);
	cr_expect_eq(evidence.segment_bytes, 64ull << 20);
	cr_expect_eq(evidence.segment_seconds, 2 * 86400);
	cr_expect_eq(evidence.keep_segments, 7);
	cr_expect_eq(evidence.keep_bytes, 1ull << 30);
	cr_expect_eq(evidence.checkpoint_every, 0);
	cr_expect_eq(evidence.sync, TRAIL_SYNC_RECORD);
	cr_expect(evidence.append_only && evidence.go_on && evidence.syslog);
	cr_expect_str_eq(evidence.witness, "/w");
}

Test(evidence, who_comes_after_has_the_same)
{
	struct evidence_options evidence, again;
	struct cJSON *json = cJSON_CreateObject();

	cr_assert_eq(PARSE(&evidence, "--rotate-size", "64M", "--rotate-age", "3s", "--keep", "7",
			   "--keep-size", "5K", "--checkpoint", "9", "--sync", "none",
			   "--append-only", "--unwritten", "count", "--witness", "/w", "--witness",
			   "syslog", "--trail-key", "/k"),
		     0);
	cr_assert_eq(evidence_save(&evidence, json), 0);
	evidence_load(json, &again);
	cr_expect_eq(again.segment_bytes, evidence.segment_bytes);
	cr_expect_eq(again.segment_seconds, 3);
	cr_expect_eq(again.keep_segments, 7);
	cr_expect_eq(again.keep_bytes, 5 << 10);
	cr_expect_eq(again.checkpoint_every, 9);
	cr_expect_eq(again.sync, TRAIL_SYNC_NONE);
	cr_expect(again.append_only && again.go_on && again.syslog);
	cr_expect_str_eq(again.witness, "/w");
	cr_expect_str_eq(again.key, "/k");
	cJSON_Delete(json);
	/* an older program left nothing of it */
	evidence_load(NULL, &again);
	cr_expect(!*again.key && !again.checkpoint_every);
}

Test(evidence, a_key_that_others_may_read_opens_nothing)
{
	struct evidence_options options = { 0 };
	struct evidence *evidence;

	snprintf(options.key, sizeof(options.key), "%s/key", folder);
	cr_assert_eq(evidence_open(&options, trail_path, &evidence), 0);
	evidence_close(evidence);
	chmod(options.key, 0644);
	cr_assert_neq(evidence_open(&options, trail_path, &evidence), 0);
}

static int judge(const char *file, const char *with_key, bool closed)
{
	char keys[1][TRAIL_KEY_SIZE];
	struct files_entry entry = { .path = (char *)file, .kind = FILES_OURS };
	const struct verdict_options options = { .keys = keys,
						 .keys_len = with_key != NULL,
						 .closed = closed };
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

	if (with_key)
		strcpy(keys[0], with_key);
	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	r = verdict_of(&entry, 1, &options);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(null);
	close(out);
	return r;
}

Test(evidence, what_is_not_signed_does_not_pass_for_signed)
{
	const struct trail_options none = { 0 }, some = { .key = &key };

	write_trail(trail_path, &none, 3);
	cr_expect_eq(judge(trail_path, NULL, false), 0);
	cr_expect_eq(judge(trail_path, key.public, false), -EBADMSG);
	cr_expect_eq(judge(trail_path, NULL, true), -EBADMSG);
	write_trail(trail_path, &some, 1);
	cr_expect_eq(judge(trail_path, key.public, true), 0);
}
