// SPDX-License-Identifier: Apache-2.0
#include "collapse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground.h"
#include "mask.h"
#include "policy/automaton/glob.h"
#include "policy/grow.h"
#include "user/util.h"

/* Deeper than this, directories stay as they are. */
#define DEPTH_MAX 128u

void patterns_made_done(struct patterns_made *made)
{
	for (size_t i = 0; i < made->len; i++)
		free(made->at[i].text);
	free(made->at);
	memset(made, 0, sizeof(*made));
}

static int add(struct patterns_made *made, const char *text, bool is_secret)
{
	if (GROW(made->at, made->len + 1, made->max) < 0)
		return -ENOMEM;
	made->at[made->len].text = strdup(text);
	made->at[made->len].is_secret = is_secret;
	return made->at[made->len++].text ? 0 : -ENOMEM;
}

/* '/' before all else, so that a directory stands beside what is in it. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return !*a ? -1 : 1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int by_path(const void *a, const void *b)
{
	return compare_paths(((const struct pattern *)a)->text, ((const struct pattern *)b)->text);
}

static void sort_unique(struct patterns_made *made)
{
	size_t kept = 0;

	if (made->len)
		qsort(made->at, made->len, sizeof(*made->at), by_path);
	for (size_t i = 0; i < made->len; i++) {
		if (kept && !strcmp(made->at[kept - 1].text, made->at[i].text))
			free(made->at[i].text);
		else
			made->at[kept++] = made->at[i];
	}
	made->len = kept;
}

/* --- what only differs in made-up parts --- */

struct masked {
	char *mask;
	struct pattern *pattern;
};

static int by_mask(const void *a, const void *b)
{
	return strcmp(((const struct masked *)a)->mask, ((const struct masked *)b)->mask);
}

static const char *component(const char *path, size_t n)
{
	while (n--)
		path += strcspn(path, "/") + 1;
	return path;
}

static bool is_same(const struct masked *group, size_t len, size_t n)
{
	const char *first = component(group[0].pattern->text, n);
	size_t first_len = strcspn(first, "/");

	for (size_t i = 1; i < len; i++) {
		const char *other = component(group[i].pattern->text, n);

		if (strcspn(other, "/") != first_len || strncmp(first, other, first_len))
			return false;
	}
	return true;
}

/* A star where they differ, the text where they do not. */
static int mask_group(const struct masked *group, size_t len)
{
	char joined[GLOB_TEXT_MAX] = "";
	size_t n = 0, at = 0;

	for (const char *mask = group[0].mask;; mask += strcspn(mask, "/") + 1, n++) {
		const char *from = is_same(group, len, n) ? component(group[0].pattern->text, n) :
							    mask;

		at += (size_t)snprintf(joined + at, sizeof(joined) - at, "%s%.*s", n ? "/" : "",
				       (int)strcspn(from, "/"), from);
		if (!mask[strcspn(mask, "/")])
			break;
	}
	for (size_t i = 0; i < len; i++) {
		char *copy = strdup(joined);

		if (!copy)
			return -ENOMEM;
		free(group[i].pattern->text);
		group[i].pattern->text = copy;
	}
	return 0;
}

static int mask_groups(struct masked *masked, size_t masked_len)
{
	size_t len;
	int r = 0;

	qsort(masked, masked_len, sizeof(*masked), by_mask);
	for (size_t i = 0; r == 0 && i < masked_len; i += len) {
		len = 1;
		while (i + len < masked_len && !strcmp(masked[i].mask, masked[i + len].mask))
			len++;
		if (len > 1)
			r = mask_group(&masked[i], len);
	}
	return r;
}

static int mask_all(struct patterns_made *made)
{
	_cleanup_free_ struct masked *masked = calloc(made->len + 1, sizeof(*masked));
	char mask[GLOB_TEXT_MAX];
	size_t len = 0;
	int r = masked ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < made->len; i++) {
		if (made->at[i].is_secret || glob_has_tail(made->at[i].text) ||
		    !mask_text(made->at[i].text, mask, sizeof(mask)))
			continue;
		masked[len].pattern = &made->at[i];
		masked[len].mask = strdup(mask);
		r = masked[len++].mask ? 0 : -ENOMEM;
	}
	if (r == 0 && len)
		r = mask_groups(masked, len);
	for (size_t i = 0; i < len; i++)
		free(masked[i].mask);
	sort_unique(made);
	return r;
}

