// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/container/container_table.h"

static char root[] = "/tmp/ec-table.XXXXXX";
static struct container_table *table;

static void setup(void)
{
	const struct container_host host = { .root = root, .node = "n" };

	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(container_table_new(&host, &table), 0);
}

static void teardown(void)
{
	char command[64];

	container_table_free(table);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(container_table, .init = setup, .fini = teardown);

static void put(unsigned int id, const char *name)
{
	char dir[256], file[300];
	FILE *to;

	snprintf(dir, sizeof(dir), "mkdir -p %s/var/lib/docker/containers/%064u", root, id);
	cr_assert_eq(system(dir), 0);
	snprintf(file, sizeof(file), "%s/var/lib/docker/containers/%064u/config.v2.json", root, id);
	cr_assert_not_null(to = fopen(file, "w"));
	fprintf(to, "{\"ID\":\"%064u\",\"Name\":\"/%s\"}", id, name);
	fclose(to);
}

static const char *look(unsigned int id)
{
	struct container_ref ref = { .runtime = CONTAINER_RUNTIME_DOCKER };
	const struct container_info *info;

	snprintf(ref.id, sizeof(ref.id), "%064u", id);
	info = container_table_look(table, &ref);
	cr_assert_not_null(info);
	return info->name;
}

Test(container_table, what_is_known_is_not_asked_again)
{
	put(1, "a");
	cr_assert_str_eq(look(1), "a");
	put(1, "b");
	cr_assert_str_eq(look(1), "a");
}

Test(container_table, what_is_not_known_is_asked_again_later)
{
	cr_assert_null(look(1));
	put(1, "a");
	cr_assert_null(look(1));
	usleep((CONTAINER_TABLE_AGAIN_MS + 50) * 1000);
	cr_assert_str_eq(look(1), "a");
}

Test(container_table, of_too_many_those_not_asked_for_are_forgotten)
{
	put(0, "a");
	cr_assert_str_eq(look(0), "a");
	put(0, "b");
	for (unsigned int id = 1; id < CONTAINER_TABLE_MAX; id++)
		look(id);
	cr_assert_str_eq(look(0), "a");
	usleep(2000);
	for (unsigned int id = 1; id < CONTAINER_TABLE_MAX; id++)
		look(id);
	look(CONTAINER_TABLE_MAX);
	cr_assert_str_eq(look(0), "b");
}
