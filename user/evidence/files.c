// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "python_trail.h"
#include "user/trail/trail_source.h"
#include "user/trail/trail_tail.h"
#include "user/util.h"

/* What kind of trail begins with that text; -ENOENT: none. */
static int look_at(const char *text, size_t len, struct files_entry *entry)
{
	const char *newline = memchr(text, '\n', len);
	struct trail_first first;

	if (python_trail_is(text, newline ? (size_t)(newline - text) : len)) {
		entry->kind = FILES_PYTHON;
		return 0;
	}
	trail_first_find(text, len, &first);
	memcpy(entry->trail, first.id, sizeof(entry->trail));
	entry->segment = first.segment;
	return *first.id ? 0 : -ENOENT;
}

static int look(struct files_entry *entry)
{
	size_t len = 0, size = 2 * (size_t)TRAIL_LINE_MAX;
	struct trail_source *source;
	bool end;
	int r = trail_source_open(entry->path, &source);

	if (r < 0)
		return r;
	_cleanup_free_ char *text = malloc(size);
	r = text ? trail_source_fill(source, text, size, &len, &end) : -ENOMEM;
	trail_source_close(source);
	if (r < 0 && r != -EBADMSG)
		return r;
	return look_at(text, len, entry);
}

/* path: its own from here on. */
static int add(struct files *files, char *path, bool named)
{
	struct files_entry entry = { .path = path, .kind = FILES_OURS };
	int r = path ? look(&entry) : -ENOMEM;

	/* whoever named it is told what is wrong with it */
	if (r == -ENOENT && named)
		r = 0;
	if (r == 0 && files->len == files->size) {
		size_t size = files->size ? 2 * files->size : 16;
		struct files_entry *at = reallocarray(files->at, size, sizeof(*at));

		if (at) {
			files->at = at;
			files->size = size;
		} else {
			r = -ENOMEM;
		}
	}
	if (r < 0) {
		free(path);
		return r == -ENOENT && !named ? 0 : r;
	}
	files->at[files->len++] = entry;
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

static int add_folder(struct files *files, const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort), r = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct stat st;
		char *path = NULL;

		if (r == 0 && names[i]->d_name[0] != '.' && !ends_with(names[i]->d_name, ".new") &&
		    asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0)
			r = -ENOMEM;
		if (path && !stat(path, &st) && S_ISREG(st.st_mode))
			r = add(files, path, false);
		else
			free(path);
		free(names[i]);
	}
	free(names);
	return r;
}

static void group(struct files *files)
{
	size_t groups = 0;

	for (size_t i = 0; i < files->len; i++) {
		struct files_entry *entry = &files->at[i];
		size_t j = 0;

		while (j < i && (!*entry->trail || strcmp(files->at[j].trail, entry->trail)))
			j++;
		entry->group = j < i ? files->at[j].group : groups++;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct files_entry *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* Who is killed while a segment is compressed leaves both; who is killed before the next
 * one has its name leaves one file with two names. */
static bool is_double(const struct files_entry *a, const struct files_entry *b)
{
	size_t len = strlen(a->path);
	struct stat one, other;

	if (a->group != b->group || a->segment != b->segment)
		return false;
	if (!strncmp(a->path, b->path, len) && !strcmp(b->path + len, ".gz"))
		return true;
	return !stat(a->path, &one) && !stat(b->path, &other) && one.st_ino == other.st_ino &&
	       one.st_dev == other.st_dev;
}

/* They sort side by side. */
static void drop_doubles(struct files *files)
{
	for (size_t i = 0; i + 1 < files->len;) {
		if (!is_double(&files->at[i], &files->at[i + 1])) {
			i++;
			continue;
		}
		free(files->at[i + 1].path);
		files->len--;
		memmove(&files->at[i + 1], &files->at[i + 2],
			(files->len - i - 1) * sizeof(files->at[0]));
	}
}

int files_find(char *const *paths, size_t paths_len, struct files *ret_files, const char **ret_bad)
{
	struct stat st;
	int r = 0;

	memset(ret_files, 0, sizeof(*ret_files));
	for (size_t i = 0; r == 0 && i < paths_len; i++) {
		*ret_bad = paths[i];
		if (stat(paths[i], &st))
			r = -errno;
		else
			r = S_ISDIR(st.st_mode) ? add_folder(ret_files, paths[i]) :
						  add(ret_files, strdup(paths[i]), true);
	}
	group(ret_files);
	if (ret_files->len)
		qsort(ret_files->at, ret_files->len, sizeof(ret_files->at[0]), by_place);
	drop_doubles(ret_files);
	return r;
}

void files_done(struct files *files)
{
	for (size_t i = 0; i < files->len; i++)
		free(files->at[i].path);
	free(files->at);
	*files = (struct files) { 0 };
}
