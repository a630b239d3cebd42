/* SPDX-License-Identifier: Apache-2.0 */
/* call_text.h - calls of policies given as text, below a root of the test's own. */
#ifndef EC_TEST_CALL_TEXT_H
#define EC_TEST_CALL_TEXT_H

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/automaton/match.h"

#define WORDS_MAX (1u << 20)
#define R EC_OP_BIT(EC_OP_READ)
#define W EC_OP_BIT(EC_OP_WRITE)
#define X EC_OP_BIT(EC_OP_EXEC)
#define C EC_OP_BIT(EC_OP_CONNECT)

static char root[64];
static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy *policy;
static struct automaton image;
static struct policy_call call;
static struct policy_diag diag;

static inline void in_root(const char *name, char *to)
{
	sprintf(to, "%s/%s", root, name);
}

static inline void make_dir(const char *name)
{
	char path[300];

	in_root(name, path);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static inline void make_link(const char *target, const char *name)
{
	char path[300];

	in_root(name, path);
	cr_assert_eq(symlink(target, path), 0);
}

static inline void make_file(const char *name)
{
	char path[300];
	int fd;

	in_root(name, path);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	cr_assert_geq(fd, 0);
	close(fd);
}

static inline void drop(void)
{
	policy_call_done(&call);
	policy_free(policy);
	automaton_done(&image);
	policy = NULL;
}

/* /srv/data/{a,dir/b} /etc/passwd */
static inline void make_root(void)
{
	char path[100];

	strcpy(root, "/tmp/ec-call-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	make_dir("srv");
	make_dir("srv/data");
	make_dir("srv/data/dir");
	make_dir("etc");
	make_file("srv/data/a");
	make_file("srv/data/dir/b");
	make_file("etc/passwd");
	env.root_fd = open(root, O_PATH | O_CLOEXEC);
	in_root("srv/data", path);
	env.cwd_fd = open(path, O_PATH | O_CLOEXEC);
}

static inline void remove_root(void)
{
	char command[100];

	drop();
	close(env.root_fd);
	close(env.cwd_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

static inline void use(const char *kernel)
{
	char text[4000];
	int r;

	drop();
	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	r = policy_load_buffer("/etc/ec/p.yaml", text, strlen(text), NULL, &policy, &diag);
	cr_assert_eq(r, 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	cr_assert_eq(policy_compile(policy, &env, WORDS_MAX, NULL, &image, &diag), 0, "%s",
		     diag.text);
}

static inline int declare(const char *args)
{
	cJSON *json = args ? cJSON_Parse(args) : NULL;
	int r;

	cr_assert(!args || json, "%s", args);
	policy_call_done(&call);
	memset(&diag, 0, sizeof(diag));
	r = policy_call_compile(policy, &env, &image, "t", json, WORDS_MAX, &call, &diag);
	cJSON_Delete(json);
	return r;
}

static inline void allow(const char *args)
{
	cr_assert_eq(declare(args), 0, "%s: %s", args, diag.text);
}

static inline void refuse(const char *args, const char *says)
{
	cr_assert_eq(declare(args), -EACCES, "%s", args);
	cr_assert(strstr(diag.text, says), "\"%s\" lacks \"%s\"", diag.text, says);
	cr_assert_eq(call.automaton.start, 0);
}

static inline bool grants(const char *path, uint32_t ops)
{
	struct ec_match own = match_string(&call.automaton, path, ops, 0, 0);
	struct ec_match whole = match_string(&image, path, ops, call.tool, call.within);

	return ec_call_grants(&whole, &own, call.within) != 0;
}

#endif
