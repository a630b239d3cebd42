// SPDX-License-Identifier: Apache-2.0
#include "trail_raw.h"

TestSuite(trail, .init = make_path, .fini = remove_path);

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

/* As the witness of a controller that is killed in the middle of a line. */
Test(trail, a_child_goes_on_where_its_parent_was_torn)
{
	struct trail *trail;
	struct trail_report report;
	int status;
	pid_t pid;

	cr_assert_eq(trail_open(path, &trail), 0);
	cr_assert_eq(trail_append(trail, record("before")), 0);
	pid = fork();
	if (pid == 0) {
		/* what the child has of it is older than the file */
		usleep(50000);
		trail_follow(trail);
		_exit(trail_append(trail, record("last words")) ? 1 : 0);
	}
	cr_assert_eq(trail_append(trail, record("after the fork")), 0);
	cr_assert_eq(write(trail_fd(trail), "{\"seq\":3,", 9), 9);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	report = verify(0);
	cr_assert_eq(report.recovered, 1);
	cr_assert_eq(report.torn_len, 0);
	trail_close(trail);
}

/* Another process may still have the descriptor. */
Test(trail, closing_gives_the_file_to_the_next)
{
	struct trail *trail, *next;
	int copy;

	cr_assert_eq(trail_open(path, &trail), 0);
	copy = dup(trail_fd(trail));
	cr_assert_eq(trail_open(path, &next), -EBUSY);
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(trail_open(path, &next), 0);
	cr_assert_eq(trail_close(next), 0);
	close(copy);
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
