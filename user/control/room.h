/* SPDX-License-Identifier: Apache-2.0 */
/* room.h - a session's control socket: its path, its mark, its server. */
#ifndef EC_CONTROL_ROOM_H
#define EC_CONTROL_ROOM_H

#include <stdbool.h>

struct control;
struct event_base;
struct session;

struct control_room {
	struct session *session;
	bool by_default; /* the agent may declare where the policy does not say */
	struct control *control;
	char path[64];
};

/* ctx: struct control_room. Listens, and puts the path into our environment
 * for the agent to inherit. Errors went to stderr. */
int control_room_open(void *ctx, struct event_base *base);
void control_room_close(void *ctx);

#endif
