// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/trail/trail.h"

static char path[64];

static void make_path(void)
{
	strcpy(path, "/tmp/ec-trail-XXXXXX");
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(trail, .init = make_path, .fini = remove_path);

static struct cJSON *record(const char *text)
{
	struct cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "kind", "note");
	cJSON_AddStringToObject(json, "note", text);
	return json;
}

static void append(int count)
{
	struct trail *trail;

	cr_assert_eq(trail_open(path, &trail), 0);
	for (int i = 0; i < count; i++)
		cr_assert_eq(trail_append(trail, record("hello")), 0);
	cr_assert_eq(trail_close(trail), 0);
}

static char *read_all(size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	char *text = malloc((size_t)st.st_size + 1);

	cr_assert_eq(read(fd, text, (size_t)st.st_size), st.st_size);
	text[st.st_size] = '\0';
	close(fd);
	*ret_len = (size_t)st.st_size;
	return text;
}

static void write_raw(int flags, const void *bytes, size_t bytes_len)
{
	int fd = open(path, O_WRONLY | flags);

	cr_assert_eq(write(fd, bytes, bytes_len), (ssize_t)bytes_len);
	close(fd);
}

static void cut(size_t bytes)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(truncate(path, st.st_size - (off_t)bytes), 0);
}

static struct trail_report verify(int want)
{
	struct trail_report report;

	cr_expect_eq(trail_verify(path, &report), want, "line %d: %s", (int)report.bad_line,
		     report.reason);
	return report;
}

Test(trail, chains_lines_across_writers)
{
	append(3);
	append(2);
	struct trail_report report = verify(0);

	cr_expect_eq(report.lines, 5);
	cr_expect_eq(report.torn_len, 0);
	cr_expect_eq(strlen(report.head), 64);
}

Test(trail, puts_seq_time_and_prev_first)
{
	size_t len;

	append(1);
	char *text = read_all(&len);

	cr_expect_eq(strncmp(text, "{\"seq\":1,\"time\":\"", 17), 0);
	cr_expect_eq(strncmp(text + 44, "\",\"prev\":\"\",\"kind\":\"note\"", 25), 0, "%s", text);
	free(text);
}

Test(trail, empty_file_holds)
{
	cr_expect_eq(verify(0).lines, 0);
}

Test(trail, admits_one_writer)
{
	struct trail *first, *second;

	cr_assert_eq(trail_open(path, &first), 0);
	cr_expect_eq(trail_open(path, &second), -EBUSY);
	trail_close(first);
}

Test(trail, creates_a_private_file)
{
	struct stat st;

	unlink(path);
	append(1);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(trail, refuses_what_is_no_trail)
{
	struct trail *trail;

	write_raw(O_TRUNC, "root:x:0:0:\n", 12);
	cr_expect_eq(trail_open(path, &trail), -EBADMSG);
	cr_expect_eq(trail_open("/dev/null", &trail), -EINVAL);
}

Test(trail, every_flipped_byte_is_found)
{
	size_t len;

	append(3);
	char *text = read_all(&len);
	size_t last = (size_t)((char *)memrchr(text, '\n', len - 1) - text);

	/* An edit of the last line cannot be seen in the chain: its hash is
	 * what a signed checkpoint is for. */
	for (size_t i = 0; i < last; i++) {
		text[i] ^= 1;
		write_raw(O_TRUNC, text, len);
		text[i] ^= 1;
		struct trail_report report;

		cr_expect_eq(trail_verify(path, &report), -EBADMSG, "byte %zu", i);
	}
	free(text);
}

Test(trail, removed_and_swapped_lines_are_found)
{
	size_t len;

	append(3);
	char *text = read_all(&len);
	char *second = strchr(text, '\n') + 1, *third = strchr(second, '\n') + 1;

	write_raw(O_TRUNC, text, (size_t)(second - text));
	write_raw(O_APPEND, third, strlen(third));
	cr_expect_eq(verify(-EBADMSG).bad_line, 2);
	write_raw(O_TRUNC, text, (size_t)(second - text));
	write_raw(O_APPEND, third, strlen(third));
	write_raw(O_APPEND, second, (size_t)(third - second));
	cr_expect_eq(verify(-EBADMSG).bad_line, 2);
	write_raw(O_TRUNC, second, strlen(second));
	cr_expect_eq(verify(-EBADMSG).bad_line, 1);
	free(text);
}

Test(trail, duplicate_keys_do_not_verify)
{
	static const char line[] = "{\"seq\":1,\"time\":\"t\",\"prev\":\"\",\"s\\u0065q\":2}\n";

	write_raw(O_TRUNC, line, sizeof(line) - 1);
	cr_expect_eq(verify(-EBADMSG).bad_line, 1);
}

Test(trail, torn_tail_holds_and_is_reported)
{
	append(3);
	cut(20);
	struct trail_report report = verify(0);

	cr_expect_eq(report.lines, 2);
	cr_expect_gt(report.torn_len, 0);
}

Test(trail, recovers_from_a_tear_at_every_byte)
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

Test(trail, recovered_record_must_describe_the_tear)
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

Test(trail, two_torn_lines_in_a_row_do_not_verify)
{
	append(2);
	write_raw(O_APPEND, "junk\njunk", 9);
	struct trail *trail;

	cr_expect_eq(trail_open(path, &trail), -EBADMSG);
	cr_expect_eq(verify(-EBADMSG).bad_line, 3);
}

Test(trail, full_disk_is_reported_and_accounted_for)
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

Test(trail, killed_writer_loses_nothing_acknowledged)
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

Test(trail, names_cannot_forge_a_line)
{
	static const char evil[] =
		"x\n{\"seq\":9}\r\x1b[2J\x7f\xff\xc0\xaf\xed\xa0\x80\xe2\x80\xa8\0y";
	struct cJSON *json = cJSON_CreateObject();
	struct trail *trail;
	size_t len;

	cr_assert_eq(trail_add_bytes(json, "target", evil, sizeof(evil) - 1), 0);
	cr_assert_eq(trail_open(path, &trail), 0);
	cr_assert_eq(trail_append(trail, json), 0);
	trail_close(trail);
	cr_expect_eq(verify(0).lines, 1);
	char *text = read_all(&len);

	cr_expect_eq(strchr(text, '\n'), text + len - 1);
	cr_expect_null(strchr(text, '\x1b'));
	json = cJSON_Parse(text);
	const char *target = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "target"));
	const char *hex =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "target_hex"));

	cr_expect_str_eq(target, "x\n{\"seq\":9}\r\x1b[2J\x7f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
				 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xe2\x80\xa8\xef\xbf\xbdy");
	cr_assert_eq(strlen(hex), 2 * (sizeof(evil) - 1));
	cr_expect_eq(strncmp(hex, "780a7b22", 8), 0);
	cJSON_Delete(json);
	free(text);
}

