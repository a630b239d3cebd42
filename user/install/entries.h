/* SPDX-License-Identifier: Apache-2.0 */
/* entries.h - our hooks among those of an agent's settings: {"hooks": {EVENT:
 * [ENTRY...]}}. */
#ifndef EC_INSTALL_ENTRIES_H
#define EC_INSTALL_ENTRIES_H

#include "settings.h"
#include "user/dialect/dialect.h"

/* The settings of an agent that had none; and what entries_remove leaves of
 * them. */
int entries_new(const struct dialect *dialect, const char *command, unsigned int timeout_s,
		struct settings *ret_settings);
int entries_none(const struct dialect *dialect, struct settings *ret_settings);
/* Adds command to each event that is to be installed; the agent waits for it
 * timeout_s. -EINVAL: *ret_where is no object or array, as it should be. */
int entries_add(struct settings *settings, const struct dialect *dialect, const char *command,
		unsigned int timeout_s, const char **ret_where);
/* Removes what entries_add added, whatever its command's path and options are,
 * and nothing else. The count of entries, or as entries_add. */
int entries_remove(struct settings *settings, const struct dialect *dialect,
		   const char **ret_where);
/* Does each event have exactly this command? */
bool entries_complete(const struct settings *settings, const struct dialect *dialect,
		      const char *command);

#endif
