// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/grow.h"
#include "policy/text/load.h"
#include "policy/tree/source.h"
#include "user/trail/trail_key.h"

static const struct keys_entry agent_keys[] = {
	{ .name = "name", .kind = KEY_TEXT },
	{ .name = "policy", .kind = KEY_TEXT },
	{ .name = "select", .kind = KEY_VALUE },
	{ .name = "mode", .kind = KEY_VALUE },
	{ .name = "record", .kind = KEY_VALUE },
	{ .name = "trail_dir", .kind = KEY_VALUE },
	{ .name = "key", .kind = KEY_TEXT },
	{ .name = "rotate_bytes", .kind = KEY_NUMBER },
	{ .name = "keep", .kind = KEY_NUMBER },
	{ .name = "home", .kind = KEY_TEXT },
	{ .name = NULL },
};
static const struct keys_entry config_keys[] = {
	{ .name = "agents", .kind = KEY_MAPS, .below = agent_keys },
	{ .name = "trail_dir", .kind = KEY_VALUE },
	{ .name = "key", .kind = KEY_TEXT },
	{ .name = "rotate_bytes", .kind = KEY_NUMBER },
	{ .name = "keep", .kind = KEY_NUMBER },
	{ .name = "hold", .kind = KEY_TEXTS },
	{ .name = "when_down", .kind = KEY_VALUE },
	{ .name = "max_agents", .kind = KEY_NUMBER },
	{ .name = NULL },
};

/* What agents have that do not say it themselves. */
struct defaults {
	const char *trail_dir, *key;
	uint64_t rotate_bytes, keep;
};

struct reader {
	struct loader loader;
	struct daemon_config *config;
	const char *dir; /* of the file */
	struct defaults defaults;
};

void daemon_config_free(struct daemon_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->entries_len; i++)
		selector_done(&config->entries[i].select);
	pool_done(&config->pool);
	free(config);
}

static const char *keep_text(struct reader *r, const char *text)
{
	return pool_text(&r->config->pool, text, strlen(text));
}

/* Absolute; text may be "" (none). */
static int read_path(struct reader *r, const struct tree *map, const char *key,
		     const char *otherwise, const char **ret_path)
{
	const struct tree *value = tree_get(map, key);
	char path[PATH_MAX];
	const char *text;
	int e;

	*ret_path = otherwise;
	if (!value)
		return 0;
	if (tree_is_null(value)) {
		*ret_path = NULL;
		return 0;
	}
	if ((e = load_text(&r->loader, value, key, &text)) < 0)
		return e;
	if (snprintf(path, sizeof(path), "%s%s%s", *text == '/' || !*text ? "" : r->dir,
		     *text == '/' || !*text ? "" : "/", text) >= (int)sizeof(path))
		return load_error(&r->loader, value, "%s is too long", key);
	*ret_path = keep_text(r, path);
	return *ret_path ? 0 : -ENOMEM;
}

static int read_number(struct reader *r, const struct tree *map, const char *key, uint64_t least,
		       uint64_t most, uint64_t *number)
{
	const struct tree *value = tree_get(map, key);
	double read;

	if (!value)
		return 0;
	if (!tree_number(value, &read) || read < (double)least || read > (double)most ||
	    read != (double)(uint64_t)read)
		return load_error(&r->loader, value, "%s must be a whole number from %llu to %llu",
				  key, (unsigned long long)least, (unsigned long long)most);
	*number = (uint64_t)read;
	return 0;
}

static int read_word(struct reader *r, const struct tree *map, const char *key,
		     const char *const *words, bool *ret_second)
{
	const struct tree *value = tree_get(map, key);
	size_t index = 0;
	int e = value ? load_word(&r->loader, value, key, words, &index) : 0;

	*ret_second = index == 1;
	return e;
}

#define ROTATE_BYTES_MIN 65536u
#define NUMBER_MAX (1ull << 50)

static int read_trail(struct reader *r, const struct tree *map, const struct defaults *otherwise,
		      struct defaults *ret)
{
	int e;

