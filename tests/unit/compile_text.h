/* SPDX-License-Identifier: Apache-2.0 */
/* compile_text.h - policies given as text, compiled below a root of the test's own. */
#ifndef EC_TEST_COMPILE_TEXT_H
#define EC_TEST_COMPILE_TEXT_H

#include <arpa/inet.h>
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
#define LISTEN EC_OP_BIT(EC_OP_LISTEN)
#define LOAD EC_OP_BIT(EC_OP_LOAD)

static char root[64];
static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy *policy;
static struct automaton image;
static int warnings;
static struct policy_diag last, diag;

static inline void make_root(void)
{
	strcpy(root, "/tmp/ec-compile-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	env.root_fd = env.cwd_fd = open(root, O_PATH | O_CLOEXEC);
	cr_assert_geq(env.root_fd, 0);
}

static inline void drop(void)
{
	policy_free(policy);
	automaton_done(&image);
	policy = NULL;
}

static inline void remove_root(void)
{
	char command[100];

	drop();
	close(env.root_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

static inline void on_warning(void *ctx, const struct policy_diag *warning)
{
	(void)ctx;
	warnings++;
	last = *warning;
}

static inline int try_compile(const char *kernel)
{
	struct policy_load_options options = { .warn = on_warning };
	char text[4000];
	int r;

	drop();
	warnings = 0;
	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	r = policy_load_buffer("p.yaml", text, strlen(text), &options, &policy, &diag);
	cr_assert_eq(r, 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	return policy_compile(policy, &env, WORDS_MAX, &options, &image, &diag);
}

static inline void compile(const char *kernel)
{
	cr_assert_eq(try_compile(kernel), 0, "%s", diag.text);
}

static inline struct ec_match ask(const char *path, uint32_t ops)
{
	return match_string(&image, path, ops, 1, 1);
}

static inline uint32_t flags(const char *path)
{
	uint32_t state = match_run(&image, image.start, path, strlen(path));

	return state ? EC_STATE_FLAGS(image.words[state + 1]) : 0;
}

static inline uint32_t quiet(const char *path)
{
	return flags(path) >> 8 & 0xff;
}

static inline void in_root(const char *name, char *to)
{
	sprintf(to, "%s/%s", root, name);
}

static inline void make_dir(const char *name)
{
	char path[200];

	in_root(name, path);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static inline void make_link(const char *target, const char *name)
{
	char path[200];

	in_root(name, path);
	cr_assert_eq(symlink(target, path), 0);
}

#endif
