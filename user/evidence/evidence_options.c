// SPDX-License-Identifier: Apache-2.0
/* evidence_options.c - from the command line, and for who takes the session over. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"
#include "user/trail/trail_key.h"

enum {
	KEY_KEY = 768,
	KEY_CHECKPOINT,
	KEY_SYNC,
	KEY_SIZE,
	KEY_AGE,
	KEY_KEEP,
	KEY_KEEP_SIZE,
	KEY_APPEND_ONLY,
	KEY_UNWRITTEN,
	KEY_WITNESS,
	KEY_TPM,
	KEY_TPM_PCR,
	KEY_TPM_HANDLE,
};

static const struct argp_option options[] = {
	{ 0, 0, NULL, 0, "The trail as evidence:", 1 },
	{ "trail-key", KEY_KEY, "FILE", 0,
	  "sign with this Ed25519 key, which is made when it is not there (default: "
	  "$ENFORCECORE_TRAIL_KEY, or /var/lib/enforcecore/trail.key); none: unsigned",
	  1 },
	{ "checkpoint", KEY_CHECKPOINT, "N", 0,
	  "sign every N records (default 1000), 0: only where the trail ends", 1 },
	{ "sync", KEY_SYNC, "WHEN", 0,
	  "what survives a power cut: all that was acknowledged (record), all up to the last "
	  "checkpoint (checkpoint, the default), or what the kernel wrote by itself (none)",
	  1 },
	{ "rotate-size", KEY_SIZE, "BYTES", 0,
	  "begin another file at this size, such as 64M; the old one is compressed", 1 },
	{ "rotate-age", KEY_AGE, "TIME", 0, "and at this age, such as 24h", 1 },
	{ "keep", KEY_KEEP, "N", 0, "delete the oldest of more than N old files", 1 },
	{ "keep-size", KEY_KEEP_SIZE, "BYTES", 0, "and of more than so many bytes in all", 1 },
	{ "append-only", KEY_APPEND_ONLY, NULL, 0,
	  "mark the files append-only (chattr +a), where the file system can", 1 },
	{ "unwritten", KEY_UNWRITTEN, "stop|count", 0,
	  "when the trail cannot be written: no call opens (default), or they do and what is "
	  "missing is counted in a gap",
	  1 },
	{ "witness", KEY_WITNESS, "FILE|syslog|URL", 0,
	  "tell each signed head to FILE, best on another machine's disk, to syslog, or to a "
	  "receiver of OTLP logs, such as http://10.0.0.5:4318",
	  1 },
	{ "tpm", KEY_TPM, "TCTI", OPTION_ARG_OPTIONAL,
	  "have a TPM 2.0 quote checkpoints (default: " TPM_TCTI "); without one nothing starts",
	  1 },
	{ "tpm-pcr", KEY_TPM_PCR, "N", 0, "extend this PCR (default 15): 8, 9, or 11 to 15", 1 },
	{ "tpm-handle", KEY_TPM_HANDLE, "HANDLE", 0,
	  "quote with this restricted key of the TPM, such as 0x81010002 (default: one that it "
	  "makes from its endorsement seed)",
	  1 },
	{ 0 },
};

/* A number and one of the suffixes, of which each is worth factors[i] of the one. */
static uint64_t amount(const char *arg, const char *suffixes, const uint64_t *factors,
		       const char *option, struct argp_state *state)
{
	char *end;
	unsigned long long number;
	const char *suffix;

	errno = 0;
	number = strtoull(arg, &end, 10);
	suffix = *end ? strchr(suffixes, *end) : NULL;
	if (errno || end == arg || arg[0] == '-' || (*end && (!suffix || end[1])) || !number ||
	    (suffix && number > UINT64_MAX / 2 / factors[suffix - suffixes]))
		argp_error(state, "%s %s: a number from 1, and one of %s", option, arg, suffixes);
	return suffix ? number * factors[suffix - suffixes] : number;
}

static uint64_t bytes(const char *arg, const char *option, struct argp_state *state)
{
	static const uint64_t factors[] = { 1ull << 10, 1ull << 20, 1ull << 30 };

	return amount(arg, "KMG", factors, option, state);
}

static uint64_t seconds(const char *arg, const char *option, struct argp_state *state)
{
	static const uint64_t factors[] = { 1, 60, 3600, 86400 };

	return amount(arg, "smhd", factors, option, state);
}

