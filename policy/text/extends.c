// SPDX-License-Identifier: Apache-2.0
#include "extends.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "load.h"
#include "merge.h"
#include "policy/diag.h"
#include "policy/grow.h"

struct reader {
	struct loader *l;
	struct pool *pool;
	struct extends_chain *chain;
	size_t nodes;	 /* TREE_NODES_MAX */
	size_t text_len; /* TREE_TEXT_MAX */
};

/* A name is relative to the directory of the file that says it. */
static const char *parent_path(struct reader *r, const struct tree *value)
{
	const char *slash = strrchr(value->file, '/');
	size_t dir_len = slash && value->text[0] != '/' ? (size_t)(slash + 1 - value->file) : 0;
	char *path = pool_alloc(r->pool, dir_len + value->len + 1);

	if (!path)
		return NULL;
	memcpy(path, value->file, dir_len);
	memcpy(path + dir_len, value->text, value->len);
	return path;
}

static int fail(struct reader *r, const struct tree *value, int error, const char *text)
{
	return diag_set(r->l->diag, value->file, value->line, value->column, error, "%s", text);
}

static int fail_read(struct reader *r, const struct tree *value, const char *path, int error)
{
	return diag_set(r->l->diag, value->file, value->line, value->column, error,
			"cannot extend \"%.200s\": %s", path, strerror(-error));
}

/* O_NONBLOCK: a pipe would otherwise wait for a writer. */
static int open_file(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int taken = fd;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	fd = -1;
	return taken;
}

static int open_parent(struct reader *r, const char *path)
{
	const struct policy_load_options *options = r->l->options;

	return options && options->open ? options->open(options->ctx, path) : open_file(path);
}

static int fail_loop(struct reader *r, const struct tree *value, size_t first, const char *path)
{
	char text[sizeof(r->l->diag->text)] = "extends comes back to where it was: ";
	size_t len = strlen(text);

	for (size_t i = first; i < r->chain->len && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s -> ",
					r->chain->at[i].name);
	if (len < sizeof(text))
		snprintf(text + len, sizeof(text) - len, "%s", path);
	return fail(r, value, -ELOOP, text);
}

static int check_new(struct reader *r, const struct tree *value, const struct source *source)
{
	for (size_t i = 0; i < r->chain->len; i++) {
		const struct extends_file *file = &r->chain->at[i];

		if (file->is_file && file->dev == source->dev && file->ino == source->ino)
			return fail_loop(r, value, i, source->bytes.name);
	}
	if (r->chain->len > EXTENDS_MAX)
		return fail(r, value, -E2BIG, "extends is more than 16 files deep");
	if (r->text_len + source->bytes.text_len > TREE_TEXT_MAX)
		return fail(r, value, -E2BIG, "the policy and what it extends exceed 16 MiB");
	return 0;
}

static int add_file(struct reader *r, const struct source *source)
{
	struct extends_file *file = &r->chain->at[r->chain->len];
	struct tree *top;
	int error;

	r->text_len += source->bytes.text_len;
	if ((error = tree_parse(&source->bytes, r->pool, &r->nodes, &top, r->l->diag)) < 0 ||
	    (error = load_keys(r->l, top)) < 0 ||
	    (error = merge_prepare(r->l, top, r->pool, &file->top)) < 0)
		return error;
	file->name = source->bytes.name;
	file->is_file = source->is_file;
	file->dev = source->dev;
	file->ino = source->ino;
	r->chain->len++;
	return 0;
}

static int add_parent(struct reader *r, const struct tree *value)
{
	_cleanup_source_ struct source source = { 0 };
	_cleanup_fd_ int fd = -1;
	const char *text;
	int error = load_text(r->l, value, "extends", &text);

	if (error < 0)
		return error;
	if (!value->len || value->len >= PATH_MAX)
		return fail(r, value, -EINVAL, "extends must be the path of a file");
	source.bytes.name = parent_path(r, value);
	if (!source.bytes.name)
		return -ENOMEM;
	fd = open_parent(r, source.bytes.name);
	error = fd < 0 ? fd : source_read(&source, fd);
	if (error < 0)
		return fail_read(r, value, source.bytes.name, error);
	error = check_new(r, value, &source);
	return error < 0 ? error : add_file(r, &source);
}

int extends_read(struct loader *l, const struct source *source, struct pool *pool,
		 struct extends_chain *ret_chain)
{
	struct reader reader = { .l = l, .pool = pool, .chain = ret_chain };
	const struct tree *value;
	int r;

	ret_chain->len = 0;
	if ((r = add_file(&reader, source)) < 0)
		return r;
	for (;;) {
		value = tree_get(ret_chain->at[ret_chain->len - 1].top, "extends");
		if (!value || tree_is_null(value))
			return 0;
		if ((r = add_parent(&reader, value)) < 0)
			return r;
	}
}
