// SPDX-License-Identifier: Apache-2.0
/* The table of names as one controller writes it, and what the kernel would read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/verdict.h"
#include "user/sensor/agent_impl.h"

static struct sensor sensor;
static struct ec_agent shared[2];
static struct agent agents[2];

static void begin(void)
{
	sensor.names = calloc(EC_NAMES_MAX, sizeof(*sensor.names));
	sensor.control = calloc(1, sizeof(*sensor.control));
	sensor.control->name_seed = 0x1234567890abcdefull;
	sensor.control->redirect_cgroup = 1;
	for (size_t i = 0; i < 2; i++) {
		agents[i] =
			(struct agent) { .sensor = &sensor, .shared = &shared[i], .uid = 7 + i };
		shared[i].uid = 7 + i;
	}
}

static void end(void)
{
	free(sensor.names);
	free(sensor.control);
}

TestSuite(agent_names, .init = begin, .fini = end);

static void address_of(unsigned int n, uint8_t to[16])
{
	memset(to, 0, 10);
	to[10] = to[11] = 0xff;
	to[12] = 93;
	to[13] = (uint8_t)(n >> 16);
	to[14] = (uint8_t)(n >> 8);
	to[15] = (uint8_t)n;
}

/* As bpf/resolve.bpf.c looks for it. */
static unsigned int names_of(unsigned int a, unsigned int n, uint64_t now, const char *text)
{
	unsigned int found = 0;
	uint64_t halves[2];
	uint32_t place;

	address_of(n, (uint8_t *)halves);
	place = ec_name_place(sensor.control->name_seed, agents[a].uid, halves[0], halves[1]);
	for (uint32_t i = 0; i < EC_NAMES_PROBE; i++) {
		const struct ec_name *name = &sensor.names[(place + i) & (EC_NAMES_MAX - 1)];

		if (name->uid == agents[a].uid && name->addr[0] == halves[0] &&
		    name->addr[1] == halves[1] && name->expires_ns > now && !(name->seq & 1))
			found += !text || !strcmp((const char *)name->text + 1, text);
	}
	return found;
}

static int bind_to(unsigned int a, const char *name, unsigned int n, uint64_t expires)
{
	uint8_t address[16];

	address_of(n, address);
	return agent_name_bind(&agents[a], name, address, expires);
}

Test(agent_names, an_address_has_several_names_of_one_agent)
{
	cr_assert_eq(bind_to(0, "a.org", 1, 100), 0);
	cr_assert_eq(bind_to(0, "b.org", 1, 100), 0);
	cr_assert_eq(bind_to(0, "a.org", 1, 200), 0);
	cr_assert_eq(names_of(0, 1, 99, NULL), 2);
	cr_assert_eq(names_of(0, 1, 150, "a.org"), 1);
	cr_assert_eq(names_of(0, 1, 150, NULL), 1);
	cr_assert_eq(names_of(1, 1, 50, NULL), 0);
	cr_assert_eq(names_of(0, 2, 50, NULL), 0);
	cr_assert_eq(agents[0].names_len, 2);
}

Test(agent_names, the_longer_time_counts)
{
	bind_to(0, "a.org", 1, 200);
	bind_to(0, "a.org", 1, 100);
	cr_assert_eq(names_of(0, 1, 150, "a.org"), 1);
}

Test(agent_names, what_has_expired_makes_room)
{
	for (unsigned int i = 0; i < 100; i++)
		bind_to(0, "a.org", i, 100 + i);
	agent_names_expire(&agents[0], 150);
	cr_assert_eq(agents[0].names_len, 49);
	cr_assert_eq(names_of(0, 50, 0, NULL), 0);
	cr_assert_eq(names_of(0, 51, 0, NULL), 1);
}

Test(agent_names, at_the_limit_the_first_to_expire_goes)
{
	for (unsigned int i = 0; i <= AGENT_NAMES_MAX; i++)
		cr_assert_eq(bind_to(0, "a.org", i, 1000 + i), 0, "%u", i);
	cr_assert_eq(agents[0].names_len, AGENT_NAMES_MAX);
	cr_assert_eq(names_of(0, 0, 0, NULL), 0);
	cr_assert_eq(names_of(0, 1, 0, NULL), 1);
	cr_assert_eq(names_of(0, AGENT_NAMES_MAX, 0, NULL), 1);
}

/* Neighbours do not end up in one place: half of the table is used without a miss. */
Test(agent_names, addresses_side_by_side_find_room)
{
	for (unsigned int a = 0; a < 8; a++) {
		agents[0].uid = shared[0].uid = 100 + a;
		agents[0].names_len = 0;
		for (unsigned int i = 0; i < AGENT_NAMES_MAX; i++)
			cr_assert_eq(bind_to(0, "a.org", i, 1000), 0, "agent %u, %u", a, i);
	}
}

Test(agent_names, a_full_table_says_so)
{
	for (unsigned int i = 0; i < EC_NAMES_MAX; i++)
		sensor.names[i].uid = 99;
	cr_assert_eq(bind_to(0, "a.org", 1, 100), -ENOSPC);
	cr_assert_eq(agents[0].names_len, 0);
	names_clear(&sensor, 99);
	cr_assert_eq(bind_to(0, "a.org", 1, 100), 0);
}

Test(agent_names, names_are_of_some_length)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[254] = '\0';
	cr_assert_eq(bind_to(0, name, 1, 100), -EINVAL);
	name[253] = '\0';
	cr_assert_eq(bind_to(0, name, 1, 100), 0);
	cr_assert_eq(names_of(0, 1, 0, name), 1);
	cr_assert_eq(bind_to(0, "", 1, 100), -EINVAL);
}

Test(agent_names, without_a_redirection_there_is_no_resolver)
{
	cr_assert_eq(agent_resolver(&agents[0], 1234), 0);
	cr_assert_eq(shared[0].resolver, 0xd204, "network order");
	sensor.control->redirect_cgroup = 0;
	cr_assert_eq(agent_resolver(&agents[0], 1234), -EOPNOTSUPP);
	cr_assert_eq(agent_resolver(&agents[0], 0), 0);
	cr_assert_eq(shared[0].resolver, 0);
}
