/* SPDX-License-Identifier: Apache-2.0 */
/* ask_dir.h - for tests of what a policy says: one, and a directory that it lies in. */
#ifndef EC_TEST_ASK_DIR_H
#define EC_TEST_ASK_DIR_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] =
	"name: t\n"
	"rules: { denied_tools: [rm] }\n"
	"kernel:\n"
	"  baseline: { read: [\"/usr/**\", \"/srv/key\", \"/proc/thread-self/**\"], exec: "
	"[/usr/bin/node], connect: "
	"[\"*:443\"],\n"
	"              listen: [\"unix:@name\"] }\n"
	"  never: { read: [/etc/shadow] }\n"
	"  allow: [time]\n"
	"  labels: { secret: [/srv/key] }\n"
	"  flows: [{ after: read secret, deny: connect, except: [\"127.0.0.1:443\"] }]\n"
	"  tools:\n"
	"    write_file: { write: [\"${args.path}\"], within: [\"/srv/out/**\"] }\n"
	"    deploy: { connect: [\"10.0.0.1:22\"], when: { hours: \"09:00-17:00\", zone: UTC } }\n";

static char dir[] = "/tmp/ec-ask-XXXXXX";

static inline char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

static inline void write_file(const char *name, const char *content)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

static inline void dir_begin(void)
{
	cr_assert_not_null(mkdtemp(dir));
	write_file("p.yaml", text);
}

static inline void dir_end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

#endif
