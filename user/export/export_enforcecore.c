// SPDX-License-Identifier: Apache-2.0
/*
 * export_enforcecore.c - a trail as the Python EnforceCore (1.14) writes it, which its
 * verifier accepts: entry_hash is the SHA-256 of the entry without it as json.dumps
 * writes that with sorted keys, no spaces and ASCII only; previous_hash chains them.
 *
 * An entry for each call at its end (allowed), for each refused declaration and result
 * and for each effect that was refused (blocked). What would have been refused is
 * allowed, with the violation beside it; a call of which that is told has two entries. Numbers that the trail does not have
 * (overhead_ms, the duration of a call that has no end) are 0.0; tenant_id is null.
 * entry_id is made of the SHA-256 of the trail's line, so that it is the same each time.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "export_impl.h"
#include "user/evidence/python_text.h"
#include "user/util.h"

struct entry {
	const char *call_id, *tool, *time;
	bool blocked;
	const char *violation, *reason; /* NULL: none */
	double duration_ms;
	uint64_t input_redactions, output_redactions;
};

struct state {
	struct export_calls calls;
	char policy[256], version[64];
	char previous[65];
	/* The last record stands for the end, where a trail ends with calls open. */
	struct export_record last; /* time alone of its members */
	char *last_line;
};

static void put_member(const char *name, const char *text, FILE *to)
{
	fprintf(to, "\"%s\":", name);
	if (text)
		export_put_string(text, to);
	else
		fputs("null", to);
	fputc(',', to);
}

/* Keys in their order; hash NULL: as it is hashed. */
static void put_entry(const struct state *state, const struct entry *entry, const char *id,
		      const char *hash, FILE *to)
{
	char duration[PYTHON_NUMBER_MAX];

	python_float(entry->duration_ms, duration);
	fprintf(to, "{\"call_duration_ms\":%s,", duration);
	put_member("call_id", entry->call_id, to);
	put_member("decision", entry->blocked ? "blocked" : "allowed", to);
	if (hash)
		put_member("entry_hash", hash, to);
	put_member("entry_id", id, to);
	fprintf(to, "\"input_redactions\":%" PRIu64 ",\"output_redactions\":%" PRIu64 ",",
		entry->input_redactions, entry->output_redactions);
	fputs("\"overhead_ms\":0.0,", to);
	put_member("policy_name", state->policy, to);
	put_member("policy_version", state->version, to);
	put_member("previous_hash", state->previous, to);
	fputs("\"tenant_id\":null,", to);
	put_member("timestamp", entry->time, to);
	put_member("tool_name", entry->tool, to);
	put_member("violation_reason", entry->reason, to);
	fputs("\"violation_type\":", to);
	if (entry->violation)
		export_put_string(entry->violation, to);
	else
		fputs("null", to);
	fputc('}', to);
}

/* A UUID of version 8 (RFC 9562: made as its maker likes). */
static void make_id(const struct export_record *record, unsigned int part, char ret_id[37])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, (const unsigned char *)record->line, record->line_len);
	crypto_hash_sha256_update(&sha, (const unsigned char *)&part, sizeof(part));
	crypto_hash_sha256_final(&sha, hash);
	hash[6] = (hash[6] & 0x0f) | 0x80;
	hash[8] = (hash[8] & 0x3f) | 0x80;
	for (size_t i = 0, at = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret_id[at++] = '-';
		at += (size_t)sprintf(ret_id + at, "%02x", hash[i]);
	}
}

static int add_entry(struct export *export, const struct export_record *record, unsigned int part,
		     const struct entry *entry)
{
	struct state *state = export->state;
	unsigned char digest[crypto_hash_sha256_BYTES];
	char id[37], hash[65];
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);

	if (!memory)
		return -ENOMEM;
	make_id(record, part, id);
	put_entry(state, entry, id, NULL, memory);
	if (fclose(memory))
		return -ENOMEM;
	crypto_hash_sha256(digest, (const unsigned char *)text, len);
	sodium_bin2hex(hash, sizeof(hash), digest, sizeof(digest));
	put_entry(state, entry, id, hash, export->to);
	fputc('\n', export->to);
	memcpy(state->previous, hash, sizeof(hash));
	export->result->written++;
	return 0;
}

