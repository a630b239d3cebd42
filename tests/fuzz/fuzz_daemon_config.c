// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as the node agent's configuration: it says no with a sentence, or gives
 * entries of which each has what the rest relies on, and can be asked about anybody.
 */
#include <pwd.h>
#include <stdint.h>
#include <string.h>

#include "claim.h"
#include "user/container/container_info.h"
#include "user/daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The users of this machine are of no matter. */
struct passwd *getpwnam(const char *name)
{
	static struct passwd user = { .pw_uid = 7 };

	return name[0] == 'x' ? NULL : &user;
}

static void look(const struct daemon_config *config)
{
	static struct facts facts = { .cgroup = "/agents/a.service/b",
				      .program = "/usr/bin/node",
				      .uid = 7,
				      .container_len = 9,
				      .container = "c",
				      .image = "docker.io/node",
				      .pod = "p",
				      .namespace = "agents" };
	static struct container_label label = { "app", "coder" };
	static const struct container_labels labels = { &label, 1 };
	size_t len = 0;

	facts.labels = facts.pod_labels = &labels;
	if (daemon_config_match(config, &facts, &len))
		CLAIM(len <= strlen(facts.cgroup));
	for (size_t i = 0; i < config->entries_len; i++) {
		const struct daemon_entry *entry = &config->entries[i];

		CLAIM(entry->name && *entry->name && strlen(entry->name) <= DAEMON_NAME_MAX);
		CLAIM(!strchr(entry->name, '/') && entry->policy && *entry->policy);
		CLAIM(selector_has_place(&entry->select) || selector_has_process(&entry->select));
		CLAIM(daemon_config_entry(config, entry->name) == entry);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct daemon_config *config = NULL;
	struct policy_diag diag = { 0 };
	int r = daemon_config_parse("/etc/c.yaml", (const char *)data, size, &config, &diag);

	if (r < 0)
		CLAIM(!config && diag.text[0]);
	else
		look(config);
	daemon_config_free(config);
	return 0;
}
