/* SPDX-License-Identifier: Apache-2.0 */
/* export_impl.h - what the forms share; nobody else's. */
#ifndef EC_EXPORT_IMPL_H
#define EC_EXPORT_IMPL_H

#include "export.h"

struct cJSON;

struct export
{
	const struct export_options *options;
	struct export_result *result;
	FILE *to;
	struct cJSON *container; /* that the session being told is in; NULL: none is known */
	void *state;		 /* the format's own */
};

/* A record, and its line as it stands in the trail. */
struct export_record {
	struct cJSON *json;
	const char *kind;
	const char *line;
	size_t line_len;
};

struct export_format {
	const char *name, *about;
	int (*begin)(struct export *export);
	int (*record)(struct export *export, const struct export_record *record);
	/* Also after an error, which r is. */
	int (*end)(struct export *export, int r);
};
extern const struct export_format export_jsonl, export_csv, export_enforcecore, export_ocsf,
	export_otlp;

/* The record cannot be told: why. -EINVAL. */
int export_refuse(struct export *export, const char *why);

/* ---- export_text.c ---- */

/* JSON text with everything but printable ASCII in it escaped, so that it has no
 * effect on a terminal and every reader agrees on it. */
void export_put_ascii(const char *text, size_t len, FILE *to);
/* As a JSON string, quotes included. */
void export_put_string(const char *text, FILE *to);
int export_put_json(const struct cJSON *value, FILE *to); /* in one line; -ENOMEM */
/* Bytes that are not UTF-8, which no trail of ours has in a string, become U+FFFD. */
int export_clean(struct cJSON *value);

/* How much of a text that was cut is whole characters. */
size_t export_whole(const char *text);

/* A member, or NULL: not there, or of another type. */
const char *export_text(const struct cJSON *object, const char *name);
/* A whole number from 0 that a double has exactly. */
bool export_count(const struct cJSON *object, const char *name, uint64_t *ret_count);
/* "time" of a record in microseconds since the epoch. -EINVAL: refused. */
int export_time(struct export *export, const struct export_record *record, int64_t *ret_us);

/* ---- export_calls.c: calls that have begun and not ended ---- */

/* At most, of a session; of one more the begin is not known when it ends. */
#define EXPORT_CALLS_MAX 1024u

struct export_call {
	bool is_open;
	uint64_t agent, id;
	char *tool, *request, *tool_use_id;
	struct cJSON *arguments; /* NULL: not asked for */
	int64_t begin_us;
	uint64_t input_redactions;
	struct cJSON *events; /* otlp's */
	uint64_t events_dropped, denials;
	bool has_effects, has_denials; /* as events */
	char begin_seq[24];
};

struct export_calls {
	struct export_call at[EXPORT_CALLS_MAX];
};

/* From a call_begin. NULL in *ret_call: there is no room. -EINVAL: refused. */
int export_calls_begin(struct export *export, struct export_calls *calls,
		       const struct export_record *record, bool arguments,
		       struct export_call **ret_call);
/* That the record names; NULL: none that is open. */
struct export_call *export_calls_find(struct export_calls *calls,
				      const struct export_record *record);
void export_calls_forget(struct export_call *call);
void export_calls_done(struct export_calls *calls);

#endif
