// SPDX-License-Identifier: Apache-2.0
/*
 * agent_names.c - entries of the table that all controllers on the host share
 * (bpf/name.h). One is taken by putting the agent's uid where 0
 * was; nobody but its owner writes it from then on.
 */
#include "agent_names.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "agent_impl.h"
#include "window.h"
#include "bpf/verdict.h"

#define EXPIRED 0

int agent_resolver(struct agent *agent, uint16_t port)
{
	if (port && !agent->sensor->control->redirect_cgroup)
		return -EOPNOTSUPP;
	agent->kept.resolver = htobe16(port);
	__atomic_store_n(&agent->shared->resolver, agent->kept.resolver, __ATOMIC_SEQ_CST);
	return 0;
}

static void forget(struct ec_name *name)
{
	__atomic_store_n(&name->expires_ns, EXPIRED, __ATOMIC_SEQ_CST);
	if (name->seq & 1) /* its controller was killed while it wrote */
		__atomic_add_fetch(&name->seq, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&name->uid, 0, __ATOMIC_SEQ_CST);
}

void names_clear(struct sensor *sensor, uint64_t uid)
{
	for (uint32_t i = 0; uid && i < EC_NAMES_MAX; i++)
		if (__atomic_load_n(&sensor->names[i].uid, __ATOMIC_SEQ_CST) == uid)
			forget(&sensor->names[i]);
}

void names_adopt(struct agent *agent)
{
	for (uint32_t i = 0; i < EC_NAMES_MAX && agent->names_len < AGENT_NAMES_MAX; i++)
		if (agent->sensor->names[i].uid == agent->uid) {
			/* half written when its controller died: never read, to be dropped */
			if (agent->sensor->names[i].seq & 1)
				agent->sensor->names[i].expires_ns = EXPIRED;
			agent->names[agent->names_len++] = (uint16_t)i;
		}
}

static struct ec_name *name_at(const struct agent *agent, uint32_t place)
{
	return &agent->sensor->names[place & (EC_NAMES_MAX - 1)];
}

static void drop(struct agent *agent, size_t i)
{
	forget(name_at(agent, agent->names[i]));
	agent->names[i] = agent->names[--agent->names_len];
}

void agent_names_expire(struct agent *agent, uint64_t now_ns)
{
	for (size_t i = agent->names_len; i-- > 0;)
		if (name_at(agent, agent->names[i])->expires_ns <= now_ns)
			drop(agent, i);
}

static void drop_first_to_expire(struct agent *agent)
{
	size_t first = 0;

	for (size_t i = 1; i < agent->names_len; i++)
		if (name_at(agent, agent->names[i])->expires_ns <
		    name_at(agent, agent->names[first])->expires_ns)
			first = i;
	drop(agent, first);
}

static bool is_same(const struct ec_name *name, const struct ec_name *other)
{
	return name->addr[0] == other->addr[0] && name->addr[1] == other->addr[1] &&
	       name->text_len == other->text_len &&
	       !memcmp(name->text, other->text, other->text_len);
}

/* Its place is this agent's, but for the kernel nothing is there yet. */
static void fill(struct ec_name *name, const struct ec_name *from)
{
	__atomic_add_fetch(&name->seq, 1, __ATOMIC_SEQ_CST);
	memcpy(name->addr, from->addr, sizeof(name->addr));
	memset(name->text, 0, sizeof(name->text));
	memcpy(name->text, from->text, from->text_len);
	name->text_len = from->text_len;
	__atomic_store_n(&name->expires_ns, from->expires_ns, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&name->seq, 1, __ATOMIC_SEQ_CST);
}

