// SPDX-License-Identifier: Apache-2.0
/* The file that a command writes: whole, or not there. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/command/out_file.h"

static char dir[] = "/tmp/ec-out-XXXXXX", path[64];

static void set_up(void)
{
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out", dir);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(dir);
}

TestSuite(out_file, .init = set_up, .fini = tear_down);

static int count_files(void)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

Test(out_file, it_has_its_name_once_it_is_whole)
{
	struct out_file out;
	struct stat st;

	cr_assert_eq(out_file_open(&out, path), 0);
	fputs("text", out.to);
	cr_assert_eq(access(path, F_OK), -1);
	cr_assert_eq(out_file_finish(&out), 0);
	out_file_done(&out);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_size, 4);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(count_files(), 1);
}

Test(out_file, without_an_end_nothing_is_left)
{
	struct out_file out;

	cr_assert_eq(out_file_open(&out, path), 0);
	fputs("text", out.to);
	out_file_done(&out);
	cr_assert_eq(count_files(), 0);
}

Test(out_file, what_was_there_stays_until_then)
{
	struct out_file out;
	char text[8] = "";
	FILE *old = fopen(path, "w");

	fputs("old", old);
	fclose(old);
	cr_assert_eq(out_file_open(&out, path), 0);
	fputs("new", out.to);
	out_file_done(&out);
	old = fopen(path, "r");
	cr_assert_eq(fread(text, 1, sizeof(text), old), 3);
	fclose(old);
	cr_assert_str_eq(text, "old");
}

Test(out_file, no_device_is_replaced)
{
	struct out_file out;
	struct stat st;

	cr_assert_eq(symlink("/dev/null", path), 0);
	cr_assert_eq(out_file_open(&out, path), 0);
	fputs("text", out.to);
	cr_assert_eq(out_file_finish(&out), 0);
	out_file_done(&out);
	cr_assert_eq(lstat(path, &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	cr_assert_eq(out_file_open(&out, dir), -EISDIR);
	out_file_done(&out);
}

Test(out_file, a_place_where_nothing_can_be)
{
	struct out_file out;

	cr_assert_eq(out_file_open(&out, "/tmp/ec-none/none"), -ENOENT);
	out_file_done(&out);
	cr_assert_eq(out_file_open(&out, "-"), 0);
	cr_assert_eq(out.to, stdout);
	out_file_done(&out);
}
