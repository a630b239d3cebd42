// SPDX-License-Identifier: Apache-2.0
/* join_describe.c - the join as the trail has it. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "join_impl.h"
#include "user/trail/trail.h"

/* Takes ownership of entry. */
static int add_entry(cJSON *array, cJSON *entry, int r)
{
	if (r == 0)
		r = entry && cJSON_AddItemToArray(array, entry) ? 0 : -ENOMEM;
	if (r < 0)
		cJSON_Delete(entry);
	return r;
}

static int add_number(cJSON *record, const char *name, uint64_t number)
{
	return cJSON_AddNumberToObject(record, name, (double)number) ? 0 : -ENOMEM;
}

/* A name that is not known any more, or has no room, is null. */
static int add_program(const struct join_names *names, uint32_t image, cJSON *array,
		       size_t *text_len, uint64_t *omitted)
{
	cJSON *entry = cJSON_CreateObject();
	const char *path;
	size_t len = 0;
	int r = -ENOMEM;

	path = images_find(names->images, image, &len);
	if (path && len > JOIN_PROGRAMS_TEXT_MAX - *text_len) {
		path = NULL;
		(*omitted)++;
	}
	*text_len += path ? len : 0;
	if (entry)
		r = path && len				? trail_add_bytes(entry, "exe", path, len) :
		    cJSON_AddNullToObject(entry, "exe") ? 0 :
							  -ENOMEM;
	return add_entry(array, entry, r);
}

static int add_processes(const struct join *join, const struct join_names *names, cJSON *observed,
			 uint64_t *omitted)
{
	cJSON *array = cJSON_AddArrayToObject(observed, "processes");
	size_t text_len = 0;
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < join->processes_len; i++) {
		const struct join_process *process = &join->processes[i];
		cJSON *entry = cJSON_CreateObject(), *programs = NULL;

		r = add_number(entry, "pid", process->pid);
		if (r == 0)
			r = add_number(entry, "parent", process->parent);
		if (r == 0 && !(programs = cJSON_AddArrayToObject(entry, "programs")))
			r = -ENOMEM;
		for (size_t j = 0; r == 0 && j < process->images_len; j++)
			r = add_program(names, process->images[j], programs, &text_len, omitted);
		r = add_entry(array, entry, r);
	}
	return r;
}

static int add_seen(const struct join_seen *seen, cJSON *entry)
{
	const struct effect effect = { .obs = seen->obs, .target = seen->target };
	char text[DECODE_TARGET_SIZE];
	size_t len;

	if (add_number(entry, "pid", seen->obs.pid) < 0 ||
	    !cJSON_AddStringToObject(entry, "op", decode_op(seen->obs.op)) ||
	    (decode_is_mapped(&seen->obs) && !cJSON_AddTrueToObject(entry, "mapped")))
		return -ENOMEM;
	if (decode_target(&effect, text, &len) < 0 || !len)
		return cJSON_AddNullToObject(entry, "target") ? 0 : -ENOMEM;
	return trail_add_bytes(entry, "target", text, len);
}

static int add_effects(const struct join *join, cJSON *observed)
{
	cJSON *array = cJSON_AddArrayToObject(observed, "effects");
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < join->effects.len; i++) {
		cJSON *entry = cJSON_CreateObject();

		r = add_seen(&join->effects.at[i], entry);
		if (r == 0)
			r = add_number(entry, "count", join->effects.at[i].count);
		r = add_entry(array, entry, r);
	}
	return r;
}

static int add_drift(const struct join *join, const struct join_names *names, cJSON *observed)
{
	cJSON *array = cJSON_AddArrayToObject(observed, "drift");
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < join->drift.len; i++) {
		const struct join_seen *seen = &join->drift.at[i];
		cJSON *entry = cJSON_CreateObject();

		r = add_seen(seen, entry);
		if (r == 0 &&
		    (!cJSON_AddStringToObject(entry, "verdict",
					      decode_verdict(seen->obs.verdict)) ||
		     !cJSON_AddStringToObject(entry, "reason", decode_reason(seen->obs.reason))))
			r = -ENOMEM;
		if (r == 0 && names->add_rule)
			names->add_rule(names->ctx, entry, &seen->obs);
		if (r == 0)
			r = add_number(entry, "count", seen->count);
		r = add_entry(array, entry, r);
	}
	return r;
}