/* "…Z" as Python's isoformat has it. */
static int take_time(struct export *export, const struct export_record *record, char *to,
		     size_t to_len)
{
	const char *text = export_text(record->json, "time");
	int64_t us;
	int r = export_time(export, record, &us);
	size_t len;

	if (r < 0)
		return r;
	len = strlen(text);
	if (len && (text[len - 1] == 'Z' || text[len - 1] == 'z'))
		snprintf(to, to_len, "%.*s+00:00", (int)len - 1, text);
	else
		snprintf(to, to_len, "%s", text);
	return 0;
}

static void name_call(const struct export_record *record, char *to, size_t to_len)
{
	uint64_t agent = 0, id = 0;

	export_count(record->json, "agent", &agent);
	if (export_count(record->json, "call", &id) && id)
		snprintf(to, to_len, "%" PRIu64 "-%" PRIu64, agent, id);
	else
		snprintf(to, to_len, "%" PRIu64 "-none", agent);
}

static int on_policy(struct export *export, const struct export_record *record)
{
	const struct export_options *options = export->options;
	const char *name = export_text(record->json, "policy"),
		   *version = export_text(record->json, "policy_version");
	struct state *state = export->state;

	snprintf(state->policy, sizeof(state->policy), "%s", name ?: options->policy_name ?: "");
	snprintf(state->version, sizeof(state->version), "%s",
		 version			 ?:
			 options->policy_version ?:
						   "");
	return 0;
}

static int on_begin(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	struct export_call *call;

	return export_calls_begin(export, &state->calls, record, false, &call);
}

/* The kernel does not know the Python version's words for what it refuses. */
static const char *violation_of(const struct export_record *record, const char *op)
{
	const char *type = export_text(record->json, "violation_type");

	if (type)
		return type;
	if (op && (!strcmp(op, "connect") || !strcmp(op, "listen") || !strcmp(op, "lookup")))
		return "domain_denied";
	return op ? "tool_denied" : "policy_error";
}

static void reason_of(const struct export_record *record, const char *op, char *to, size_t to_len)
{
	const char *reason = export_text(record->json, "reason"),
		   *rule = export_text(record->json, "rule"),
		   *target = export_text(record->json, "target") ?:
								   export_text(record->json, "name");

	snprintf(to, to_len, "%s%s%s%s%s%s%s%s", op ? "effect " : "", op ?: "", op ? " " : "",
		 op ? target ?: "?" : "", op ? ": " : "", reason ?: "?", rule ? " by " : "",
		 rule ?: "");
}

/* A refused declaration or result (op NULL), or an effect. */
static int on_refusal(struct export *export, const struct export_record *record, const char *op)
{
	struct state *state = export->state;
	const struct export_call *call = export_calls_find(&state->calls, record);
	const char *tool = export_text(record->json, "tool"),
		   *verdict = export_text(record->json, "verdict");
	char time[64], id[64], reason[8192];
	bool blocked = verdict && !strcmp(verdict, "deny");
	struct entry entry = { .call_id = id, .time = time, .blocked = blocked, .reason = reason };
	int r = take_time(export, record, time, sizeof(time));

	if (r < 0)
		return r;
	if (!verdict || (!blocked && strcmp(verdict, "would-deny")))
		return export_refuse(export, "a refusal whose verdict is none");
	entry.tool = tool ? tool : call ? call->tool : "(no call)";
	entry.violation = violation_of(record, op);
	export_count(record->json, "input_redactions", &entry.input_redactions);
	name_call(record, id, sizeof(id));
	reason_of(record, op, reason, sizeof(reason));
	return add_entry(export, record, 0, &entry);
}

