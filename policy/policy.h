/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - the one door to the policy language: load a file, ask it about a
 * tool, compile it for the kernel, compile one call for the kernel.
 *
 * A policy is immutable once loaded. Functions return 0 or a negative errno
 * and then fill *ret_diag with one sentence and its place.
 */
#ifndef EC_POLICY_H
#define EC_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct cJSON;
struct policy;

/* One problem and its place. line and column count from 1, 0 = none. */
struct policy_diag {
	char file[256];
	unsigned int line;
	unsigned int column;
	char text[512];
};

/* Prints "file:line:column: text" (only the parts that are known). */
void policy_diag_print(const struct policy_diag *diag, FILE *to);

/* Loads a YAML or JSON file, and the files that it extends, of at most 16 MiB
 * together. Unknown keys are warnings, each given to warn (may be NULL); with
 * strict they are errors. open (may be NULL) opens a file that `extends` names,
 * path as resolved against the directory of name or path; it returns a
 * descriptor, which is then closed here, or a negative errno: -EPERM where the
 * author of a policy may not name files. NULL opens any regular file.
 * unseen and unchanged (may be NULL) list
 * paths, ended by NULL: what never.read and never.write refuse, or never.write alone,
 * whatever the file says; each is a pattern.
 * closed (may be NULL) lists endpoints, ended by NULL, that are refused as
 * never.connect refuses, whatever the file says. work (may be NULL) is a path
 * pattern of files that every tool under kernel.tools may also write, within its
 * ceiling or not: whoever evaluates a policy sees there which calls it permits.
 * -EINVAL: not a policy; -E2BIG: a limit; -ELOOP: a file extends itself;
 * -ENOENT and others from open(2). */
struct policy_load_options {
	bool strict;
	void (*warn)(void *ctx, const struct policy_diag *warning);
	int (*open)(void *ctx, const char *path);
	void *ctx;
	const char *const *closed;
	const char *const *unseen;
	const char *const *unchanged;
	const char *work;
};
int policy_load(const char *path, const struct policy_load_options *options,
		struct policy **ret_policy, struct policy_diag *ret_diag);
int policy_load_buffer(const char *name, const char *text, size_t text_len,
		       const struct policy_load_options *options, struct policy **ret_policy,
		       struct policy_diag *ret_diag);
void policy_free(struct policy *policy); /* NULL is fine */

const char *policy_name(const struct policy *policy);
const char *policy_version(const struct policy *policy);
size_t policy_tools(const struct policy *policy); /* entries under kernel.tools */
const char *policy_tool_name(const struct policy *policy, size_t index); /* of those; NULL: none */
bool policy_observes(const struct policy *policy);			 /* kernel.mode: observe */
bool policy_logs_undeclared(const struct policy *policy);		 /* undeclared: log */
/* kernel.declare: who may declare calls over the control socket. */
enum policy_declare {
	POLICY_DECLARE_DEFAULT = 0, /* not written: the agent of `run`, no server of `mcp` */
	POLICY_DECLARE_AGENT = 1,
	POLICY_DECLARE_NOBODY = 2,
};
enum policy_declare policy_declare(const struct policy *policy);
uint64_t policy_allow(const struct policy *policy); /* bit p: enum ec_priv p */
const char *policy_priv_name(unsigned int priv);    /* enum ec_priv, as in `allow`; NULL: none */

/* Whether an allow rule of it names hosts: then the agent's look-ups are
 * answered by its own resolver (user/resolver). */
bool policy_names_hosts(const struct policy *policy);
/* kernel.resolver: who is asked (none: the host's own servers), for how long at least a
 * name that was looked up may be connected to, and the names that may have
 * addresses of private networks. Addresses as ::ffff:a.b.c.d; port in host order. */
struct policy_server {
	uint8_t address[16];
	uint16_t port;
};
#define POLICY_KEEP_MS (30u * 1000u)
size_t policy_servers(const struct policy *policy);
struct policy_server policy_server(const struct policy *policy, size_t index);
int policy_server_read(const char *text, struct policy_server *ret_server); /* -EINVAL */
uint32_t policy_keep_ms(const struct policy *policy);
bool policy_name_is_private(const struct policy *policy, const char *name);

/* What a call of this tool shares with no other: it is open alone. */
bool policy_serializes(const struct policy *policy, const char *tool);
/* What replaces personal data and secrets (pii/pii.h) in the arguments of
 * calls, and in what comes back; NULL: they stay. It lives as long as policy. */
struct pii;
const struct pii *policy_redacts_input(const struct policy *policy);
const struct pii *policy_redacts_output(const struct policy *policy);

