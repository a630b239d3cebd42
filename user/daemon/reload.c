// SPDX-License-Identifier: Apache-2.0
/*
 * reload.c - another configuration. Everything in it is read and compiled first, for
 * each agent that there is as well; then it is put in force, policy by policy, each in
 * one step. What is wrong with it keeps the old one, all of it.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_watch.h"
#include "daemon_impl.h"
#include "daemon_status.h"
#include "notify.h"
#include "user/answer/policy_file.h"
#include "user/trail/trail_key.h"

void daemon_trouble(struct daemon *daemon, const char *format, ...)
{
	va_list args;
	char text[sizeof(daemon->trouble)];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* what goes wrong at every survey is said once */
	if (strcmp(text, daemon->trouble))
		fprintf(stderr, "enforcecore: %s\n", text);
	memcpy(daemon->trouble, text, sizeof(text));
}

static void watch_all(struct daemon *daemon, const struct daemon_config *config)
{
	config_watch_clear(daemon->watch);
	config_watch_add(daemon->watch, daemon->path);
	for (size_t i = 0; config && i < config->entries_len; i++)
		config_watch_add(daemon->watch, config->entries[i].policy);
}

static void set_error(struct daemon *daemon, const struct policy_diag *diag)
{
	snprintf(daemon->error, sizeof(daemon->error), "%s:%u:%u: %s", diag->file, diag->line,
		 diag->column, diag->text);
}

/* A policy that several entries name is read once. */
static bool is_repeated(const struct daemon_config *config, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(config->entries[i].policy, config->entries[index].policy))
			return true;
	return false;
}

static int check_policies(struct daemon *daemon, const struct daemon_config *config)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->entries_len; i++) {
		_cleanup_policy_file_ struct policy_file file = POLICY_FILE_NONE;
		const struct daemon_entry *entry = &config->entries[i];

		if (is_repeated(config, i))
			continue;
		r = policy_file_open(&file, entry->policy, NULL);
		if (r < 0 && file.diag.text[0])
			set_error(daemon, &file.diag);
		else if (r < 0)
			snprintf(daemon->error, sizeof(daemon->error), "%s:%u: agent %s: %s: %s",
				 config->file, entry->line, entry->name, entry->policy,
				 strerror(-r));
	}
	return r;
}

/* Without it no agent could begin, and who is held would wait for ever: what is not there
 * yet is made now. */
static int check_keys(struct daemon *daemon, const struct daemon_config *config)
{
	for (size_t i = 0; i < config->entries_len; i++) {
		const struct daemon_entry *entry = &config->entries[i];
		struct trail_key key;
		int r;

		if (!entry->trail_dir || !entry->key)
			continue;
		r = trail_key_open(entry->key, true, &key);
		if (r == 0) {
			trail_key_done(&key);
			continue;
		}
		snprintf(daemon->error, sizeof(daemon->error),
			 "%s:%u: agent %s: no key to sign its trail with: %s: %s (null: unsigned)",
			 config->file, entry->line, entry->name, entry->key, strerror(-r));
		fprintf(stderr, "enforcecore: %s\n", daemon->error);
		return r;
	}
	return 0;
}

/* In the root that each of them is in, names may lead elsewhere. */
static int check_agents(struct daemon *daemon, const struct daemon_config *config)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < daemon->kept_len; i++) {
		const struct kept *kept = daemon->kept[i];
		const struct daemon_entry *entry = daemon_config_entry(config, kept->name);

		/* in our own root that was done with the file */
		if (!entry || kept->retired || !session_is_elsewhere(kept->session))
			continue;
		daemon_progress(daemon);
		r = session_check(kept->session, entry->policy);
		if (r < 0)
			snprintf(daemon->error, sizeof(daemon->error),
				 "agent %s%s%s: %s: it cannot be compiled there", kept->name,
				 *kept->cgroup ? " of " : "", kept->cgroup, entry->policy);
	}
	return r;
}

static int read_config(struct daemon *daemon, struct daemon_config **ret_config)
{
	struct policy_diag diag = { 0 };
	struct daemon_config *config = NULL;
	int r = daemon_config_load(daemon->path, &config, &diag);

	if (r < 0) {
		set_error(daemon, &diag);
		fprintf(stderr, "enforcecore: %s\n", daemon->error);
		return r;
	}
	if ((r = check_keys(daemon, config)) < 0 || (r = check_policies(daemon, config)) < 0 ||
	    (r = check_agents(daemon, config)) < 0) {
		/* wherever the mistake is, we wait for it to be mended */
		watch_all(daemon, config);
		daemon_config_free(config);
		return r;
	}
	*ret_config = config;
	return 0;
}

int reload(struct daemon *daemon)
{
	struct daemon_config *config, *before = daemon->config;
	int r;

	daemon->error[0] = '\0';
	r = read_config(daemon, &config);
	if (r < 0) {
		if (before)
			fprintf(stderr, "enforcecore: the configuration that was in force stays in "
					"force\n");
		return r;
	}
	daemon->trouble[0] = '\0';
	daemon->nobodys_len = 0; /* they may be somebody's now */
	daemon->host.epoch++;
	if (before)
		kept_reload(daemon, config);
	daemon->config = config;
	daemon->loaded = time(NULL);
	daemon_config_free(before);
	watch_all(daemon, config);
	return 0;
}

void reload_tell(struct daemon *daemon, const char *state)
{
	const struct daemon_status status = {
		.pid = getpid(),
		.config = daemon->path,
		.loaded = daemon->loaded,
		.error = daemon->error,
		.trouble = daemon->trouble,
		.entries = daemon->config ? daemon->config->entries_len : 0,
		.agents = daemon->kept_len,
		.waiting = daemon->waiting_len,
		.unattended = daemon->unattended,
		.unattended_why = daemon->unattended_why,
	};
	char unattended[64] = "";

	if (status.unattended)
		snprintf(unattended, sizeof(unattended), ", %zu without a controller",
			 status.unattended);

	daemon_status_write(&status);
	notify_format("%sSTATUS=%zu agents of %zu entries%s%s%s", state, status.agents,
		      status.entries, unattended,
		      *status.error ? "; the new configuration is wrong: " : "", status.error);
}
