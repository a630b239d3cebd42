// SPDX-License-Identifier: Apache-2.0
/* entries.c - who made an empty place? What we add to a container that was
 * there and empty touches its bracket; what we make is spaced. So removing
 * knows whether to leave it. */
#include "entries.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/util.h"

/* ---- what an entry is ---- */

static char *entry_text(const struct dialect *dialect, const char *command, unsigned int timeout_s)
{
	cJSON *string = cJSON_CreateString(command);
	char *quoted = string ? cJSON_PrintUnformatted(string) : NULL, *text = NULL;
	unsigned int timeout = timeout_s * dialect->settings.second;
	int n = -1;

	if (quoted && dialect->settings.shape == DIALECT_GROUPS)
		n = asprintf(&text,
			     "{ \"hooks\": [{ \"type\": \"command\", \"command\": %s, "
			     "\"timeout\": %u }] }",
			     quoted, timeout);
	else if (quoted && dialect->settings.shape == DIALECT_BASH)
		n = asprintf(&text, "{ \"type\": \"command\", \"bash\": %s, \"timeoutSec\": %u }",
			     quoted, timeout);
	else if (quoted)
		n = asprintf(&text, "{ \"command\": %s, \"timeout\": %u }", quoted, timeout);
	cJSON_free(quoted);
	cJSON_Delete(string);
	return n < 0 ? NULL : text;
}

/* "EXE hook NAME ...", EXE any enforcecore. */
static bool is_ours(const char *command, const struct dialect *dialect)
{
	static const char program[] = "enforcecore", word[] = " hook ";
	const char *at = strstr(command, word);
	size_t len = strlen(dialect->name);

	if (!at)
		return false;
	if (at > command && at[-1] == '\'')
		at--;
	if ((size_t)(at - command) < strlen(program) ||
	    strncmp(at - strlen(program), program, strlen(program)))
		return false;
	at = strstr(at, word) + strlen(word);
	return !strncmp(at, dialect->name, len) && (at[len] == '\0' || at[len] == ' ');
}

static bool command_of(const cJSON *entry, const struct dialect *dialect, const char *exactly)
{
	const cJSON *command = cJSON_GetObjectItemCaseSensitive(
		entry, dialect->settings.shape == DIALECT_BASH ? "bash" : "command");

	if (!cJSON_IsString(command))
		return false;
	return exactly ? !strcmp(command->valuestring, exactly) :
			 is_ours(command->valuestring, dialect);
}

static cJSON *parse(const struct settings *settings, const struct settings_item *item)
{
	return cJSON_ParseWithLength(settings->text + item->from, item->to - item->from);
}

/* ---- where they are ---- */

/* The place of a member that must be of this kind. 0: there is none. */
static int find(const struct settings *settings, size_t at, const char *name, char kind,
		struct settings_item *ret_item, const char **ret_where)
{
	int r = settings_find(settings, at, name, ret_item);

	if (r < 0 || (r > 0 && settings->text[ret_item->from] != kind)) {
		*ret_where = name;
		return -EINVAL;
	}
	return r;
}

/* index: of the first of array's items that is ours, or has ours among its
 * hooks: then *ret_inner is the index there, and *ret_alone says whether there
 * are no others. */
struct ours {
	size_t index, inner;
	size_t inner_at; /* 0: the entry is not a group */
	bool alone;
};

static bool in_group(const struct settings *settings, const struct settings_item *group,
		     const struct dialect *dialect, const char *exactly, struct ours *ret_ours)
{
	struct settings_item hooks = { 0 }, item = { 0 };

	if (settings->text[group->from] != '{' ||
	    settings_find(settings, group->from, "hooks", &hooks) <= 0 ||
	    settings->text[hooks.from] != '[')
		return false;
	while (settings_next(settings, hooks.from, &item)) {
		cJSON *entry = parse(settings, &item);
		bool found = command_of(entry, dialect, exactly);

		cJSON_Delete(entry);
		if (!found)
			continue;
		ret_ours->inner = item.index;
		ret_ours->inner_at = hooks.from;
		ret_ours->alone = settings_count(settings, hooks.from) == 1;
		return true;
	}
	return false;
}

static bool find_ours(const struct settings *settings, size_t array, const struct dialect *dialect,
		      const char *exactly, struct ours *ret_ours)
{
	struct settings_item item = { 0 };
	bool found;

	*ret_ours = (struct ours) { .alone = true };
	while (settings_next(settings, array, &item)) {
		if (dialect->settings.shape == DIALECT_GROUPS) {
			found = in_group(settings, &item, dialect, exactly, ret_ours);
		} else {
			cJSON *entry = parse(settings, &item);

			found = command_of(entry, dialect, exactly);
			cJSON_Delete(entry);
		}
		ret_ours->index = item.index;
		if (found)
			return true;
	}
	return false;
}

bool entries_complete(const struct settings *settings, const struct dialect *dialect,
		      const char *command)
{
	struct settings_item hooks = { 0 }, event = { 0 };
	const char *where;
	struct ours ours;

	if (find(settings, settings_root(settings), "hooks", '{', &hooks, &where) <= 0)
		return false;
	for (size_t i = 0; i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++)
		if (dialect->events[i].installed &&
		    (find(settings, hooks.from, dialect->events[i].name, '[', &event, &where) <=
			     0 ||
		     !find_ours(settings, event.from, dialect, command, &ours)))
			return false;
	return true;
}

/* ---- adding ---- */

static int event_text(const char *name, const char *entry, char **ret_text)
{
	return asprintf(ret_text, "\"%s\": [\n      %s\n    ]", name, entry) < 0 ? -ENOMEM : 0;
}