static int take(struct agent *agent, uint32_t place, const struct ec_name *from)
{
	for (uint32_t i = 0; i < EC_NAMES_PROBE; i++) {
		struct ec_name *name = name_at(agent, place + i);
		__u64 nobody = 0;

		if (!__atomic_compare_exchange_n(&name->uid, &nobody, agent->uid, false,
						 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		fill(name, from);
		agent->names[agent->names_len++] = (uint16_t)((place + i) & (EC_NAMES_MAX - 1));
		return 0;
	}
	return -ENOSPC;
}

/* 0: it was there already, and stays as long as the longer of the two. */
static int renew(struct agent *agent, uint32_t place, const struct ec_name *from)
{
	for (uint32_t i = 0; i < EC_NAMES_PROBE; i++) {
		struct ec_name *name = name_at(agent, place + i);

		if (name->uid != agent->uid || !is_same(name, from))
			continue;
		if (name->expires_ns < from->expires_ns)
			__atomic_store_n(&name->expires_ns, from->expires_ns, __ATOMIC_SEQ_CST);
		return 0;
	}
	return -ENOENT;
}

int agent_name_bind(struct agent *agent, const char *name, const uint8_t address[16],
		    uint64_t expires_ns)
{
	struct ec_name entry = { .uid = agent->uid, .expires_ns = expires_ns };
	size_t len = strlen(name);
	uint32_t place;

	if (!len || len > EC_NAME_TEXT - 3)
		return -EINVAL;
	entry.text[0] = EC_STRING_HOST;
	memcpy(entry.text + 1, name, len);
	entry.text_len = (uint32_t)len + 2;
	memcpy(entry.addr, address, sizeof(entry.addr));
	place = ec_name_place(agent->sensor->control->name_seed, agent->uid, entry.addr[0],
			      entry.addr[1]);
	if (renew(agent, place, &entry) == 0)
		return 0;
	if (agent->names_len == AGENT_NAMES_MAX)
		drop_first_to_expire(agent);
	return take(agent, place, &entry);
}

/* ---- what the policy says ---- */

/* One open call, or none: the state of its own automaton beside the policy's. */
struct question {
	const struct agent *agent;
	const struct ec_generation *generation;
	const struct ec_call *call;
	const struct ec_grant *grant;
	struct agent_word *word;
};

static uint32_t run(const struct question *q, uint32_t state, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && state; i++)
		state = ec_step((const void *)q->agent->sensor->arena, EC_ARENA_WORDS - 1, state,
				bytes[i]);
	return state;
}

static struct ec_match match(const struct question *q, uint32_t state, uint32_t tool)
{
	const uint64_t *arena = q->agent->sensor->arena;
	struct ec_match m = { 0 };
	uint32_t list = EC_STATE_ACCEPT(arena[(state + 1) & (EC_ARENA_WORDS - 1)]);
	uint32_t len = list ? (uint32_t)arena[list & (EC_ARENA_WORDS - 1)] : 0;

	for (uint32_t i = 0; state && i < len && i < EC_MAX_ACCEPT; i++)
		ec_match_entry(&m, arena[(list + 1 + i) & (EC_ARENA_WORDS - 1)],
			       EC_OP_BIT(EC_OP_CONNECT), tool, 0);
	return m;
}

/* One port: bpf/decide.bpf.c has the same order. */
static void ask_port(const struct question *q, uint32_t state, uint32_t own)
{
	struct ec_match m = match(q, state, q->grant ? q->grant->tool : 0), mine = { 0 };
	struct agent_word *word = q->word;
	uint32_t rule;

	if (own)
		mine = match(q, own, 0);
	rule = q->grant ? ec_call_grants(&m, &mine, 0) : m.baseline;
	if (m.never) {
		if (!word->rule)
			*word = (struct agent_word) { .never = true,
						      .rule = m.never,
						      .reason = EC_REASON_NEVER };
		return;
	}
	if (!rule)
		return;
	if (q->generation->tripped_ops & EC_OP_BIT(EC_OP_CONNECT)) {
		uint32_t flow = ec_flow_refuses(q->generation->flows, q->generation->tripped,
						m.excepts, EC_OP_BIT(EC_OP_CONNECT));

		if (flow) {
			*word = (struct agent_word) { .rule = flow, .reason = EC_REASON_FLOW };
			return;
		}
	}
	*word = (struct agent_word) { .allowed = true,
				      .rule = rule,
				      .reason = q->grant ? EC_REASON_CALL : EC_REASON_BASELINE };
}

/* Every port behind the string; runs of ports that lead to the same states are
 * asked for once. */
static void ask_ports(const struct question *q, const uint8_t *string, size_t len)
{
	uint32_t state = run(q, q->generation->start, string, len);
	uint32_t own = q->grant ? run(q, q->grant->start, string, len) : 0;
	uint32_t high_before = 0, high_own_before = 0;

	for (unsigned int i = 0; i < 256 && (state || own) && !q->word->allowed; i++) {
		uint8_t high = (uint8_t)i;
		uint32_t at = run(q, state, &high, 1), own_at = run(q, own, &high, 1);
		uint32_t before = 0, own_before = 0;

		if ((!at && !own_at) || (at == high_before && own_at == high_own_before))
			continue;
		high_before = at;
		high_own_before = own_at;
		for (unsigned int j = 0; j < 256 && !q->word->allowed; j++) {
			uint8_t low = (uint8_t)j;
			uint32_t end = run(q, at, &low, 1), own_end = run(q, own_at, &low, 1);

			if ((end || own_end) && (end != before || own_end != own_before))
				ask_port(q, end, own_end);
			before = end;
			own_before = own_end;
		}
	}
}

static struct agent_word ask(const struct agent *agent, const uint8_t *string, size_t len)
{
	struct agent_word word = { .reason = EC_REASON_UNDECLARED };
	uint32_t current = agent_current(agent);
	struct question q = { .agent = agent,
			      .generation = &agent->shared->generation[current],
			      .word = &word };

	if (window_open(agent->sensor, q.generation->rules_off, q.generation->rules_len) < 0 ||
	    window_open(agent->sensor, q.generation->region_off, q.generation->region_len) < 0)
		return word;
	ask_ports(&q, string, len);
	for (uint32_t bit = 0; bit < EC_MAX_CALLS && !word.allowed; bit++) {
		if (!agent->open[bit])
			continue;
		q.call = agent_shared_call(agent, bit);
		q.grant = &q.call->grant[current];
		ask_ports(&q, string, len);
	}
	window_close(agent->sensor, q.generation->region_off, q.generation->region_len);
	window_close(agent->sensor, q.generation->rules_off, q.generation->rules_len);
	return word;
}

struct agent_word agent_asks_name(const struct agent *agent, const char *name)
{
	uint8_t string[EC_NAME_TEXT];
	size_t len = strlen(name);

	if (!len || len > EC_NAME_TEXT - 3)
		return (struct agent_word) { .reason = EC_REASON_DOUBT };
	string[0] = EC_STRING_HOST;
	memcpy(string + 1, name, len + 1);
	return ask(agent, string, len + 2);
}

struct agent_word agent_asks_address(const struct agent *agent, const uint8_t address[16])
{
	uint8_t string[17] = { EC_STRING_INET };

	memcpy(string + 1, address, 16);
	return ask(agent, string, sizeof(string));
}
