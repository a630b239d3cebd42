/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect.h - how each coding agent speaks to its hooks: the names of its
 * events, where the tool's name, arguments and id are, which tools run a
 * command of a shell, what it takes for an answer, and where it is told of
 * hooks. One file per agent; no code beyond the making of answers.
 */
#ifndef EC_DIALECT_H
#define EC_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

enum dialect_moment {
	DIALECT_NO_MOMENT, /* the end of a table */
	DIALECT_BEFORE,
	DIALECT_AFTER,
	DIALECT_FAILED, /* after a call that failed */
};

struct dialect_event {
	const char *name;
	enum dialect_moment moment;
	bool installed; /* by `hook install` */
	/* An event that is about one tool alone names neither it nor its
	 * arguments: the payload's member `argument` is the only one. */
	const char *tool, *argument;
};

struct dialect_shell {
	const char *tool, *member; /* member: of the arguments, the command */
};

enum dialect_rewrite {
	DIALECT_KEEPS,	 /* a hook cannot change the command */
	DIALECT_SOME_DO, /* some versions let it; --exact says that this one does */
	DIALECT_REWRITES,
};

enum dialect_shape {	 /* how an entry of its settings is written */
	DIALECT_GROUPS,	 /* {"hooks": [{"type", "command", "timeout"}]} */
	DIALECT_BASH,	 /* {"type", "bash", "timeoutSec"} */
	DIALECT_COMMAND, /* {"command", "timeout"} */
	DIALECT_PLUGIN,	 /* no settings: a file of JavaScript */
};

struct dialect_settings {
	const char *variable;	      /* of the environment: the directory, NULL: none */
	const char *directory, *file; /* below the home; file: below directory */
	const char *project;	      /* below the working directory */
	enum dialect_shape shape;
	bool versioned;	     /* a file of its own begins with "version": 1 */
	unsigned int second; /* of its timeouts: 1, or 1000 for milliseconds */
};

#define DIALECT_EVENTS_MAX 10
#define DIALECT_FEW 4

struct dialect {
	const char *name;
	struct dialect_event events[DIALECT_EVENTS_MAX];
	/* Members of the payload; the first that is there counts. An agent
	 * whose payload does not name its event (event[0] NULL, or not there)
	 * has `result` for what only the events after a call have. */
	const char *event[DIALECT_FEW], *tool[DIALECT_FEW], *args[DIALECT_FEW], *id[DIALECT_FEW];
	const char *session[DIALECT_FEW], *result[DIALECT_FEW];
	struct dialect_shell shells[DIALECT_FEW];
	const char *background[DIALECT_FEW]; /* of the arguments: true = it outlives the call */
	enum dialect_rewrite rewrite;
	bool users_shell; /* commands run in $SHELL where that is bash or zsh, not in /bin/bash */
	/* Fill an empty answer; false: no memory. args: the rewritten
	 * arguments, NULL = as they are; stay the caller's. */
	bool (*allow)(struct cJSON *answer, const struct dialect_event *event, struct cJSON *args);
	bool (*deny)(struct cJSON *answer, const struct dialect_event *event, const char *reason);
	bool (*tell)(struct cJSON *answer, const struct dialect_event *event, const char *text);
	struct dialect_settings settings;
};

extern const struct dialect dialect_claude_code, dialect_codex, dialect_gemini, dialect_qwen,
	dialect_copilot, dialect_cursor, dialect_opencode, dialect_pi;

/* NULL: no such agent. */
const struct dialect *dialect_find(const char *name);
/* The names of all, for people. */
const char *dialect_names(void);

/* Claude Code's answers, which others understand too. */
bool dialect_claude_allow(struct cJSON *answer, const struct dialect_event *event,
			  struct cJSON *args);
bool dialect_claude_deny(struct cJSON *answer, const struct dialect_event *event,
			 const char *reason);
bool dialect_claude_tell(struct cJSON *answer, const struct dialect_event *event, const char *text);

/* Our own answers, to our own plugins. */
bool dialect_plugin_allow(struct cJSON *answer, const struct dialect_event *event,
			  struct cJSON *args);
bool dialect_plugin_deny(struct cJSON *answer, const struct dialect_event *event,
			 const char *reason);
bool dialect_plugin_tell(struct cJSON *answer, const struct dialect_event *event, const char *text);

#endif
