// SPDX-License-Identifier: Apache-2.0
#include "install.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "file.h"
#include "plugin.h"
#include "settings.h"
#include "user/hook/hook.h"
#include "user/hook/wrap.h"
#include "user/util.h"

struct work {
	const struct install_options *options;
	FILE *out;
	struct file file;
	struct settings settings; /* what it shall be; text NULL: gone */
	bool changed;
};

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "enforcecore: hook install: %s%s%s\n", what, *why ? ": " : "", why);
	return -1;
}

/* ---- where ---- */

static char *path_of(const struct install_options *options)
{
	const struct dialect_settings *where = &options->dialect->settings;
	const char *variable = where->variable ? getenv(where->variable) : NULL;
	const char *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (options->path)
		return strdup(options->path);
	if (options->project) {
		_cleanup_free_ char *here = realpath(".", NULL);

		return here && asprintf(&path, "%s/%s", here, where->project) >= 0 ? path : NULL;
	}
	if (variable && *variable == '/')
		n = asprintf(&path, "%s/%s", variable, where->file);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/%s/%s", home, where->directory, where->file);
	return n < 0 ? NULL : path;
}

/* A path as it is may have no slash. */
static char *absolute(const char *path)
{
	_cleanup_free_ char *here = *path == '/' ? NULL : realpath(".", NULL);
	char *whole;

	if (*path == '/')
		return strdup(path);
	return here && asprintf(&whole, "%s/%s", here, path) >= 0 ? whole : NULL;
}

/* ---- what ---- */

/* A shell that cannot start us, or sees us die, must refuse too. */
static char *command_of(const struct install_options *options)
{
	_cleanup_free_ char *exe = wrap_word(options->exe);
	char timeout[32] = "", *text;

	if (options->timeout_s * 1000 != HOOK_TIMEOUT_MS)
		snprintf(timeout, sizeof(timeout), " --timeout %u", options->timeout_s);
	if (!exe || asprintf(&text, "%s hook %s%s%s || exit 2", exe, options->dialect->name,
			     options->exact ? " --exact" : "", timeout) < 0)
		return NULL;
	return text;
}

static int copy(struct work *work)
{
	work->settings.text = strdup(work->file.text);
	work->settings.len = work->file.len;
	return work->settings.text ? 0 : failed("no memory", "");
}

static int check(const struct work *work)
{
	size_t line, column;

	if (settings_check(&work->settings, &line, &column) == 0)
		return 0;
	fprintf(stderr,
		"enforcecore: hook install: %s:%zu:%zu: no JSON object; nothing is changed\n",
		work->file.path, line, column);
	return -1;
}

static int wrong(const struct work *work, int error, const char *where)
{
	fprintf(stderr, "enforcecore: hook install: %s: ", work->file.path);
	if (error == -EINVAL)
		fprintf(stderr, "\"%s\" is not what hooks are in, or is there twice", where);
	else
		fprintf(stderr, "%s", strerror(-error));
	fprintf(stderr, "; nothing is changed\n");
	return -1;
}

/* Older entries of ours, for another path or other options, make room. */
static int add(struct work *work, const char *command)
{
	const struct install_options *options = work->options;
	unsigned int waits = options->timeout_s + INSTALL_WAITS_S;
	const char *where = "";
	int r;

	if (!work->file.exists) {
		r = entries_new(options->dialect, command, waits, &work->settings);
		work->changed = true;
		return r < 0 ? failed("no memory", "") : 0;
	}
	if (copy(work) < 0 || check(work) < 0)
		return -1;
	if (entries_complete(&work->settings, options->dialect, command))
		return 0;
	work->changed = true;
	r = entries_remove(&work->settings, options->dialect, &where);
	if (r >= 0)
		r = entries_add(&work->settings, options->dialect, command, waits, &where);
	return r < 0 ? wrong(work, r, where) : 0;
}

static int take_back(struct work *work)
{
	struct settings none = { 0 };
	const char *where = "";
	int r;

	if (!work->file.exists)
		return 0;
	if (copy(work) < 0 || check(work) < 0)
		return -1;
	r = entries_remove(&work->settings, work->options->dialect, &where);
	if (r < 0)
		return wrong(work, r, where);
	work->changed = r > 0;
	if (work->changed && entries_none(work->options->dialect, &none) == 0 &&
	    !strcmp(none.text, work->settings.text))
		free(TAKE_PTR(work->settings.text)); /* nobody else has written into it */
	free(none.text);
	return 0;
}

/* ---- plugins ---- */

static int plugin(struct work *work)
{
	const struct install_options *options = work->options;
	char timeout[32];
	const char *words[4] = { 0 };
	size_t n = 0;

	if (work->file.exists && strncmp(work->file.text, PLUGIN_MARK, strlen(PLUGIN_MARK)))
		return failed(work->file.path, "not written by EnforceCore; nothing is changed");
	if (options->undo) {
		work->changed = work->file.exists;
		return 0;
	}
	snprintf(timeout, sizeof(timeout), "%u", options->timeout_s);
	if (options->timeout_s * 1000 != HOOK_TIMEOUT_MS) {
		words[n++] = "--timeout";
		words[n++] = timeout;
	}
	work->settings.text = plugin_text(options->dialect, options->exe, words);
	if (!work->settings.text)
		return failed("no memory", "");
	work->settings.len = strlen(work->settings.text);
	work->changed = !work->file.exists || strcmp(work->file.text, work->settings.text);
	return 0;
}

static int decide(struct work *work)
{
	_cleanup_free_ char *command = command_of(work->options);

	if (work->options->dialect->settings.shape == DIALECT_PLUGIN)
		return plugin(work);
	if (work->options->undo)
		return take_back(work);
	return command ? add(work, command) : failed("no memory", "");
}

/* ---- all of it ---- */

static int print(const struct work *work)
{
	const char *text = work->changed ? work->settings.text : work->file.text;

	if (text)
		fputs(text, work->out);
	return 0;
}

static int carry_out(const struct work *work)
{
	const struct install_options *options = work->options;
	const char *name = options->dialect->name;
	int r = 0;

	if (options->print)
		return print(work);
	if (!work->changed) {
		fprintf(work->out, "%s: %s %s\n", name,
			options->undo ? "not installed in" : "already installed in",
			work->file.path);
		return 0;
	}
	r = work->settings.text ?
		    file_replace(&work->file, work->settings.text, work->settings.len) :
		    file_remove(&work->file);
	if (r < 0)
		return failed(work->file.path,
			      r == -ESTALE ? "somebody else has just changed it; try again" :
					     strerror(-r));
	fprintf(work->out, "%s: %s %s\n", name, options->undo ? "removed from" : "installed in",
		work->file.path);
	return 0;
}

int install_run(const struct install_options *options, FILE *out)
{
	_cleanup_free_ char *named = path_of(options), *path = named ? absolute(named) : NULL;
	struct work work = { .options = options, .out = out };
	int r;

	if (!path)
		return failed("HOME is no absolute path", "say --file");
	r = file_read(path, SETTINGS_MAX, &work.file);
	if (r < 0)
		return failed(path, r == -EFBIG	 ? "more than 10 MiB" :
				    r == -EILSEQ ? "holds a NUL" :
				    r == -EISDIR ? "no regular file" :
						   strerror(-r));
	r = decide(&work);
	if (r == 0)
		r = carry_out(&work);
	free(work.settings.text);
	file_done(&work.file);
	return r;
}