/* --- many siblings --- */

struct folder {
	struct patterns_made *in, *out;
	size_t most;
	bool write;
};

/* The name of pattern's component at off, which starts behind a slash. */
static size_t name_len(const struct pattern *pattern, size_t off)
{
	return strcspn(pattern->text + off, "/");
}

/* May what was seen in it become one glob? */
static bool may_fold(const struct folder *f, size_t from, size_t to, size_t off, size_t names,
		     size_t leaves)
{
	char dir[GLOB_TEXT_MAX];

	if ((f->write ? leaves : names) <= f->most)
		return false;
	snprintf(dir, sizeof(dir), "%.*s", (int)(off - 1), f->in->at[from].text);
	if (ground_is_shared(dir, f->write))
		return false;
	for (size_t i = from; i < to; i++)
		if (f->in->at[i].is_secret)
			return false;
	return true;
}

/* in->at[from..to-1] lie below the directory in->at[from].text[0..off-2]. */
static int fold(struct folder *f, size_t from, size_t to, size_t off, unsigned int depth)
{
	size_t first_out = f->out->len, names = 0, leaves = 0, len;
	char text[GLOB_TEXT_MAX + 4];
	int r = 0;

	for (size_t i = from; r == 0 && i < to; i += len, names++) {
		const struct pattern *p = &f->in->at[i];
		size_t name = name_len(p, off), below = i;

		for (len = 1; i + len < to && name_len(&f->in->at[i + len], off) == name &&
			      !strncmp(p->text + off, f->in->at[i + len].text + off, name);)
			len++;
		if (!p->text[off + name]) { /* itself */
			leaves++;
			below++;
			r = add(f->out, p->text, p->is_secret);
		}
		if (r == 0 && below < i + len && depth < DEPTH_MAX)
			r = fold(f, below, i + len, off + name + 1, depth + 1);
		for (; r == 0 && depth == DEPTH_MAX && below < i + len; below++)
			r = add(f->out, f->in->at[below].text, f->in->at[below].is_secret);
	}
	if (r < 0 || off < 2 || !may_fold(f, from, to, off, names, leaves))
		return r;
	snprintf(text, sizeof(text), "%.*s%s", (int)off, f->in->at[from].text,
		 to - from == leaves ? "*" : "**");
	while (f->out->len > first_out)
		free(f->out->at[--f->out->len].text);
	return add(f->out, text, false);
}

static int read_paths(const struct sighting *paths, size_t len, struct patterns_made *made)
{
	char text[ASK_STRING_MAX], pattern[GLOB_TEXT_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		bool is_secret = ground_is_secret(paths[i].text);
		size_t package = 0;

		if (paths[i].op == EC_OP_READ && !is_secret)
			package = ground_package(paths[i].text);
		snprintf(text, sizeof(text), "%.*s", package ? (int)package : -1, paths[i].text);
		if (!observed_literal(text, pattern, sizeof(pattern) - 4))
			return -E2BIG;
		r = add(made, strcat(pattern, package ? "/**" : ""), is_secret);
	}
	sort_unique(made);
	return r;
}

int collapse(const struct sighting *paths, size_t paths_len, size_t most,
	     struct patterns_made *ret_made)
{
	struct patterns_made all = { 0 };
	struct folder f = { .in = &all, .out = ret_made, .most = most };
	int r = read_paths(paths, paths_len, &all);

	memset(ret_made, 0, sizeof(*ret_made));
	if (r == 0 && paths_len && paths[0].op == EC_OP_EXEC) {
		*ret_made = all;
		return 0;
	}
	f.write = paths_len && paths[0].op == EC_OP_WRITE;
	if (r == 0)
		r = mask_all(&all);
	if (r == 0 && all.len)
		r = fold(&f, 0, all.len, 1, 0);
	patterns_made_done(&all);
	if (r < 0)
		patterns_made_done(ret_made);
	return r;
}