static int on_end(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	struct export_call *call = export_calls_find(&state->calls, record);
	const cJSON *duration = cJSON_GetObjectItemCaseSensitive(record->json, "duration_ms");
	const char *tool = export_text(record->json, "tool");
	char time[64], id[64];
	struct entry entry = { .call_id = id, .time = time };
	uint64_t number;
	int r = take_time(export, record, time, sizeof(time));

	if (r < 0)
		return r;
	entry.tool = tool ? tool : call ? call->tool : NULL;
	if (!export_count(record->json, "call", &number) || !entry.tool)
		return export_refuse(export, "a call_end without its call or tool");
	if (cJSON_IsNumber(duration))
		entry.duration_ms = duration->valuedouble;
	export_count(record->json, "output_redactions", &entry.output_redactions);
	entry.input_redactions = call ? call->input_redactions : 0;
	name_call(record, id, sizeof(id));
	r = add_entry(export, record, 0, &entry);
	if (call)
		export_calls_forget(call);
	return r;
}

/* Calls that were open when their session, or the trail, ended. */
static int end_open(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < EXPORT_CALLS_MAX; i++) {
		struct export_call *call = &state->calls.at[i];
		char id[64], time[64];
		struct entry entry = { .call_id = id, .tool = call->tool, .time = time };

		if (!call->is_open)
			continue;
		snprintf(id, sizeof(id), "%" PRIu64 "-%" PRIu64, call->agent, call->id);
		entry.input_redactions = call->input_redactions;
		r = take_time(export, record, time, sizeof(time));
		if (r == 0)
			r = add_entry(export, record, 1 + i, &entry);
		export_calls_forget(call);
	}
	return r;
}

static int take(struct export *export, const struct export_record *record)
{
	const char *kind = record->kind, *op = export_text(record->json, "op");
	int r;

	if (!strcmp(kind, "session_begin")) {
		r = end_open(export, record);
		return r < 0 ? r : on_policy(export, record);
	}
	if (!strcmp(kind, "session_end"))
		return end_open(export, record);
	if (!strcmp(kind, "policy_replaced"))
		return on_policy(export, record);
	if (!strcmp(kind, "call_begin"))
		return on_begin(export, record);
	if (!strcmp(kind, "call_end"))
		return on_end(export, record);
	if (!strcmp(kind, "call_refused") || !strcmp(kind, "result_refused"))
		return on_refusal(export, record, NULL);
	if (!strcmp(kind, "lookup"))
		return on_refusal(export, record, "lookup");
	if (!strcmp(kind, "denial"))
		return op ? on_refusal(export, record, op) :
			    export_refuse(export, "a denial without its op");
	export->result->left_out++;
	return 0;
}

static int remember(struct export *export, const struct export_record *record)
{
	struct state *state = export->state;
	int r = take(export, record);

	cJSON_Delete(state->last.json);
	free(state->last_line);
	state->last = *record;
	state->last_line = strndup(record->line, record->line_len);
	state->last.line = state->last_line;
	state->last.json = cJSON_CreateObject();
	if (!state->last_line || !state->last.json)
		return -ENOMEM;
	cJSON_AddStringToObject(state->last.json, "time", export_text(record->json, "time") ?: "");
	return r;
}

static int begin(struct export *export)
{
	struct state *state = calloc(1, sizeof(*state));
	const struct export_options *options = export->options;

	if (!state)
		return -ENOMEM;
	export->state = state;
	snprintf(state->policy, sizeof(state->policy), "%s", options->policy_name ?: "");
	snprintf(state->version, sizeof(state->version), "%s", options->policy_version ?: "");
	return 0;
}

static int end(struct export *export, int r)
{
	struct state *state = export->state;

	if (!state)
		return r;
	if (r == 0 && state->last.json)
		r = end_open(export, &state->last);
	export_calls_done(&state->calls);
	cJSON_Delete(state->last.json);
	free(state->last_line);
	free(state);
	return r;
}

const struct export_format export_enforcecore = {
	.name = "enforcecore",
	.about = "the Python EnforceCore's trail; its verifier accepts it",
	.begin = begin,
	.record = remember,
	.end = end,
};