	*ret = *otherwise;
	if ((e = read_path(r, map, "trail_dir", otherwise->trail_dir, &ret->trail_dir)) < 0 ||
	    (e = read_path(r, map, "key", otherwise->key, &ret->key)) < 0 ||
	    (e = read_number(r, map, "rotate_bytes", ROTATE_BYTES_MIN, NUMBER_MAX,
			     &ret->rotate_bytes)) < 0 ||
	    (e = read_number(r, map, "keep", 1, NUMBER_MAX, &ret->keep)) < 0)
		return e;
	if (ret->keep && !ret->rotate_bytes)
		return load_error(&r->loader, tree_get(map, "keep"), "keep needs rotate_bytes");
	return 0;
}

static int read_name(struct reader *r, const struct tree *map, struct daemon_entry *entry)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";
	const struct tree *value = tree_get(map, "name");
	const struct daemon_entry *other;
	const char *text;
	int e;

	if (!value)
		return load_error(&r->loader, map, "an agent needs a name");
	if ((e = load_text(&r->loader, value, "name", &text)) < 0)
		return e;
	if (!*text || *text == '.' || strlen(text) > DAEMON_NAME_MAX || text[strspn(text, good)])
		return load_error(&r->loader, value,
				  "name: 1 to %u letters, digits, dots, dashes and underscores",
				  DAEMON_NAME_MAX);
	other = daemon_config_entry(r->config, text);
	if (other)
		return load_error(&r->loader, value, "the agent on line %u has that name already",
				  other->line);
	entry->name = keep_text(r, text);
	return entry->name ? 0 : -ENOMEM;
}

static int read_entry(struct reader *r, const struct tree *map, struct daemon_entry *entry)
{
	static const char *const modes[] = { "policy", "observe", NULL };
	static const char *const records[] = { "denials", "all", NULL };
	const struct tree *select = tree_get(map, "select");
	struct defaults trail;
	int e;

	entry->line = map->line;
	entry->column = map->column;
	if ((e = read_name(r, map, entry)) < 0 ||
	    (e = read_path(r, map, "policy", NULL, &entry->policy)) < 0)
		return e;
	if (!entry->policy || !*entry->policy || !select)
		return load_error(&r->loader, map, "agent \"%s\" needs %s", entry->name,
				  select ? "a policy" : "select: which processes are it");
	if ((e = read_trail(r, map, &r->defaults, &trail)) < 0 ||
	    (e = read_word(r, map, "mode", modes, &entry->observe)) < 0 ||
	    (e = read_word(r, map, "record", records, &entry->record_all)) < 0 ||
	    (e = read_path(r, map, "home", NULL, &entry->home)) < 0)
		return e;
	entry->trail_dir = trail.trail_dir;
	entry->key = trail.key;
	entry->rotate_bytes = trail.rotate_bytes;
	entry->keep = trail.keep;
	return selector_load(&r->loader, &r->config->pool, select, &entry->select);
}

static int read_entries(struct reader *r, const struct tree *top)
{
	const struct tree *list = tree_get(top, "agents");
	struct daemon_config *config = r->config;
	int e = 0;

	if (!list)
		return load_error(&r->loader, top, "there is no list of agents");
	if (list->len > DAEMON_ENTRIES_MAX)
		return load_error(&r->loader, list, "more than %u agents", DAEMON_ENTRIES_MAX);
	config->entries = pool_alloc(&config->pool, (list->len + 1) * sizeof(*config->entries));
	if (!config->entries)
		return -ENOMEM;
	for (size_t i = 0; e >= 0 && i < list->len; i++) {
		e = read_entry(r, list->at[i], &config->entries[i]);
		config->entries_len++;
	}
	return e;
}

