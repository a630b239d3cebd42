// SPDX-License-Identifier: Apache-2.0
#include "files_read.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "user/util.h"

/* While we look a writer may give a file its next name. */
#define ATTEMPTS 3

/* "trail.jsonl.000007" or "trail.jsonl.000007.gz" of "trail.jsonl" */
static bool is_older(const char *name, const char *of)
{
	size_t len = strlen(of), digits;

	if (strncmp(name, of, len) || name[len] != '.')
		return false;
	name += len + 1;
	digits = strspn(name, "0123456789");
	return digits >= 6 && (!name[digits] || !strcmp(name + digits, ".gz"));
}

struct names {
	char **at;
	size_t len, size;
};

static int add_name(struct names *names, const char *folder, size_t folder_len, const char *name)
{
	if (names->len == names->size) {
		size_t size = names->size ? 2 * names->size : 16;
		char **at = reallocarray(names->at, size, sizeof(*at));

		if (!at)
			return -ENOMEM;
		names->at = at;
		names->size = size;
	}
	if (asprintf(&names->at[names->len], "%.*s%s", (int)folder_len, folder, name) < 0)
		return -ENOMEM;
	names->len++;
	return 0;
}

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->at[i]);
	free(names->at);
}

/* The file, and those beside it that are named as its older ones are. */
static int list(const char *path, struct names *names)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t folder_len = (size_t)(base - path);
	_cleanup_free_ char *folder = folder_len ? strndup(path, folder_len) : strdup(".");
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	int r = add_name(names, path, folder_len, base);

	while (r == 0 && dir && (entry = readdir(dir)))
		if (is_older(entry->d_name, base))
			r = add_name(names, path, folder_len, entry->d_name);
	if (dir)
		closedir(dir);
	return r;
}

/* Of all that were found those of the trail that path is of. */
static void keep_group(struct files *files, const char *path)
{
	size_t group = 0, n = 0;

	for (size_t i = 0; i < files->len; i++)
		if (!strcmp(files->at[i].path, path))
			group = files->at[i].group;
	for (size_t i = 0; i < files->len; i++) {
		if (files->at[i].group == group)
			files->at[n++] = files->at[i];
		else
			free(files->at[i].path);
	}
	files->len = n;
}

static int find_file(const char *path, struct files *files)
{
	struct names names = { 0 };
	const char *bad;
	int r = list(path, &names);

	if (r == 0)
		r = files_find(names.at, names.len, files, &bad);
	if (r == 0)
		keep_group(files, path);
	names_done(&names);
	return r;
}

static int find_folder(const char *path, struct files *files)
{
	char *paths[] = { (char *)path };
	const char *bad;
	int r = files_find(paths, 1, files, &bad);

	if (r < 0)
		return r;
	return files->len && files->at[0].kind == FILES_OURS &&
			       files->at[files->len - 1].group == files->at[0].group ?
		       0 :
		       -EXDEV;
}

static int find(const char *path, struct files *files)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return find_folder(path, files);
	if (S_ISREG(st.st_mode))
		return find_file(path, files);
	return 0; /* a pipe: nothing is beside it, and looking at it would take from it */
}

static void name_file(struct trail_report *report, const char *path)
{
	const char *slash = strrchr(path, '/');
	char reason[sizeof(report->reason)];

	memcpy(reason, report->reason, sizeof(reason));
	snprintf(report->reason, sizeof(report->reason), "%.120s: %.120s", slash ? slash + 1 : path,
		 reason);
}

static int read_found(const char *path, const struct files *files, const struct trail_check *check,
		      struct trail_report *ret_report)
{
	_cleanup_free_ const char **paths = calloc(files->len + 1, sizeof(*paths));
	int r;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < files->len; i++)
		paths[i] = files->at[i].path;
	if (!files->len)
		return trail_check(&path, 1, check, ret_report);
	r = trail_check(paths, files->len, check, ret_report);
	if (ret_report->bad_line && files->len > 1)
		name_file(ret_report, paths[ret_report->file]);
	return r;
}

int files_check(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? 0 : -EINVAL;
}

int files_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report)
{
	const struct trail_check check = { .each = each, .ctx = ctx };
	struct files files = { 0 };
	int r = -ENOENT;

	memset(ret_report, 0, sizeof(*ret_report));
	for (int i = 0; i < ATTEMPTS && r == -ENOENT && !ret_report->lines; i++) {
		r = find(path, &files);
		if (r == 0)
			r = read_found(path, &files, &check, ret_report);
		files_done(&files);
	}
	return r;
}

const char *files_read_problem(int err)
{
	return err == -EINVAL ? "is neither a regular file nor a folder (a trail is read twice)" :
	       err == -EXDEV  ? "is a folder without a trail, or with several: name a FILE" :
				strerror(-err);
}
