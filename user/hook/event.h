/* SPDX-License-Identifier: Apache-2.0 */
/* event.h - what an agent says of one event, in its own dialect, as what is
 * to be declared. Bytes from an agent are hostile. */
#ifndef EC_HOOK_EVENT_H
#define EC_HOOK_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "user/dialect/dialect.h"

#define EVENT_BYTES_MAX (10u << 20) /* as a control line */
#define EVENT_VALUES_MAX 1000000u   /* 64 bytes of memory each */
#define EVENT_TOOL_MAX 256u	    /* COMPAT: the longest name of a tool */
#define EVENT_ID_MAX 256u	    /* user/PROTOCOL.md */

struct event {
	const struct dialect_event *kind;
	char tool[EVENT_TOOL_MAX + 1];
	char id[EVENT_ID_MAX + 1]; /* the agent's, or one made of session, tool and arguments */
	bool id_is_made;
	struct cJSON *args;		   /* an object */
	const struct dialect_shell *shell; /* the tool runs a shell's command ... */
	const char *command;		   /* ... this one */
	bool background;
	const char *outcome;   /* after: done, error or cancelled */
	struct cJSON *payload; /* owns what is not its own */
};

/* bytes are changed; they end with a NUL that bytes_len does not count. Not 0:
 * reason says what is wrong with them and where. */
int event_read(const struct dialect *dialect, char *bytes, size_t bytes_len,
	       struct event *ret_event, char *reason, size_t reason_len);
void event_done(struct event *event);

#endif