/* Was any object of that text seen, or would nobody have told? */
static bool is_missed(const struct join *join, size_t first)
{
	for (size_t i = first; i < join->declared_len; i++)
		if (join->declared[i].text == join->declared[first].text &&
		    (join->declared[i].is_seen || join->declared[i].is_baseline))
			return false;
	return true;
}

static int add_unused(const struct join *join, cJSON *observed)
{
	cJSON *array = cJSON_AddArrayToObject(observed, "unused");
	uint32_t told = 0; /* texts count up from 1 */
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < join->declared_len; i++) {
		const struct join_declared *declared = &join->declared[i];
		cJSON *entry;

		if (declared->text == told)
			continue;
		told = declared->text;
		if (!is_missed(join, i))
			continue;
		entry = cJSON_CreateObject();
		r = -ENOMEM;
		if (entry && cJSON_AddStringToObject(entry, "op", decode_op((uint8_t)declared->op)))
			r = trail_add_bytes(entry, "target", declared->name,
					    strlen(declared->name));
		r = add_entry(array, entry, r);
	}
	return r;
}

static int add_counts(const struct join *join, cJSON *observed)
{
	cJSON *counts = cJSON_AddObjectToObject(observed, "counts");
	int r = counts ? 0 : -ENOMEM;

	for (size_t op = EC_OP_READ; r == 0 && op < JOIN_OPS; op++)
		if (join->counts[op])
			r = add_number(counts, decode_op((uint8_t)op), join->counts[op]);
	if (r == 0 && join->by_baseline)
		r = add_number(counts, "baseline", join->by_baseline);
	if (r == 0 && join->programs)
		r = add_number(counts, "programs", join->programs);
	if (r == 0 && join->drifts)
		r = add_number(counts, "drift", join->drifts);
	return r;
}

static int add_bytes(const struct join *join, cJSON *observed)
{
	const struct agent_moved *moved = &join->moved;
	cJSON *bytes;
	int r;

	if (!(moved->read | moved->written | moved->sent | moved->unknown))
		return 0;
	bytes = cJSON_AddObjectToObject(observed, "bytes");
	if (!bytes)
		return -ENOMEM;
	r = add_number(bytes, "read", moved->read);
	if (r == 0)
		r = add_number(bytes, "written", moved->written);
	if (r == 0)
		r = add_number(bytes, "sent", moved->sent);
	if (r == 0 && moved->unknown)
		r = add_number(bytes, "unknown", moved->unknown);
	if (r == 0 && join->moved_shared && !cJSON_AddTrueToObject(bytes, "shared"))
		r = -ENOMEM;
	return r;
}

int join_describe(const struct join *join, const struct join_names *names, uint64_t lost,
		  struct cJSON *record)
{
	cJSON *observed = cJSON_CreateObject();
	uint64_t omitted = join->omitted;
	int r;

	if (!observed)
		return -ENOMEM;
	r = add_counts(join, observed);
	if (r == 0)
		r = add_bytes(join, observed);
	if (r == 0)
		r = add_processes(join, names, observed, &omitted);
	if (r == 0)
		r = add_effects(join, observed);
	if (r == 0)
		r = add_drift(join, names, observed);
	if (r == 0 && !lost)
		r = add_unused(join, observed);
	if (r == 0 && join->shared)
		r = add_number(observed, "shared", join->shared);
	if (r == 0 && lost)
		r = add_number(observed, "lost", lost);
	if (r == 0 && omitted)
		r = add_number(observed, "omitted", omitted);
	if (r == 0 && !cJSON_AddItemToObject(record, "observed", observed))
		r = -ENOMEM;
	if (r < 0)
		cJSON_Delete(observed);
	return r;
}
