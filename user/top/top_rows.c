// SPDX-License-Identifier: Apache-2.0
#include "top_rows.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "user/plain.h"

static const cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const cJSON *find(const cJSON *status, uint64_t uid)
{
	const cJSON *agent;

	cJSON_ArrayForEach (agent, get(status, "agents")) {
		if ((uint64_t)plain_number(agent, "agent") == uid)
			return agent;
	}
	return NULL;
}

static double sum(const cJSON *numbers)
{
	const cJSON *number;
	double all = 0;

	cJSON_ArrayForEach (number, numbers) {
		all += cJSON_IsNumber(number) ? number->valuedouble : 0;
	}
	return all;
}

static uint64_t effects_of(const cJSON *agent)
{
	const cJSON *op;
	double all = 0;

	cJSON_ArrayForEach (op, get(agent, "effects")) {
		all += sum(op);
	}
	return (uint64_t)all;
}

/* A count that went back is another's. */
static double rate(uint64_t before, uint64_t after, double seconds)
{
	return seconds > 0 && after > before ? (double)(after - before) / seconds : 0;
}

static struct top_row row_of(const cJSON *agent, const cJSON *before, double seconds)
{
	const cJSON *lost = get(agent, "lost");
	struct top_row row = {
		.agent = agent,
		.uid = (uint64_t)plain_number(agent, "agent"),
		.effects = effects_of(agent),
		.denied = (uint64_t)plain_number(agent, "denied"),
		.lost = (uint64_t)(plain_number(lost, "denials") + plain_number(lost, "effects")),
		.calls = (unsigned int)cJSON_GetArraySize(get(agent, "calls")),
		.tasks = (unsigned int)plain_number(agent, "tasks"),
	};

	if (before) {
		row.effects_s = rate(effects_of(before), row.effects, seconds);
		row.denials_s = rate((uint64_t)plain_number(before, "denied"), row.denied, seconds);
	}
	return row;
}

static int busiest(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (x->effects_s != y->effects_s)
		return x->effects_s < y->effects_s ? 1 : -1;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static void add(struct top_row *total, const struct top_row *row)
{
	total->effects_s += row->effects_s;
	total->denials_s += row->denials_s;
	total->effects += row->effects;
	total->denied += row->denied;
	total->lost += row->lost;
	total->calls += row->calls;
	total->tasks += row->tasks;
}

void top_rows_fill(struct top_rows *rows, const struct cJSON *earlier, const struct cJSON *later,
		   double seconds)
{
	const cJSON *agent;

	rows->len = 0;
	memset(&rows->total, 0, sizeof(rows->total));
	cJSON_ArrayForEach (agent, get(later, "agents")) {
		uint64_t uid = (uint64_t)plain_number(agent, "agent");

		if (rows->len == EC_MAX_AGENTS)
			break;
		rows->at[rows->len] = row_of(agent, find(earlier, uid), seconds);
		add(&rows->total, &rows->at[rows->len++]);
	}
	qsort(rows->at, rows->len, sizeof(rows->at[0]), busiest);
}