/* The member "hooks", with every event. */
static char *hooks_text(const struct dialect *dialect, const char *entry)
{
	char *text = strdup("\"hooks\": {");
	bool first = true;

	for (size_t i = 0; text && i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++) {
		_cleanup_free_ char *event = NULL, *before = text;

		if (!dialect->events[i].installed) {
			before = NULL;
			continue;
		}
		text = NULL;
		if (event_text(dialect->events[i].name, entry, &event) < 0 ||
		    asprintf(&text, "%s%s\n    %s", before, first ? "" : ",", event) < 0)
			return NULL;
		first = false;
	}
	if (text) {
		_cleanup_free_ char *before = text;

		if (asprintf(&text, "%s\n  }", before) < 0)
			return NULL;
	}
	return text;
}

static int add_event(struct settings *settings, size_t hooks, const char *name, const char *entry,
		     const char **ret_where)
{
	struct settings_item event = { 0 };
	_cleanup_free_ char *text = NULL;
	int r = find(settings, hooks, name, '[', &event, ret_where);

	if (r > 0)
		return settings_append(settings, event.from, entry);
	if (r < 0 || (r = event_text(name, entry, &text)) < 0)
		return r;
	return settings_append(settings, hooks, text);
}

static int add_all(struct settings *settings, const struct dialect *dialect, const char *entry)
{
	_cleanup_free_ char *text = hooks_text(dialect, entry);

	return text ? settings_append(settings, settings_root(settings), text) : -ENOMEM;
}

int entries_add(struct settings *settings, const struct dialect *dialect, const char *command,
		unsigned int timeout_s, const char **ret_where)
{
	_cleanup_free_ char *entry = entry_text(dialect, command, timeout_s);
	struct settings_item hooks = { 0 };
	int r;

	if (!entry)
		return -ENOMEM;
	r = find(settings, settings_root(settings), "hooks", '{', &hooks, ret_where);
	if (r == 0)
		return add_all(settings, dialect, entry);
	for (size_t i = 0; r >= 0 && i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++)
		if (dialect->events[i].installed)
			r = add_event(settings, hooks.from, dialect->events[i].name, entry,
				      ret_where);
	return r < 0 ? r : 0;
}

static int make(const char *text, struct settings *ret_settings)
{
	ret_settings->text = strdup(text);
	ret_settings->len = strlen(text);
	return ret_settings->text ? 0 : -ENOMEM;
}

int entries_none(const struct dialect *dialect, struct settings *ret_settings)
{
	return make(dialect->settings.versioned ? "{\n  \"version\": 1\n}\n" : "{\n  \n}\n",
		    ret_settings);
}

int entries_new(const struct dialect *dialect, const char *command, unsigned int timeout_s,
		struct settings *ret_settings)
{
	_cleanup_free_ char *entry = entry_text(dialect, command, timeout_s);
	_cleanup_free_ char *hooks = entry ? hooks_text(dialect, entry) : NULL, *text = NULL;

	if (!hooks || asprintf(&text, "{\n  %s%s\n}\n",
			       dialect->settings.versioned ? "\"version\": 1,\n  " : "", hooks) < 0)
		return -ENOMEM;
	return make(text, ret_settings);
}

/* ---- removing ---- */

/* Did this container stand there, empty, before we added to it? Agents that
 * write their settings anew space it otherwise: then it may go too. */
static bool was_there(const struct settings *settings, size_t at)
{
	const char *c = settings->text + at + 1;

	if (*c == '{')
		return c[1] == ' ';
	if (*c != '"')
		return false;
	c += 1 + strcspn(c + 1, "\"") + 1;
	return !strncmp(c, ": [\n", 4) || !strncmp(c, ": {\n", 4);
}

static int remove_one(struct settings *settings, size_t array, const struct ours *ours)
{
	return ours->alone ? settings_remove(settings, array, ours->index) :
			     settings_remove(settings, ours->inner_at, ours->inner);
}

/* Of one event: how many. */
static int remove_event(struct settings *settings, const struct dialect *dialect, const char *name,
			const char **ret_where)
{
	struct settings_item hooks = { 0 }, event = { 0 };
	struct ours ours;
	bool stays;
	int r, n = 0;

	r = find(settings, settings_root(settings), "hooks", '{', &hooks, ret_where);
	if (r <= 0)
		return r;
	r = find(settings, hooks.from, name, '[', &event, ret_where);
	if (r <= 0)
		return r;
	stays = was_there(settings, event.from);
	for (; find_ours(settings, event.from, dialect, NULL, &ours); n++)
		if ((r = remove_one(settings, event.from, &ours)) < 0)
			return r;
	if (n && !stays && settings_count(settings, event.from) == 0)
		r = settings_remove(settings, hooks.from, event.index);
	return r < 0 ? r : n;
}

int entries_remove(struct settings *settings, const struct dialect *dialect, const char **ret_where)
{
	struct settings_item hooks = { 0 };
	size_t root = settings_root(settings);
	bool stays;
	int r = find(settings, root, "hooks", '{', &hooks, ret_where), n = 0;

	if (r <= 0)
		return r;
	stays = was_there(settings, hooks.from);
	for (size_t i = 0; i < DIALECT_EVENTS_MAX && dialect->events[i].moment; i++) {
		r = remove_event(settings, dialect, dialect->events[i].name, ret_where);
		if (r < 0)
			return r;
		n += r;
	}
	if (n && !stays && settings_count(settings, hooks.from) == 0)
		r = settings_remove(settings, root, hooks.index);
	return r < 0 ? r : n;
}