static int read_hold(struct reader *r, const struct tree *top)
{
	const struct tree *list = tree_get(top, "hold");
	struct selector_list *hold = &r->config->hold;

	hold->len = list ? list->len : 0;
	hold->at = pool_alloc(&r->config->pool, (hold->len + 1) * sizeof(*hold->at));
	for (size_t i = 0; hold->at && i < hold->len; i++) {
		const struct tree *at = list->at[i];

		if (at->text[0] != '/' || !selector_is_literal(at->text))
			return load_error(&r->loader, at,
					  "hold: the path of a cgroup, without wildcards");
		hold->at[i] = keep_text(r, at->text);
		if (!hold->at[i])
			return -ENOMEM;
	}
	return hold->at ? 0 : -ENOMEM;
}

static int read_all(struct reader *r, const struct tree *top)
{
	static const char *const downs[] = { "hold", "run", NULL };
	uint64_t agents_max = EC_MAX_AGENTS;
	int e;

	if ((e = load_map(&r->loader, top, "the configuration")) < 0 ||
	    (e = load_keys_of(&r->loader, top, "the configuration", config_keys)) < 0 ||
	    (e = read_trail(r, top, &r->defaults, &r->defaults)) < 0 ||
	    (e = read_hold(r, top)) < 0 ||
	    (e = read_word(r, top, "when_down", downs, &r->config->runs_when_down)) < 0 ||
	    (e = read_number(r, top, "max_agents", 1, EC_MAX_AGENTS, &agents_max)) < 0)
		return e;
	r->config->agents_max = (uint32_t)agents_max;
	return read_entries(r, top);
}

int daemon_config_parse(const char *name, const char *text, size_t text_len,
			struct daemon_config **ret_config, struct policy_diag *ret_diag)
{
	static const struct policy_load_options strict = { .strict = true };
	const struct tree_source source = { .name = name, .text = text, .text_len = text_len };
	_cleanup_pool_ struct pool pool = { 0 };
	struct reader r = { .loader = { .options = &strict, .diag = ret_diag } };
	char path[PATH_MAX] = "";
	struct tree *top;
	size_t nodes = 0;
	int e;

	if (strlen(name) >= sizeof(path) || text_len > DAEMON_CONFIG_MAX)
		return diag_set(ret_diag, name, 0, 0, -E2BIG, "the file is too large");
	if ((e = tree_parse(&source, &pool, &nodes, &top, ret_diag)) < 0)
		return e;
	strcpy(path, name);
	r.dir = dirname(path);
	r.defaults = (struct defaults) { .key = trail_key_path() };
	r.config = calloc(1, sizeof(*r.config));
	if (!r.config)
		return -ENOMEM;
	r.config->file = pool_text(&r.config->pool, name, strlen(name));
	e = r.config->file ? read_all(&r, top) : -ENOMEM;
	if (e == -ENOMEM)
		diag_set(ret_diag, name, 0, 0, e, "out of memory");
	if (e < 0)
		daemon_config_free(r.config);
	else
		*ret_config = r.config;
	return e;
}

int daemon_config_load(const char *path, struct daemon_config **ret_config,
		       struct policy_diag *ret_diag)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_source_ struct source source = { .bytes = { .name = path } };
	int r = fd < 0 ? -errno : source_read(&source, fd);

	if (r < 0)
		return diag_set(ret_diag, path, 0, 0, r, "%s", strerror(-r));
	return daemon_config_parse(path, source.bytes.text, source.bytes.text_len, ret_config,
				   ret_diag);
}

const struct daemon_entry *daemon_config_entry(const struct daemon_config *config, const char *name)
{
	for (size_t i = 0; i < config->entries_len; i++)
		if (config->entries[i].name && !strcmp(config->entries[i].name, name))
			return &config->entries[i];
	return NULL;
}

const struct daemon_entry *daemon_config_match(const struct daemon_config *config,
					       const struct facts *facts, size_t *ret_len)
{
	for (size_t i = 0; i < config->entries_len; i++) {
		const struct daemon_entry *entry = &config->entries[i];

		if (selector_is_place(&entry->select, facts, ret_len) &&
		    selector_is_process(&entry->select, facts))
			return entry;
	}
	return NULL;
}