static void set_path(char path[PATH_MAX], const char *arg, struct argp_state *state)
{
	char cwd[PATH_MAX] = "";
	size_t len;

	if (arg[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		argp_error(state, "%s: the working directory has no name", arg);
	len = strlen(cwd);
	if (len + 1 + strlen(arg) >= PATH_MAX) {
		argp_error(state, "%s: too long", arg);
		return;
	}
	memcpy(path, cwd, len);
	if (len)
		path[len++] = '/';
	strcpy(path + len, arg);
}

static uint64_t parse_sync(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "record") && strcmp(arg, "checkpoint") && strcmp(arg, "none"))
		argp_error(state, "--sync takes record, checkpoint or none");
	return !strcmp(arg, "record") ? TRAIL_SYNC_RECORD :
	       !strcmp(arg, "none")   ? TRAIL_SYNC_NONE :
					TRAIL_SYNC_CHECKPOINT;
}

static void begin(struct evidence_options *evidence, struct argp_state *state)
{
	memset(evidence, 0, sizeof(*evidence));
	evidence->checkpoint_every = EVIDENCE_CHECKPOINT_EVERY;
	evidence->tpm_pcr = TPM_PCR;
	set_path(evidence->key, trail_key_path(), state);
}

static void set_witness(struct evidence_options *evidence, const char *arg,
			struct argp_state *state)
{
	if (!strcmp(arg, "syslog")) {
		evidence->syslog = true;
	} else if (!strncmp(arg, "https://", 8)) {
		argp_error(state, "--witness %s: http alone; for https there are collectors", arg);
	} else if (!strncmp(arg, "http://", 7)) {
		if (strlen(arg) >= sizeof(evidence->otlp))
			argp_error(state, "--witness: too long");
		else
			strcpy(evidence->otlp, arg);
	} else {
		set_path(evidence->witness, arg, state);
	}
}

