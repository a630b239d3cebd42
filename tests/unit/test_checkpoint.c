// SPDX-License-Identifier: Apache-2.0
/* What a signature adds to the chain. */
#include <errno.h>

#include "trail_file.h"
#include "user/trail/trail_checkpoint.h"
#include "user/trail/trail_hash.h"

TestSuite(checkpoint, .init = make_folder, .fini = remove_folder);

static struct trail_options every(uint64_t n)
{
	return (struct trail_options) { .key = &key, .checkpoint_every = n };
}

static void write_signed(int count)
{
	struct trail_options options = every(4);

	write_trail(trail_path, &options, count);
}

static int check(const char *with_key, struct trail_report *report)
{
	const char *path = trail_path;
	char keys[1][TRAIL_KEY_MAX];
	struct trail_check check = { .keys = keys, .keys_len = with_key != NULL };

	if (with_key)
		strcpy(keys[0], with_key);
	return trail_check(&path, 1, &check, report);
}

Test(checkpoint, is_written_every_so_many_records_and_at_the_end)
{
	struct trail_report report;

	write_signed(10);
	cr_assert_eq(check(key.public, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 13);
	cr_expect_eq(report.checkpoints, 3);
	cr_expect_eq(report.signed_seq, 13);
	cr_expect_str_eq(report.end, "end");
	cr_expect_str_eq(report.signer, key.public);
}

/* Those that wait are signed as well, and in the file when they are. */
Test(checkpoint, counts_records_that_wait)
{
	struct trail_options options = every(4);
	struct trail_report report;
	struct trail *trail;

	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	add_members(trail, 10);
	cr_assert_eq(check(key.public, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 10, "8, and 2 checkpoints; 2 wait");
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(check(key.public, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 13);
	cr_expect_eq(report.checkpoints, 3);
	cr_expect_eq(report.signed_seq, 13);
}

Test(checkpoint, nothing_waits_that_is_settled)
{
	struct trail_options options = { .sync = TRAIL_SYNC_RECORD };
	struct trail_report report;
	struct trail *trail;

	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	add_members(trail, 3);
	cr_assert_eq(trail_settle(trail), 0);
	cr_assert_eq(check(NULL, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 3);
	cr_expect_eq(trail_take_tally(trail).records, 3);
	cr_assert_eq(trail_close(trail), 0);
}

/* To the last line: what it becomes is not found where it is no checkpoint any more,
 * but then the trail has no end. */
Test(checkpoint, every_flipped_bit_is_found_or_unsigned)
{
	size_t len;

	write_signed(5);
	char *text = read_file(trail_path, &len);
	size_t last = (size_t)((char *)memrchr(text, '\n', len - 1) - text);

	for (size_t i = 0; i + 1 < len; i++) {
		struct trail_report report;
		int r;

		text[i] ^= 1 << i % 8;
		write_file(trail_path, text, len);
		text[i] ^= 1 << i % 8;
		r = check(key.public, &report);
		if (i <= last)
			cr_assert_eq(r, -EBADMSG, "byte %zu", i);
		else
			cr_assert(r == -EBADMSG || (!*report.end && report.signed_seq < 7),
				  "byte %zu", i);
	}
	free(text);
}

Test(checkpoint, a_cut_is_not_a_clean_end)
{
	size_t len;

	write_signed(10);
	char *text = read_file(trail_path, &len);

	for (size_t keep = 1; keep < len; keep += 1 + (text[keep] != '\n')) {
		struct trail_report report;

		write_file(trail_path, text, keep);
		cr_assert_eq(check(key.public, &report), 0);
		cr_assert_str_neq(report.end, "end", "kept %zu", keep);
		cr_assert_eq(report.torn_len > 0, text[keep - 1] != '\n');
	}
	free(text);
}

/* Who has no key can make the chain hold again, but not the signatures. */
static void chain_again(char *text)
{
	char hash[TRAIL_HASH_SIZE] = "";

	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (*hash)
			memcpy(strstr(line, "\"prev\":\"") + 8, hash, 64);
		trail_hash(line, (size_t)(end - line), hash);
	}
}

Test(checkpoint, an_edit_that_is_chained_again_is_found)
{
	struct trail_report report;
	size_t len;

	write_signed(10);
	char *text = read_file(trail_path, &len), *edit = strstr(text, "\"n\":6");

	edit[4] = '7';
	chain_again(text);
	write_file(trail_path, text, len);
	cr_assert_eq(check(NULL, &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 10);
	cr_expect_str_eq(report.reason, "its signature does not hold");
	free(text);
}

Test(checkpoint, another_key_is_not_ours)
{
	struct trail_report report;
	struct trail_key other;
	char path[128];

	snprintf(path, sizeof(path), "%s/other", folder);
	cr_assert_eq(trail_key_open(path, true, &other), 0);
	write_signed(6);
	cr_assert_eq(check(NULL, &report), 0);
	cr_assert_eq(check(other.public, &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 5);
}

/* The beginning of one trail, the end of another that the same key signed. */
Test(checkpoint, a_splice_of_two_trails_is_found)
{
	struct trail_report report;
	char second[128];
	struct trail_options options = every(4);
	size_t a_len, b_len;

	write_signed(10);
	snprintf(second, sizeof(second), "%s/second", folder);
	write_trail(second, &options, 10);
	char *a = read_file(trail_path, &a_len), *b = read_file(second, &b_len);
	char *a_end = strstr(a, "{\"seq\":6,"), *b_from = strstr(b, "{\"seq\":6,");
	char *both = malloc(a_len + b_len + 1);

	sprintf(both, "%.*s%s", (int)(a_end - a), a, b_from);
	chain_again(both);
	write_file(trail_path, both, strlen(both));
	cr_assert_eq(check(key.public, &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 10);
	free(both);
	free(b);
	free(a);
}

Test(checkpoint, a_trail_of_another_program_is_continued)
{
	struct trail_report report;
	static const char old[] = "{\"seq\":1,\"time\":\"t\",\"prev\":\"\",\"kind\":\"note\"}\n";

	write_file(trail_path, old, sizeof(old) - 1);
	write_signed(2);
	write_signed(2);
	cr_assert_eq(check(key.public, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 7);
	cr_expect_eq(report.checkpoints, 2);
}

Test(checkpoint, nothing_new_is_not_signed_again)
{
	struct trail_report report;

	write_signed(3);
	write_signed(0); /* opened and closed again */
	cr_assert_eq(check(key.public, &report), 0);
	cr_expect_eq(report.lines, 4);
}

Test(checkpoint, a_follower_does_not_end_cleanly)
{
	struct trail_options options = every(100);
	struct trail_report report;
	struct trail *trail;

	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	append_to(trail, 2);
	trail_follow(trail);
	append_to(trail, 1);
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(check(key.public, &report), 0);
	cr_expect_str_eq(report.end, "lost");
	cr_expect_eq(report.signed_seq, 4);
}

Test(checkpoint, nobody_else_writes_one)
{
	struct cJSON *json = cJSON_CreateObject();
	struct trail *trail;

	cr_assert_eq(trail_open(trail_path, &trail), 0);
	cJSON_AddStringToObject(json, "kind", "checkpoint");
	cr_expect_eq(trail_append(trail, json), -EINVAL);
	trail_close(trail);
}

/* ---- the key ---- */

Test(checkpoint, the_key_is_its_owners_alone)
{
	struct trail_key again;
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/new/key", folder);
	cr_assert_eq(trail_key_open(path, false, &again), -ENOENT);
	cr_assert_eq(trail_key_open(path, true, &again), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	struct trail_key once_more;

	cr_assert_eq(trail_key_open(path, true, &once_more), 0);
	cr_expect_str_eq(again.public, once_more.public);
	chmod(path, 0640);
	cr_expect_eq(trail_key_open(path, true, &again), -EACCES);
	chmod(path, 0600);
	*strrchr(path, '/') = '\0';
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0700);
	chmod(path, 0777);
	path[strlen(path)] = '/';
	cr_expect_eq(trail_key_open(path, true, &again), -EACCES);
}

Test(checkpoint, what_is_no_key_is_refused)
{
	struct trail_key none;
	char path[128], public[TRAIL_KEY_SIZE];

	snprintf(path, sizeof(path), "%s/none", folder);
	write_file(path, "abc\n", 4);
	cr_expect_eq(trail_key_open(path, true, &none), -EBADMSG);
	cr_expect_eq(trail_key_public("abc", public), -EINVAL);
	cr_expect_eq(trail_key_public(key.public, public), 0);
	write_file(path, key.public, 64);
	cr_expect_eq(trail_key_public(path, public), 0);
	cr_expect_str_eq(public, key.public);
}
