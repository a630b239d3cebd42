// SPDX-License-Identifier: Apache-2.0
/*
 * nodes.c - the objects behind never rules. A path has other names: hard
 * links made before, bind mounts. The objects that a never rule names by a
 * literal path, and those below a literal directory, are labelled, so that
 * another name does not free them. What is reached through a labelled directory
 * needs none of its own (bpf/path.bpf.c), so that past SINGLES_MAX only those
 * that have several names already get one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "compile.h"
#include "policy/diag.h"
#include "endpoint.h"
#include "policy/grow.h"
#include "inode.h"
#include "resolve.h"

/* Names looked at in all; past it the policy names too large a tree. */
#define NAMES_MAX 4000000u
#define DEPTH_MAX 256u
/* Files with one name that are labelled for the names they may yet get. */
#define SINGLES_MAX 1024u

struct collector {
	const struct policy *policy;
	const struct policy_env *env;
	struct policy_diag *diag;
	struct inode_mounts mounts;
	size_t limit;
	size_t names;
	size_t singles;
	struct policy_node *nodes;
	size_t len, max;
	uint32_t rule; /* being collected */
	uint32_t ops;
};

static int too_many(struct collector *c, const char *what)
{
	const struct policy_rule *rule = &c->policy->rules[c->rule];

	return diag_set(c->diag, rule->file, rule->line, rule->column, -E2BIG,
			"%s under never rule \"%.200s\"", what, rule->pattern);
}

static int by_object(const void *a, const void *b)
{
	const struct policy_node *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	if (x->any != y->any)
		return x->any ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* One entry for each object, with the operations of all its rules. */
static int merge(struct collector *c)
{
	size_t kept = 0;

	if (c->len)
		qsort(c->nodes, c->len, sizeof(*c->nodes), by_object);
	for (size_t i = 0; i < c->len; i++) {
		if (kept && c->nodes[kept - 1].dev == c->nodes[i].dev &&
		    c->nodes[kept - 1].ino == c->nodes[i].ino &&
		    c->nodes[kept - 1].version == c->nodes[i].version &&
		    c->nodes[kept - 1].any == c->nodes[i].any)
			c->nodes[kept - 1].ops |= c->nodes[i].ops;
		else
			c->nodes[kept++] = c->nodes[i];
	}
	c->len = kept;
	return kept > c->limit ? too_many(c, "too many objects") : 0;
}

static int add_object(struct collector *c, int fd)
{
	struct policy_node node = { .ops = c->ops, .rule = c->rule };
	int r = inode_of(&c->mounts, fd, &node.ino, &node.dev);

	if (r < 0)
		return r;
	node.any = inode_version(fd, node.ino, &node.version) < 0;
	if (c->len > 2 * c->limit && (r = merge(c)) < 0)
		return r;
	if (GROW(c->nodes, c->len + 1, c->max) < 0)
		return -ENOMEM;
	c->nodes[c->len++] = node;
	return 0;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* File systems without files of their own. */
static bool is_pseudo(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC ||
		fs.f_type == CGROUP2_SUPER_MAGIC || fs.f_type == DEBUGFS_MAGIC ||
		fs.f_type == TRACEFS_MAGIC || (unsigned int)fs.f_type == BPF_FS_MAGIC);
}

static int walk(struct collector *c, int parent, const char *name, unsigned int depth);

static int look_at(struct collector *c, int dir, const char *name, unsigned int depth)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (++c->names > NAMES_MAX)
		return too_many(c, "too many files");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone */
	if (S_ISDIR(st.st_mode))
		return walk(c, dir, name, depth + 1);
	if (st.st_nlink < 2 && (S_ISLNK(st.st_mode) || c->singles++ >= SINGLES_MAX))
		return 0;
	fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? 0 : add_object(c, fd);
}

static int walk(struct collector *c, int parent, const char *name, unsigned int depth)
{
	__attribute__((cleanup(close_dir))) DIR *dir = NULL;
	struct dirent *entry;
	int fd, r = 0;

	if (depth > DEPTH_MAX)
		return too_many(c, "directories nested too deeply");
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0; /* gone, or a link now */
	dir = is_pseudo(fd) ? NULL : fdopendir(fd);
	if (!dir) {
		close(fd);
		return 0;
	}
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = look_at(c, fd, entry->d_name, depth);
	return r;
}

/* path is canonical: no links on the way but those made since. */
static int add_path(struct collector *c, const char *path)
{
	const char *name = path[1] ? path + 1 : ".";
	_cleanup_fd_ int fd = openat(c->env->root_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || is_pseudo(fd))
		return 0;
	if ((r = add_object(c, fd)) < 0 || !S_ISDIR(st.st_mode))
		return r;
	return walk(c, fd, ".", 0);
}

static int collect_path(void *ctx, const char *text)
{
	struct collector *c = ctx;
	char canonical[GLOB_TEXT_MAX], literal[GLOB_TEXT_MAX], cwd[RESOLVE_PATH_MAX + 1];
	struct glob_places places = resolve_places(c->env, text, cwd);
	const char *problem, *rest;
	struct resolved to;
	int r = glob_canonical(text, &places, canonical, &problem);

	if (r < 0)
		return r;
	rest = glob_literal(canonical, literal);
	if (*rest && strcmp(rest, "/**") && strcmp(rest, "/"))
		return 0; /* a wildcard names no object */
	r = resolve_path(c->env, literal[0] ? literal : "/", NULL, &to);
	if (r == -ENOMEM)
		return r;
	return r < 0 || !to.exists || to.own ? 0 : add_path(c, to.path);
}

static int collect_endpoint(void *ctx, const char *text)
{
	struct endpoint endpoint;
	const char *problem;

	if (endpoint_parse(text, &endpoint, &problem) < 0 || endpoint.kind != ENDPOINT_PATH)
		return 0;
	return collect_path(ctx, endpoint.text);
}

static int collect(struct collector *c)
{
	const char *problem;
	int r = inode_mounts_read(&c->mounts);

	for (size_t i = 0; r == 0 && i < MODEL_OPS; i++) {
		const struct patterns *p = &c->policy->never.op[i];
		enum ec_op op = MODEL_OP(i);

		for (uint32_t j = 0; r == 0 && j < p->len; j++) {
			c->rule = p->first + j;
			c->ops =
				EC_ACCEPT_OPS(compile_accept(EC_CLASS_NEVER, op, 0, c->rule).entry);
			r = glob_braces(c->policy->rules[c->rule].pattern,
					op <= EC_OP_EXEC ? collect_path : collect_endpoint, c,
					&problem);
		}
	}
	return r < 0 ? r : merge(c);
}

int policy_never_nodes(const struct policy *policy, const struct policy_env *env, size_t max,
		       struct policy_node **ret_nodes, size_t *ret_len,
		       struct policy_diag *ret_diag)
{
	struct policy_diag diag = { 0 };
	struct collector c = {
		.policy = policy,
		.env = env,
		.diag = &diag,
		.limit = max,
	};
	int r = collect(&c);

	inode_mounts_done(&c.mounts);
	if (r < 0) {
		free(c.nodes);
		if (!diag.text[0])
			diag_set(&diag, policy->file, 0, 0, r, "never rules: %s", strerror(-r));
		if (ret_diag)
			*ret_diag = diag;
		return r;
	}
	*ret_nodes = c.nodes;
	*ret_len = c.len;
	return 0;
}