Test(trail, valid_names_carry_no_hex)
{
	struct cJSON *json = cJSON_CreateObject();

	cr_expect_eq(trail_add_bytes(json, "target", "/tmp/\xc3\xa4\xf0\x9f\x98\x80", 11), 0);
	cr_expect_not(cJSON_HasObjectItem(json, "target_hex"));
	cr_expect_eq(trail_add_bytes(json, "empty", "", 0), 0);
	cJSON_Delete(json);
}

Test(trail, rejects_records_that_would_not_verify)
{
	struct cJSON *json = cJSON_CreateObject();
	struct trail *trail;

	cr_assert_eq(trail_open(path, &trail), 0);
	cJSON_AddRawToObject(json, "id", "1}\n{\"seq\":2");
	cr_expect_eq(trail_append(trail, json), -EINVAL);
	json = cJSON_CreateObject();
	cJSON_AddNumberToObject(json, "seq", 7);
	cr_expect_eq(trail_append(trail, json), -EINVAL);
	cr_expect_eq(trail_append(trail, cJSON_CreateArray()), -EINVAL);
	char *big = malloc(2 << 20);

	memset(big, 'a', 2 << 20);
	big[(2 << 20) - 1] = '\0';
	cr_expect_eq(trail_append(trail, record(big)), -E2BIG);
	free(big);
	cr_expect_eq(trail_append(trail, cJSON_CreateObject()), 0);
	cr_expect_eq(trail_close(trail), 0);
	cr_expect_eq(verify(0).lines, 1);
}

Test(trail, missing_file_is_not_a_broken_chain)
{
	unlink(path);
	verify(-ENOENT);
}

static int stop_at_second(void *ctx, const char *line, size_t line_len)
{
	int *lines = ctx;

	cr_assert_eq(line[0], '{');
	cr_assert_eq(line[line_len - 1], '}');
	return ++*lines == 2 ? -ECANCELED : 0;
}

Test(trail, a_reader_may_end_the_reading)
{
	struct trail_report report;
	int lines = 0;

	append(5);
	cr_assert_eq(trail_read(path, stop_at_second, &lines, &report), -ECANCELED);
	cr_assert_eq(lines, 2);
}

static int count_lines(void *ctx, const char *line, size_t line_len)
{
	(void)line;
	(void)line_len;
	++*(int *)ctx;
	return 0;
}

/* Also where no line is a record any more, and no number follows. */
Test(trail, a_reader_is_told_what_stands_behind_the_alteration)
{
	struct trail_report report;
	int lines = 0, fd;

	append(2);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_eq(write(fd, "{}\nnot\n{\"seq\":9,\"time\":\"\",\"prev\":\"\"}\n", 37), 37);
	close(fd);
	cr_assert_eq(trail_read(path, count_lines, &lines, &report), -EBADMSG);
	cr_assert_eq(report.bad_line, 3);
	cr_assert_eq(lines, 3);
}
