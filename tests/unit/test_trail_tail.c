// SPDX-License-Identifier: Apache-2.0
/* How a trail ends that was not closed, and goes on. */
#include "trail_raw.h"

TestSuite(trail_tail, .init = make_path, .fini = remove_path);

Test(trail_tail, torn_tail_holds_and_is_reported)
{
	append(3);
	cut(20);
	struct trail_report report = verify(0);

	cr_expect_eq(report.lines, 2);
	cr_expect_gt(report.torn_len, 0);
}

Test(trail_tail, recovers_from_a_tear_at_every_byte)
{
	size_t len;

	append(2);
	char *text = read_all(&len);

	for (size_t keep = 0; keep < len; keep++) {
		write_raw(O_TRUNC, text, keep);
		append(2);
		struct trail_report report = verify(0);
		bool torn = keep && text[keep - 1] != '\n';

		cr_expect_eq(report.recovered, torn, "kept %zu", keep);
		size_t now_len;
		char *now = read_all(&now_len);

		cr_expect_eq(memcmp(now, text, keep), 0, "the torn line is kept");
		free(now);
	}
	free(text);
}

Test(trail_tail, recovered_record_must_describe_the_tear)
{
	size_t len;

	append(3);
	cut(10);
	append(1);
	char *text = read_all(&len);

	for (size_t i = 0; i < len; i++) {
		char *newline = memrchr(text, '\n', len - 1);

		if (text + i >= newline)
			break;
		if (text[i] == '\n')
			continue;
		struct trail_report report;

		text[i] ^= 2;
		write_raw(O_TRUNC, text, len);
		text[i] ^= 2;
		cr_expect_eq(trail_verify(path, &report), -EBADMSG, "byte %zu", i);
	}
	free(text);
}

Test(trail_tail, two_torn_lines_in_a_row_do_not_verify)
{
	append(2);
	write_raw(O_APPEND, "junk\njunk", 9);
	struct trail *trail;

	cr_expect_eq(trail_open(path, &trail), -EBADMSG);
	cr_expect_eq(verify(-EBADMSG).bad_line, 3);
}

Test(trail_tail, full_disk_is_reported_and_accounted_for)
{
	struct rlimit limit = { 700, 700 }, old;
	struct trail *trail;
	int err = 0, whole = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit.rlim_max = old.rlim_max;
	cr_assert_eq(trail_open(path, &trail), 0);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (; !err; whole++)
		err = trail_append(trail, record("filling the disk"));
	cr_expect_eq(err, -EFBIG);
	struct trail_report report = verify(0);

	cr_expect_eq((int)report.lines, whole - 1);
	cr_expect_gt(report.torn_len, 0);
	cr_expect_eq(trail_append(trail, record("still full")), -EFBIG);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	cr_expect_eq(trail_append(trail, record("room again")), 0);
	cr_expect_eq(trail_close(trail), 0);
	report = verify(0);
	cr_expect_eq(report.recovered, 1);
	cr_expect_eq((int)report.lines, whole - 1 + 3);
}

Test(trail_tail, killed_writer_loses_nothing_acknowledged)
{
	int pipe_fds[2];
	unsigned int acknowledged = 0, seq;
	char buf[4];

	cr_assert_eq(pipe(pipe_fds), 0);
	pid_t pid = fork();

	if (!pid) {
		struct trail *trail;

		if (trail_open(path, &trail))
			_exit(1);
		for (seq = 1;; seq++)
			if (trail_append(trail, record("x")) || write(pipe_fds[1], &seq, 4) != 4)
				_exit(1);
	}
	close(pipe_fds[1]);
	while (acknowledged < 2000 && read(pipe_fds[0], buf, 4) == 4)
		memcpy(&acknowledged, buf, 4);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(pipe_fds[0], buf, 4) == 4)
		memcpy(&acknowledged, buf, 4);
	cr_expect_geq(verify(0).lines, acknowledged);
	append(1);
	verify(0);
}
