// SPDX-License-Identifier: Apache-2.0
/* A trail in several files. */
#include <errno.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "trail_file.h"
#include "user/evidence/files.h"

static void clean(void)
{
	remove_folder();
}

TestSuite(segment, .init = make_folder, .fini = clean);

static char troubles[256];

static void trouble(void *ctx, const char *what, int err)
{
	(void)ctx;
	(void)err;
	snprintf(troubles, sizeof(troubles), "%s", what);
}

static struct trail_options small(void)
{
	return (struct trail_options) {
		.key = &key, .checkpoint_every = 5, .segment_bytes = 4000, .trouble = trouble
	};
}

/* Of the folder; *ret_files: how many there are. */
static int check(struct trail_report *report, size_t *ret_files)
{
	char keys[1][TRAIL_KEY_MAX], *folders[] = { folder };
	const struct trail_check check = { .keys = keys, .keys_len = 1 };
	const char *paths[64], *bad;
	struct files files;
	int r;

	strcpy(keys[0], key.public);
	cr_assert_eq(files_find(folders, 1, &files, &bad), 0, "%s", bad);
	cr_assert_leq(files.len, 64);
	for (size_t i = 0; i < files.len; i++) {
		cr_assert_eq(files.at[i].group, 0);
		paths[i] = files.at[i].path;
	}
	*ret_files = files.len;
	r = trail_check(paths, files.len, &check, report);
	files_done(&files);
	return r;
}

static bool exists(const char *suffix)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", trail_path, suffix);
	return access(path, F_OK) == 0;
}

Test(segment, begins_behind_records_that_wait)
{
	struct trail_options signed_ones = small(), options = { .segment_bytes = 4000 };
	struct trail_report report;
	struct trail *trail;
	size_t files;

	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	add_members(trail, 100);
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(trail_open_with(trail_path, &signed_ones, &trail), 0);
	add_members(trail, 100);
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_gt(files, 5);
	cr_expect_eq(report.lines, 200 + (files - 1) + report.checkpoints);
}

Test(segment, the_chain_goes_on_from_file_to_file)
{
	struct trail_options options = small();
	struct trail_report report;
	size_t files;

	write_trail(trail_path, &options, 60);
	cr_assert_eq(check(&report, &files), 0, "%zu:%d %s", report.file, (int)report.bad_line,
		     report.reason);
	cr_expect_gt(files, 2);
	cr_expect_eq(report.first_seq, 1);
	cr_expect_eq(report.lines, report.last_seq);
	cr_expect_eq(report.signed_seq, report.last_seq);
	cr_expect_str_eq(report.end, "end");
	cr_expect(exists(".000001.gz"));
	cr_expect_not(exists(".000001"));
	cr_expect_str_empty(troubles);
	/* and from session to session */
	write_trail(trail_path, &options, 60);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
}

Test(segment, one_alone_holds_and_says_where_it_is)
{
	struct trail_options options = small();
	struct trail_report report;

	write_trail(trail_path, &options, 60);
	cr_assert_eq(trail_verify(trail_path, &report), 0, "%s", report.reason);
	cr_expect_gt(report.segment, 2);
	cr_expect_gt(report.first_seq, 10);
}

Test(segment, a_missing_one_is_found)
{
	struct trail_options options = small();
	struct trail_report report;
	char path[160];
	size_t files;

	write_trail(trail_path, &options, 60);
	snprintf(path, sizeof(path), "%s.000002.gz", trail_path);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(check(&report, &files), -EBADMSG);
	cr_expect_eq(report.file, 1);
	cr_expect_eq(report.bad_line, 1);
}

Test(segment, a_damaged_one_is_found_at_any_byte)
{
	struct trail_options options = small();
	struct trail_report report;
	char path[160];
	size_t files, len;

	write_trail(trail_path, &options, 60);
	snprintf(path, sizeof(path), "%s.000001.gz", trail_path);
	char *bytes = read_file(path, &len), head[65];

	cr_assert_eq(check(&report, &files), 0);
	strcpy(head, report.head);
	/* Behind the header, which holds a time and a system. What does not begin as a
	 * trail is no file of it, and missing then; a bit may also mean nothing. */
	for (size_t i = 10; i < len; i += 3) {
		bytes[i] ^= 1 << i % 8;
		write_file(path, bytes, len);
		bytes[i] ^= 1 << i % 8;
		cr_assert(check(&report, &files) == -EBADMSG || report.first_seq > 1 ||
				  !strcmp(report.head, head),
			  "byte %zu", i);
	}
	for (size_t keep = 100; keep < len; keep += 97) {
		write_file(path, bytes, keep);
		cr_assert(check(&report, &files) == -EBADMSG || report.first_seq > 1, "kept %zu",
			  keep);
	}
	free(bytes);
}