/* kernel.guards: servers that say whether a call is safe before it opens. */
enum policy_guard_protocol {
	POLICY_GUARD_LLAMAGUARD = 1, /* chat completions whose answer is "safe" or "unsafe" */
	POLICY_GUARD_NEMO = 2,	     /* a NeMo Guardrails server: completions, or checks */
};
/* Requests to one guard at once, from one session; others wait for them. */
#define POLICY_GUARD_PARALLEL 4u
#define POLICY_GUARD_PARALLEL_MAX 32u
/* All of them have to agree; with a few of them nobody waits long. */
#define POLICY_GUARDS_OF_CALL 4u
struct policy_guard {
	const char *name;
	enum policy_guard_protocol protocol;
	const char *url;		/* as written */
	const char *host, *target;	/* the latter with its query */
	const char *model, *config;	/* NULL: none */
	const char *key_file, *ca_file; /* NULL: none */
	uint32_t timeout_ms, cache_ms;	/* cache 0: none */
	uint32_t rule;
	unsigned int parallel;
	unsigned int uses; /* lists that name it */
	uint16_t port;
	bool https, is_v6, is_name;
	bool opens_on_error; /* what it does not answer opens all the same */
	bool shared;	     /* the agent may connect to it as well */
};
size_t policy_guard_count(const struct policy *policy);
const struct policy_guard *policy_guard(const struct policy *policy, size_t index); /* NULL: none */
/* Those that calls of this tool need; returns how many. */
size_t policy_guards_of(const struct policy *policy, const char *tool,
			const struct policy_guard *ret_guards[POLICY_GUARDS_OF_CALL]);

/* What looks at a model's words before a call of theirs opens. */
struct policy_guards {
	size_t patterns;     /* of content_rules, searched in every text of a call */
	size_t asks;	     /* tools each of whose calls somebody has to approve */
	size_t args;	     /* tools with rules of arguments */
	size_t guarded;	     /* tools whose calls servers have to call safe */
	bool redacts_input;  /* personal data and secrets in arguments */
	bool redacts_output; /* and in what comes back */
};
struct policy_guards policy_guards(const struct policy *policy);

/* One rule as the trail names it. id 0 and ids out of range give NULL. */
struct policy_rule {
	const char *section; /* "never.read", "tools.write_file.write", "rules.denied_tools" */
	const char *pattern; /* as written */
	const char *file;
	unsigned int line;
	unsigned int column;
};
const struct policy_rule *policy_rule(const struct policy *policy, uint32_t id);

/* Flow rules in the order of their bits (bpf/rule.h, EC_MAX_FLOWS). */
struct policy_flow {
	uint32_t rule;
	uint32_t ops; /* EC_OP_BIT, what it refuses once tripped */
};
struct policy_flow policy_flow(const struct policy *policy, size_t index); /* ops 0: none */
/* The flows of `to` that what trips this one trips as well: those after the
 * same operation on a label of the same name. */
uint32_t policy_flow_carry(const struct policy *policy, size_t index, const struct policy *to);

/* May this tool be called at all? Deny beats allow, names match whole and
 * without regard to case. Where all are allowed, a name beyond ASCII must be one
 * that the policy writes: it may look like a denied one. On refusal *ret_reason is a static or policy-owned
 * sentence and *ret_rule the rule (0 when no list names it). */
bool policy_tool_allowed(const struct policy *policy, const char *tool, const char **ret_reason,
			 uint32_t *ret_rule);

/* Where the agent lives: paths of declared arguments are resolved there. */
struct policy_env {
	int root_fd;	  /* O_PATH of its root directory (/proc/PID/root) */
	int cwd_fd;	  /* O_PATH of its working directory */
	const char *home; /* absolute, for '~' */
	const char *own; /* our own program, which the agent may run to declare; NULL: it may not */
	int64_t now;	 /* seconds since the epoch; 0: ask the clock */
};

/* A compiled automaton, relative (bpf/rule.h). */
struct automaton {
	uint64_t *words;
	uint32_t words_len; /* in words */
	uint32_t start;	    /* first state, relative; 0 = matches nothing */
	uint32_t moves;	    /* where the states end and the transitions begin */
	uint32_t lists;	    /* where those end and the accept lists begin */
};
void automaton_done(struct automaton *automaton);
/* Copies it to dst, an array of dst words, for use at arena index offset. */
void automaton_install(const struct automaton *automaton, uint32_t offset, uint64_t *dst);