static error_t parse_tpm(int key, const char *arg, struct argp_state *state)
{
	static const uint64_t one[] = { 1 };
	struct evidence_options *evidence = state->input;
	uint32_t handle;

	switch (key) {
	case KEY_TPM:
		if (arg && (!*arg || strlen(arg) >= TPM_TCTI_MAX))
			argp_error(state, "--tpm=TCTI: such as " TPM_TCTI);
		else
			strcpy(evidence->tcti, arg ? arg : TPM_TCTI);
		return 0;
	case KEY_TPM_PCR:
		evidence->tpm_pcr = amount(arg, "", one, "--tpm-pcr", state);
		if (evidence->tpm_pcr > 23 || !tpm_pcr_is_ours((unsigned int)evidence->tpm_pcr))
			argp_error(state,
				   "--tpm-pcr %s: 8, 9, or 11 to 15: the others are the "
				   "firmware's, IMA's, or can be set back",
				   arg);
		return 0;
	case KEY_TPM_HANDLE:
		if (tpm_handle_parse(arg, &handle) < 0)
			argp_error(state, "--tpm-handle %s: " TPM_HANDLES, arg);
		else
			evidence->tpm_handle = handle;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int evidence_tpm(const struct evidence_options *evidence, struct tpm_options *ret_tpm)
{
	memset(ret_tpm, 0, sizeof(*ret_tpm));
	if (!*evidence->tcti || strlen(evidence->tcti) >= sizeof(ret_tpm->tcti))
		return -E2BIG;
	strcpy(ret_tpm->tcti, evidence->tcti);
	ret_tpm->handle = (uint32_t)evidence->tpm_handle;
	ret_tpm->pcr = (unsigned int)evidence->tpm_pcr;
	return 0;
}

static void check(const struct evidence_options *evidence, struct argp_state *state)
{
	bool rotates = evidence->segment_bytes || evidence->segment_seconds;

	if (*evidence->tcti && !*evidence->key)
		argp_error(state, "--tpm needs a key: checkpoints are what it quotes");
	if ((*evidence->witness || evidence->syslog || *evidence->otlp) && !*evidence->key)
		argp_error(state, "--witness needs a key: signatures are what it is told");
	if ((evidence->keep_segments || evidence->keep_bytes) && !rotates)
		argp_error(state, "--keep and --keep-size need --rotate-size or --rotate-age");
}

static error_t parse_more(int key, char *arg, struct argp_state *state)
{
	struct evidence_options *evidence = state->input;

	switch (key) {
	case KEY_APPEND_ONLY:
		evidence->append_only = true;
		return 0;
	case KEY_UNWRITTEN:
		if (strcmp(arg, "stop") && strcmp(arg, "count"))
			argp_error(state, "--unwritten takes stop or count");
		evidence->go_on = !strcmp(arg, "count");
		return 0;
	case KEY_WITNESS:
		set_witness(evidence, arg, state);
		return 0;
	case ARGP_KEY_INIT:
		begin(evidence, state);
		return 0;
	case ARGP_KEY_END:
		check(evidence, state);
		return 0;
	default:
		return parse_tpm(key, arg, state);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const uint64_t one[] = { 1 };
	struct evidence_options *evidence = state->input;

	switch (key) {
	case KEY_KEY:
		evidence->key[0] = '\0';
		if (strcmp(arg, "none"))
			set_path(evidence->key, arg, state);
		return 0;
	case KEY_CHECKPOINT:
		evidence->checkpoint_every = strcmp(arg, "0") ?
						     amount(arg, "", one, "--checkpoint", state) :
						     0;
		return 0;
	case KEY_SYNC:
		evidence->sync = parse_sync(arg, state);
		return 0;
	case KEY_SIZE:
		evidence->segment_bytes = bytes(arg, "--rotate-size", state);
		return 0;
	case KEY_AGE:
		evidence->segment_seconds = seconds(arg, "--rotate-age", state);
		return 0;
	case KEY_KEEP:
		evidence->keep_segments = amount(arg, "", one, "--keep", state);
		return 0;
	case KEY_KEEP_SIZE:
		evidence->keep_bytes = bytes(arg, "--keep-size", state);
		return 0;
	default:
		return parse_more(key, arg, state);
	}
}

const struct argp evidence_argp = { .options = options, .parser = parse };

/* ---- for who comes after ---- */

struct member {
	const char *name;
	size_t offset;
};
static const struct member numbers[] = {
	{ "checkpoint_every", offsetof(struct evidence_options, checkpoint_every) },
	{ "sync", offsetof(struct evidence_options, sync) },
	{ "segment_bytes", offsetof(struct evidence_options, segment_bytes) },
	{ "segment_seconds", offsetof(struct evidence_options, segment_seconds) },
	{ "keep_segments", offsetof(struct evidence_options, keep_segments) },
	{ "keep_bytes", offsetof(struct evidence_options, keep_bytes) },
	{ "tpm_handle", offsetof(struct evidence_options, tpm_handle) },
	{ "tpm_pcr", offsetof(struct evidence_options, tpm_pcr) },
};
static const struct member flags[] = {
	{ "append_only", offsetof(struct evidence_options, append_only) },
	{ "go_on", offsetof(struct evidence_options, go_on) },
	{ "syslog", offsetof(struct evidence_options, syslog) },
};
static const struct member paths[] = {
	{ "key", offsetof(struct evidence_options, key) },
	{ "witness", offsetof(struct evidence_options, witness) },
	{ "otlp", offsetof(struct evidence_options, otlp) },
	{ "tcti", offsetof(struct evidence_options, tcti) },
};
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

int evidence_save(const struct evidence_options *evidence, struct cJSON *to)
{
	const char *base = (const char *)evidence;
	bool added = true;

	for (size_t i = 0; i < LEN(numbers); i++)
		added = added && cJSON_AddNumberToObject(
					 to, numbers[i].name,
					 (double)*(const uint64_t *)(base + numbers[i].offset));
	for (size_t i = 0; i < LEN(flags); i++)
		added = added && cJSON_AddBoolToObject(to, flags[i].name,
						       *(const bool *)(base + flags[i].offset));
	for (size_t i = 0; i < LEN(paths); i++)
		added = added && cJSON_AddStringToObject(to, paths[i].name, base + paths[i].offset);
	return added ? 0 : -ENOMEM;
}

void evidence_load(const struct cJSON *from, struct evidence_options *ret_options)
{
	char *base = (char *)ret_options;

	memset(ret_options, 0, sizeof(*ret_options));
	for (size_t i = 0; i < LEN(numbers); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, numbers[i].name);

		if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15)
			*(uint64_t *)(base + numbers[i].offset) = (uint64_t)item->valuedouble;
	}
	for (size_t i = 0; i < LEN(flags); i++)
		*(bool *)(base + flags[i].offset) =
			cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(from, flags[i].name));
	for (size_t i = 0; i < LEN(paths); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, paths[i].name);

		if (cJSON_IsString(item) && strlen(item->valuestring) < PATH_MAX)
			strcpy(base + paths[i].offset, item->valuestring);
	}
}
