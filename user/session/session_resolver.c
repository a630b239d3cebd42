// SPDX-License-Identifier: Apache-2.0
/*
 * session_resolver.c - the agent's resolver: on as long as its policy names
 * hosts, asking the servers that the policy gives, or the host's own.
 */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "bpf/verdict.h"
#include "session_impl.h"
#include "user/resolver/resolver.h"

#define RESOLV_CONF "/etc/resolv.conf"

static enum resolver_refusal refusal_of(const struct agent_word *word)
{
	return word->allowed		       ? 0 :
	       word->reason == EC_REASON_NEVER ? RESOLVER_NEVER :
	       word->reason == EC_REASON_FLOW  ? RESOLVER_FLOW :
						 RESOLVER_UNNAMED;
}

static struct resolver_word on_name(void *ctx, const char *name)
{
	const struct session *session = ctx;
	struct agent_word word = agent_asks_name(session->agent, name);

	return (struct resolver_word) { .refusal = refusal_of(&word), .rule = word.rule };
}

static bool on_address(void *ctx, const uint8_t address[16])
{
	const struct session *session = ctx;

	return agent_asks_address(session->agent, address).allowed;
}

static bool on_private(void *ctx, const char *name)
{
	const struct session *session = ctx;

	return policy_name_is_private(session->installed.policy, name);
}

static int on_bind(void *ctx, const char *name, const uint8_t address[16], uint64_t expires_ns)
{
	const struct session *session = ctx;

	return agent_name_bind(session->agent, name, address, expires_ns);
}

static void on_expire(void *ctx, uint64_t now_ns)
{
	const struct session *session = ctx;

	agent_names_expire(session->agent, now_ns);
}

static void add_address(struct cJSON *record, const uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN] = "";

	if (!memcmp(address, mapped, sizeof(mapped)))
		inet_ntop(AF_INET, address + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, address, text, sizeof(text));
	cJSON_AddStringToObject(record, "address", text);
}

static const char *reason_of(enum resolver_refusal refusal)
{
	static const char *const reasons[] = {
		[RESOLVER_UNNAMED] = "undeclared", [RESOLVER_NEVER] = "never",
		[RESOLVER_FLOW] = "flow",	   [RESOLVER_REBINDS] = "rebinding",
		[RESOLVER_NO_ROOM] = "no room",	   [RESOLVER_NO_SERVER] = "no server",
	};

	return reasons[refusal];
}

/* A server that is silent is no denial, and there is nothing to permit instead. */
static bool permits_all(const struct session *session, enum resolver_refusal refusal)
{
	if (refusal == RESOLVER_NO_ROOM || refusal == RESOLVER_NO_SERVER)
		return false;
	return session_observes(session) ||
	       (refusal == RESOLVER_UNNAMED && policy_logs_undeclared(session->installed.policy));
}

static bool on_note(void *ctx, const struct resolver_note *note)
{
	struct session *session = ctx;
	bool permitted;
	cJSON *record;

	if (!note)
		return session_observes(session);
	permitted = permits_all(session, note->refusal);
	record = session_record(session, "lookup");
	if (!record)
		return permitted;
	cJSON_AddStringToObject(record, "name", note->name);
	cJSON_AddStringToObject(record, "type",
				note->type == 1	 ? "A" :
				note->type == 28 ? "AAAA" :
						   "other");
	cJSON_AddStringToObject(
		record, "verdict",
		decode_verdict(permitted ? EC_VERDICT_WOULD_DENY : EC_VERDICT_DENY));
	cJSON_AddStringToObject(record, "reason", reason_of(note->refusal));
	if (note->address)
		add_address(record, note->address);
	if (note->alias)
		cJSON_AddStringToObject(record, "alias", note->alias);
	if (note->omitted)
		cJSON_AddNumberToObject(record, "omitted", (double)note->omitted);
	session_add_rule(session->installed.policy, record, note->rule);
	session_write(session, record);
	return permitted;
}

/* ---- its servers ---- */

struct servers {
	struct resolver_server at[RESOLVER_SERVERS_MAX];
	size_t len;
};

static void add_server(struct servers *servers, const struct policy_server *from)
{
	struct resolver_server *to = &servers->at[servers->len];

	if (servers->len == RESOLVER_SERVERS_MAX || !from->port)
		return;
	memcpy(to->address, from->address, sizeof(to->address));
	to->port = from->port;
	servers->len++;
}

/* resolv.conf(5). One with a zone id, which only this host's interfaces give a
 * meaning, is left out. */
static void read_resolv_conf(struct servers *servers)
{
	FILE *file = fopen(RESOLV_CONF, "re");
	char line[512], address[64];
	struct policy_server server;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " nameserver %63s", address) == 1 &&
		    policy_server_read(address, &server) == 0)
			add_server(servers, &server);
	if (file)
		fclose(file);
}

static struct servers servers_of(const struct policy *policy)
{
	struct servers servers = { .len = 0 };

	for (size_t i = 0; i < policy_servers(policy); i++) {
		struct policy_server server = policy_server(policy, i);

		add_server(&servers, &server);
	}
	if (!servers.len)
		read_resolv_conf(&servers);
	return servers;
}

/* ---- its life ---- */

static int start(struct session *session, const struct resolver_options *options)
{
	struct epoll_event event = { .events = EPOLLIN };
	int r = resolver_open(options, &session->resolver);

	if (r < 0)
		return r;
	if (epoll_ctl(session->rings_fd, EPOLL_CTL_ADD, resolver_fd(session->resolver), &event))
		return -errno;
	return agent_resolver(session->agent, resolver_port(session->resolver));
}

/* Look-ups still lead where it was, which is nowhere now. */
void session_resolver_close(struct session *session)
{
	resolver_close(session->resolver);
	session->resolver = NULL;
}

int session_resolver_set(struct session *session)
{
	static const struct resolver_ops ops = {
		.name = on_name,
		.address = on_address,
		.is_private = on_private,
		.bind = on_bind,
		.expire = on_expire,
		.note = on_note,
	};
	const struct policy *policy = session->installed.policy;
	struct servers servers = servers_of(policy);
	struct resolver_options options = { .ops = &ops,
					    .ctx = session,
					    .servers = servers.at,
					    .servers_len = servers.len,
					    .keep_ms = policy_keep_ms(policy) };
	int r = 0;

	/* nothing leads look-ups there where nothing is held back */
	if (!policy_names_hosts(policy) || session->sensor->watches) {
		agent_resolver(session->agent, 0);
		session_resolver_close(session);
	} else if (session->resolver) {
		resolver_change(session->resolver, &options);
	} else if ((r = start(session, &options)) < 0) {
		fprintf(stderr, "enforcecore: the agent's resolver cannot be opened: %s\n",
			r == -EOPNOTSUPP ? "the kernel does not redirect look-ups" : strerror(-r));
		session_resolver_close(session);
	}
	return r;
}

void session_resolver_run(struct session *session)
{
	if (session->resolver)
		resolver_run(session->resolver);
}
