// SPDX-License-Identifier: Apache-2.0
/*
 * resolver_decide.c - what becomes of a question: answered from the cache, asked
 * of a server, or refused without leaving the host. And of an answer: the kernel
 * is told first, the agent then.
 */
#include <errno.h>
#include <string.h>

#include "address_range.h"
#include "resolver_impl.h"

#define SECOND_NS 1000000000ull
/* Notes of refusals: so many at once, then so many a second. */
#define NOTES_BURST 64u
#define NOTES_PER_SECOND 16u

static void reply_code(const struct asker *asker, const struct dns_query *query,
		       enum dns_rcode rcode, enum dns_why why)
{
	struct dns_reply reply = { .rcode = rcode, .why = why };

	front_reply(asker, query, &reply);
}

static bool may_note(struct resolver *resolver)
{
	uint64_t now = resolver_now(), fresh;

	fresh = (now - resolver->notes_at_ns) * NOTES_PER_SECOND / SECOND_NS;
	if (!resolver->notes_at_ns || fresh >= NOTES_BURST - resolver->notes_left)
		resolver->notes_left = NOTES_BURST;
	else
		resolver->notes_left += (unsigned int)fresh;
	if (fresh || !resolver->notes_at_ns)
		resolver->notes_at_ns = now;
	if (!resolver->notes_left) {
		resolver->notes_omitted++;
		return false;
	}
	resolver->notes_left--;
	return true;
}

/* True: it stands; false: nothing is refused to this agent. */
static bool refused(struct resolver *resolver, struct resolver_note note)
{
	const struct resolver_options *options = &resolver->options;

	note.omitted = resolver->notes_omitted;
	if (!may_note(resolver))
		return !options->ops->note(options->ctx, NULL);
	resolver->notes_omitted = 0;
	return !options->ops->note(options->ctx, &note);
}

static bool name_refused(struct resolver *resolver, const struct dns_query *query)
{
	struct resolver_word word = resolver->options.ops->name(resolver->options.ctx, query->name);

	return word.refusal && refused(resolver, (struct resolver_note) { .refusal = word.refusal,
									  .rule = word.rule,
									  .name = query->name,
									  .type = query->type });
}

void decide_query(struct resolver *resolver, const struct asker *asker, const uint8_t *bytes,
		  size_t len)
{
	const struct dns_answer *known;
	struct dns_query query;
	int r = dns_query_read(bytes, len, &query);

	if (r == -EINVAL) {
		/* no answer to what is no question; over TCP it has had its turn */
		if (asker->connection)
			asker->connection->waits = false;
		return;
	}
	if (r < 0) {
		reply_code(asker, &query, r == -ENOTSUP ? DNS_NOTIMP : DNS_FORMERR, DNS_WHY_NONE);
		return;
	}
	if (name_refused(resolver, &query)) {
		reply_code(asker, &query, DNS_NXDOMAIN, DNS_WHY_BLOCKED);
		return;
	}
	/* other types carry text, and lead nowhere that an address does not */
	if (query.type != DNS_A && query.type != DNS_AAAA) {
		reply_code(asker, &query, DNS_NOERROR, DNS_WHY_PROHIBITED);
		return;
	}
	known = name_cache_find(resolver->cache, query.name, query.type, resolver_now());
	if (known)
		decide_answer(resolver, asker, &query, known);
	else if (ask_start(resolver, asker, &query) < 0)
		reply_code(asker, &query, DNS_SERVFAIL, DNS_WHY_NONE);
}

/* An alias that `never` names, or an address that such a name does not have. */
static bool answer_refused(struct resolver *resolver, const struct dns_query *query,
			   const struct dns_answer *answer)
{
	const struct resolver_options *options = &resolver->options;
	struct resolver_note note = { .name = query->name, .type = query->type };

	for (size_t i = 0; i < answer->aliases_len; i++) {
		struct resolver_word word = options->ops->name(options->ctx, answer->aliases[i]);

		if (word.refusal != RESOLVER_NEVER)
			continue;
		note.refusal = RESOLVER_NEVER;
		note.rule = word.rule;
		note.alias = answer->aliases[i];
		return refused(resolver, note);
	}
	if (options->ops->is_private(options->ctx, query->name))
		return false;
	for (size_t i = 0; i < answer->addresses_len; i++) {
		if (!address_is_special(answer->addresses[i]) ||
		    options->ops->address(options->ctx, answer->addresses[i]))
			continue;
		note.refusal = RESOLVER_REBINDS;
		note.address = answer->addresses[i];
		return refused(resolver, note);
	}
	return false;
}

static int bind_all(struct resolver *resolver, const struct dns_query *query,
		    const struct dns_answer *answer, uint32_t ttl)
{
	const struct resolver_options *options = &resolver->options;
	uint64_t now = resolver_now(), keep_ns = options->keep_ms * 1000000ull;
	uint64_t stay_ns = ttl * SECOND_NS;
	int r;

	options->ops->expire(options->ctx, now);
	for (size_t i = 0; i < answer->addresses_len; i++) {
		r = options->ops->bind(options->ctx, query->name, answer->addresses[i],
				       now + (stay_ns > keep_ns ? stay_ns : keep_ns));
		if (r < 0)
			return r;
	}
	return 0;
}

void decide_answer(struct resolver *resolver, const struct asker *asker,
		   const struct dns_query *query, const struct dns_answer *answer)
{
	struct resolver_note note = { .name = query->name, .type = query->type };
	struct dns_reply reply = { 0 };

	if (!answer) {
		note.refusal = RESOLVER_NO_SERVER;
		refused(resolver, note);
		reply_code(asker, query, DNS_SERVFAIL, DNS_WHY_NETWORK);
		return;
	}
	/* a call may have ended since it was asked */
	if (name_refused(resolver, query) || answer_refused(resolver, query, answer)) {
		reply_code(asker, query, DNS_NXDOMAIN, DNS_WHY_BLOCKED);
		return;
	}
	reply.rcode = answer->rcode;
	reply.ttl = answer->ttl > NAME_TTL_MAX_S ? NAME_TTL_MAX_S : answer->ttl;
	reply.addresses = answer->addresses;
	reply.addresses_len = answer->addresses_len;
	if (bind_all(resolver, query, answer, reply.ttl) < 0) {
		note.refusal = RESOLVER_NO_ROOM;
		refused(resolver, note);
		reply_code(asker, query, DNS_SERVFAIL, DNS_WHY_NONE);
		return;
	}
	front_reply(asker, query, &reply);
}