Test(segment, those_of_another_trail_do_not_fit)
{
	struct trail_options options = small();
	struct trail_report report;
	char other[96], first[160];

	write_trail(trail_path, &options, 60);
	snprintf(other, sizeof(other), "%s/other", folder);
	write_trail(other, &options, 60);
	snprintf(first, sizeof(first), "%s.000001.gz", trail_path);
	strcat(other, ".000002.gz");
	const char *paths[] = { first, other };
	const struct trail_check check = { .keys_len = 0 };

	cr_assert_eq(trail_check(paths, 2, &check, &report), -EBADMSG);
	cr_expect_eq(report.file, 1);
	cr_expect_eq(report.bad_line, 1);
}

Test(segment, the_oldest_are_deleted_and_that_is_recorded)
{
	struct trail_options options = small();
	struct trail_report report;
	size_t files;

	options.keep_segments = 2;
	write_trail(trail_path, &options, 100);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_eq(files, 3);
	cr_expect_gt(report.segment, 2);
	cr_expect_eq(report.deleted_seq + 1, report.first_seq);
	cr_expect_str_empty(troubles);
}

Test(segment, a_total_size_is_kept)
{
	struct trail_options options = small();
	struct trail_report report;
	size_t files;

	options.keep_bytes = 1;
	write_trail(trail_path, &options, 100);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_eq(files, 2); /* the newest of the old ones stays */
	cr_expect_eq(report.deleted_seq + 1, report.first_seq);
}

Test(segment, age_begins_another_one)
{
	static const char old[] =
		"{\"seq\":1,\"time\":\"2020-01-01T00:00:00.000000Z\",\"prev\":\"\","
		"\"trail\":\"0123456789abcdef0123456789abcdef\"}\n";
	struct trail_options options = { .segment_seconds = 3600 };
	struct trail_report report;

	write_file(trail_path, old, sizeof(old) - 1);
	write_trail(trail_path, &options, 3);
	cr_assert_eq(trail_verify(trail_path, &report), 0, "%s", report.reason);
	cr_expect_eq(report.segment, 2);
	cr_expect_eq(report.first_seq, 3);
	cr_expect_eq(report.lines, 3);
}

/* The second name was given, the first not yet taken. */
Test(segment, who_is_killed_between_the_steps_leaves_a_trail)
{
	struct trail_options options = small();
	struct trail_report report;
	char path[160];
	size_t files;

	write_trail(trail_path, &(struct trail_options) { .key = &key }, 5);
	snprintf(path, sizeof(path), "%s.000001", trail_path);
	cr_assert_eq(link(trail_path, path), 0);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_eq(files, 1);
	snprintf(path, sizeof(path), "%s.new", trail_path);
	write_file(path, "{\"seq\"", 6);
	write_trail(trail_path, &options, 60);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_eq(report.first_seq, 1);
	cr_expect_str_empty(troubles);
}

/* What is left uncompressed by one is compressed by the next. */
Test(segment, who_is_killed_before_it_is_compressed_leaves_a_trail)
{
	struct trail_options options = small();
	struct trail_report report;
	char path[128], packed[136], command[640];
	size_t files, last;

	write_trail(trail_path, &options, 60);
	cr_assert_eq(check(&report, &files), 0);
	last = files - 1;
	snprintf(path, sizeof(path), "%s.%06zu", trail_path, last);
	snprintf(packed, sizeof(packed), "%s.gz", path);
	snprintf(command, sizeof(command), "gzip -dc %s > %s && cp %s %s.gz.new", packed, path,
		 path, path);
	cr_assert_eq(system(command), 0);
	cr_assert_eq(check(&report, &files), 0, "both at once: %s", report.reason);
	unlink(packed);
	cr_assert_eq(check(&report, &files), 0, "uncompressed: %s", report.reason);
	write_trail(trail_path, &options, 1);
	cr_expect_eq(access(path, F_OK), -1);
	cr_expect_eq(access(packed, F_OK), 0);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
}

