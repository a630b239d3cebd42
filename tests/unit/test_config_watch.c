// SPDX-License-Identifier: Apache-2.0
/* A file changes in place, by another's name, or as Kubernetes exchanges a volume. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/daemon/config_watch.h"

static char dir[] = "/tmp/ec-watch-XXXXXX";
static struct config_watch *watch;

static const char *in(const char *name)
{
	static char paths[4][128];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void put(const char *name)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_eq(write(fd, "x", 1), 1);
	close(fd);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(dir));
	put("c.yaml");
	cr_assert_eq(config_watch_open(&watch), 0);
	cr_assert_eq(config_watch_add(watch, in("c.yaml")), 0);
	cr_assert_eq(config_watch_drain(watch), 0);
}

static void end(void)
{
	char command[64];

	config_watch_close(watch);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_assert_eq(system(command), 0);
}
TestSuite(config_watch, .init = begin, .fini = end);

Test(config_watch, sees_a_file_that_is_written)
{
	put("c.yaml");
	cr_expect_eq(config_watch_drain(watch), 1);
	cr_expect_eq(config_watch_drain(watch), 0, "once");
}

Test(config_watch, sees_a_file_that_another_takes_the_place_of)
{
	put("new");
	cr_expect_eq(config_watch_drain(watch), 0, "another file is none of its");
	cr_assert_eq(rename(in("new"), in("c.yaml")), 0);
	cr_expect_eq(config_watch_drain(watch), 1);
}

Test(config_watch, sees_a_volume_that_is_exchanged)
{
	cr_assert_eq(mkdir(in("..1"), 0700), 0);
	cr_assert_eq(symlink("..1", in("..data_tmp")), 0);
	config_watch_drain(watch);
	cr_assert_eq(rename(in("..data_tmp"), in("..data")), 0);
	cr_expect_eq(config_watch_drain(watch), 1);
}

Test(config_watch, forgets)
{
	config_watch_clear(watch);
	put("c.yaml");
	cr_expect_eq(config_watch_drain(watch), 0);
	cr_assert_eq(config_watch_add(watch, in("not-yet")), 0);
	put("not-yet");
	cr_expect_eq(config_watch_drain(watch), 1, "one that was not there");
}