/* What one policy may take of the kernel's arena, in words (8 MiB, half of it). */
#define POLICY_WORDS_MAX (1u << 20)
/* What one call may take of it: a hundred long paths and more. */
#define POLICY_CALL_WORDS_MAX (32u * 1024u)

/* The whole policy as one automaton. Symbolic links in the literal part of a
 * pattern are followed in env, so that /bin/sh means what it opens; one that
 * the policy itself lets the agent replace is not (warn says so). Host names in endpoints are
 * resolved now. -E2BIG: more than words_max words or too many overlaps. */
int policy_compile(const struct policy *policy, const struct policy_env *env, uint32_t words_max,
		   const struct policy_load_options *options, struct automaton *ret_automaton,
		   struct policy_diag *ret_diag);

/* The objects that exist now and that never rules name by a literal path or
 * below a literal directory (bounded by max; -E2BIG past it). */
struct policy_node {
	uint64_t ino; /* as the kernel has it: fdinfo "ino" */
	uint32_t dev; /* s_dev as in mountinfo: major << 20 | minor */
	uint32_t ops; /* EC_OP_BIT */
	uint32_t rule;
	uint32_t version; /* i_generation */
	bool any;	  /* it cannot be told: whatever has the number */
};
/* What one agent may have of them in the kernel. */
#define POLICY_NODES_MAX 5120u
int policy_never_nodes(const struct policy *policy, const struct policy_env *env, size_t max,
		       struct policy_node **ret_nodes, size_t *ret_len,
		       struct policy_diag *ret_diag);

/* Which tasks of the agent have a call's grants. Standing processes are those
 * that were started while no call was open, and their threads. */
enum policy_scope {
	POLICY_SCOPE_PROCESS = 1, /* the standing processes */
	POLICY_SCOPE_SUBTREE = 2, /* and what they start while it is open */
	POLICY_SCOPE_AGENT = 3,	  /* and what was started during other calls */
};

/* One declared call, ready for the kernel. */
struct policy_call {
	struct automaton automaton; /* its argument grants; start 0 = none */
	uint16_t tool;		    /* EC_CLASS_TOOL id, 0 = none */
	uint16_t within;	    /* EC_CLASS_WITHIN id, 0 = no ceiling */
	enum policy_scope scope;
	uint32_t timeout_ms; /* 0 = POLICY_TIMEOUT_MS */
	uint32_t window_ms;  /* until its window of time ends, 0 = it does not */
	bool closed;	     /* of a refusal: no window of time is open */
};
/* Of a call whose tool has none of its own. */
#define POLICY_TIMEOUT_MS (300u * 1000u)
/* Fills the arguments into the tool's patterns. Arguments are text, never
 * patterns. args is the JSON object of the declaration or NULL. policy_image
 * is the relative automaton that policy_compile made: the resolved path of
 * every argument must lie in the tool's ceiling. -EACCES: refused by the
 * policy, ret_diag->text says why in words for the agent; -EINVAL: malformed;
 * -E2BIG: more than words_max words. */
int policy_call_compile(const struct policy *policy, const struct policy_env *env,
			const struct automaton *policy_image, const char *tool,
			const struct cJSON *args, uint32_t words_max, struct policy_call *ret_call,
			struct policy_diag *ret_diag);
void policy_call_done(struct policy_call *call);
/* The same, and each (not NULL) is told of every grant that the arguments come to,
 * see policy_call_grants, also of those before a refusal. */
struct policy_grant;
int policy_call_compile_told(const struct policy *policy, const struct policy_env *env,
			     const struct automaton *policy_image, const char *tool,
			     const struct cJSON *args, uint32_t words_max,
			     int (*each)(void *ctx, const struct policy_grant *grant), void *ctx,
			     struct policy_call *ret_call, struct policy_diag *ret_diag);

/* What that call would be granted, for people: each is told of every grant
 * that it compiles to, those without arguments too, and of the ceiling. What
 * each returns below 0 ends it; the other errors are policy_call_compile's. */
struct policy_grant {
	uint32_t op;	     /* enum ec_op; 0: paths only below this pattern */
	uint32_t rule;	     /* 0: the ceiling is empty, no path lies below */
	uint32_t text;	     /* the same for all that one filled-in text comes to; 0: none is */
	const char *pattern; /* arguments filled in, links followed */
};
int policy_call_grants(const struct policy *policy, const struct policy_env *env,
		       const struct automaton *policy_image, const char *tool,
		       const struct cJSON *args,
		       int (*each)(void *ctx, const struct policy_grant *grant), void *ctx,
		       struct policy_diag *ret_diag);

#endif