Test(segment, killed_at_any_time_loses_nothing_acknowledged)
{
	int pipe_fds[2];

	for (int round = 0; round < 10; round++) {
		struct trail_options options = small();
		struct trail_report report;
		uint64_t acknowledged = 0, from = 0;
		size_t files;

		if (round && !check(&report, &files))
			from = report.lines;
		cr_assert_eq(pipe(pipe_fds), 0);
		pid_t pid = fork();

		if (!pid) {
			struct trail *trail;

			if (trail_open_with(trail_path, &options, &trail))
				_exit(1);
			for (uint64_t n = 1;; n++) {
				append_to(trail, 1);
				if (write(pipe_fds[1], &n, sizeof(n)) != sizeof(n))
					_exit(1);
			}
		}
		close(pipe_fds[1]);
		while (acknowledged < 150 + (uint64_t)round * 7 &&
		       read(pipe_fds[0], &acknowledged, sizeof(acknowledged)) ==
			       sizeof(acknowledged))
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(pipe_fds[0], &acknowledged, sizeof(acknowledged)) ==
		       sizeof(acknowledged))
			;
		close(pipe_fds[0]);
		cr_assert_eq(check(&report, &files), 0, "round %d: %zu:%d %s", round, report.file,
			     (int)report.bad_line, report.reason);
		cr_assert_geq(report.lines, from + acknowledged);
		/* or there would be more than 64 files */
		if (round % 3 == 2) {
			remove_folder();
			make_folder();
		}
	}
}

/* As the witness of a controller that was killed, which hears of its death before the
 * file is free. */
Test(segment, who_follows_finds_the_file_that_is_written)
{
	struct trail_options options = small();
	struct trail_report report;
	struct trail *trail;
	int status, pipe_fds[2];
	size_t files;
	char byte;

	cr_assert_eq(pipe(pipe_fds), 0);
	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	pid_t pid = fork();

	if (!pid) {
		close(pipe_fds[1]);
		if (read(pipe_fds[0], &byte, 1) != 0)
			_exit(1);
		trail_follow(trail);
		append_to(trail, 1);
		_exit(trail_close(trail) ? 2 : 0);
	}
	append_to(trail, 60);
	close(pipe_fds[1]);
	usleep(100000);
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_str_eq(report.end, "lost");
}

Test(segment, what_cannot_be_begun_leaves_the_trail_in_one_file)
{
	struct trail_options options = small();
	struct trail_report report;
	char path[160];

	snprintf(path, sizeof(path), "%s.000001", trail_path);
	write_file(path, "in the way\n", 11);
	write_trail(trail_path, &options, 60);
	cr_expect_str_eq(troubles, "no other file could be begun");
	cr_assert_eq(trail_verify(trail_path, &report), 0, "%s", report.reason);
	cr_expect_eq(report.segment, 1);
}

Test(segment, append_only_where_the_file_system_can)
{
	struct trail_options options = small();
	struct trail_report report;
	size_t files;
	int fd, flags;

	write_file(trail_path, "", 0);
	fd = open(trail_path, O_RDWR | O_CLOEXEC);
	bool can = !ioctl(fd, FS_IOC_GETFLAGS, &flags) && (flags |= FS_APPEND_FL) &&
		   !ioctl(fd, FS_IOC_SETFLAGS, &flags);

	flags &= ~FS_APPEND_FL;
	if (can)
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	close(fd);
	options.append_only = true;
	options.keep_segments = 2;
	write_trail(trail_path, &options, 100);
	cr_assert_eq(check(&report, &files), 0, "%s", report.reason);
	cr_expect_eq(files, 3);
	if (!can) {
		cr_expect_str_eq(troubles, "it cannot be marked append-only");
		return;
	}
	cr_expect_str_empty(troubles);
	cr_expect_eq(truncate(trail_path, 0), -1);
	cr_expect_eq(unlink(trail_path), -1);
	char command[128];

	snprintf(command, sizeof(command), "chattr -a %s/*", folder);
	cr_assert_eq(system(command), 0);
}
