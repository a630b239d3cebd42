// SPDX-License-Identifier: Apache-2.0
#include "story.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "user/json/json_text.h"
#include "user/trail/trail_line.h"
#include "user/util.h"

struct teller {
	struct story *story;
	const char *path;
	struct policy_diag *diag;
	uint64_t line;
	uint64_t torn; /* a line that is no record, until `recovered` explains it */
	struct story_call calls[STORY_CALLS_MAX];
	char buf[TRAIL_LINE_MAX + 1];
};

static int complain(struct teller *t, uint64_t line, int error, const char *what)
{
	memset(t->diag, 0, sizeof(*t->diag));
	snprintf(t->diag->file, sizeof(t->diag->file), "%s", t->path);
	snprintf(t->diag->text, sizeof(t->diag->text), "%s", what);
	t->diag->line = (unsigned int)line;
	return error;
}

static int too_much(struct teller *t, int error)
{
	return complain(t, t->line, error,
			error == -E2BIG ? "more effects, tools or arguments than learn can hold" :
					  strerror(-error));
}

static const char *text_of(const cJSON *record, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, key));

	return text ? text : "";
}

/* A number that identifies; 0: none. */
static uint64_t id_of(const cJSON *record, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);

	return cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble < 9e15 ?
		       (uint64_t)item->valuedouble :
		       0;
}

static void forget(struct teller *t, struct story_call *call)
{
	if (!call->agent)
		return;
	t->story->end(t->story->ctx, call);
	cJSON_Delete(call->args);
	free(call->tool);
	memset(call, 0, sizeof(*call));
}

static void forget_agent(struct teller *t, uint64_t agent)
{
	for (size_t i = 0; i < STORY_CALLS_MAX; i++)
		if (!agent || t->calls[i].agent == agent)
			forget(t, &t->calls[i]);
}

static struct story_call *find(struct teller *t, uint64_t agent, uint64_t id)
{
	for (size_t i = 0; id && i < STORY_CALLS_MAX; i++)
		if (t->calls[i].agent == agent && t->calls[i].id == id)
			return &t->calls[i];
	return NULL;
}

/* A free place, or that of the call that ended first. */
static struct story_call *make_room(struct teller *t)
{
	struct story_call *oldest = NULL;

	for (size_t i = 0; i < STORY_CALLS_MAX; i++) {
		struct story_call *call = &t->calls[i];

		if (!call->agent)
			return call;
		if (call->ended && (!oldest || call->ended < oldest->ended))
			oldest = call;
	}
	if (oldest)
		forget(t, oldest);
	return oldest;
}

static int on_begin(struct teller *t, cJSON *record, uint64_t agent)
{
	struct story_call *call;
	int r;

	if (!id_of(record, "call") || !*text_of(record, "tool"))
		return complain(t, t->line, -EINVAL, "a call_begin without its call or tool");
	call = make_room(t);
	if (!call)
		return complain(t, t->line, -E2BIG, "more than 1024 calls are open at once");
	call->agent = agent;
	call->id = id_of(record, "call");
	call->tool = strdup(text_of(record, "tool"));
	call->args = cJSON_DetachItemFromObjectCaseSensitive(record, "arguments");
	call->args_missing = cJSON_HasObjectItem(record, "arguments_len");
	if (!cJSON_IsObject(call->args)) {
		cJSON_Delete(call->args);
		call->args = cJSON_CreateObject();
	}
	r = call->tool && call->args ? t->story->begin(t->story->ctx, call) : -ENOMEM;
	return r < 0 ? too_much(t, r) : 0;
}

static enum ec_op read_op(const char *name)
{
	static const char *const names[] = {
		[EC_OP_READ] = "read",	     [EC_OP_WRITE] = "write",	[EC_OP_EXEC] = "exec",
		[EC_OP_CONNECT] = "connect", [EC_OP_LISTEN] = "listen", [EC_OP_LOAD] = "load",
		[EC_OP_PRIV] = "privilege",
	};

	for (size_t i = EC_OP_READ; i <= EC_OP_PRIV; i++)
		if (!strcmp(names[i], name))
			return (enum ec_op)i;
	return 0;
}

/* The target's exact bytes; those that are not UTF-8 stand beside it in hex. */
static bool read_bytes(const cJSON *record, const char *target, struct effect_asked *to)
{
	const char *hex = text_of(record, "target_hex");

	if (!*hex) {
		to->len = strlen(target);
		if (to->len < ASK_STRING_MAX)
			memcpy(to->string, target, to->len);
		return to->len < ASK_STRING_MAX;
	}
	for (to->len = 0; hex[0] && hex[1] && to->len + 1 < ASK_STRING_MAX; hex += 2) {
		int high = json_text_hex(hex[0]), low = json_text_hex(hex[1]);

		if (high < 0 || low < 0 || !(high | low))
			return false;
		to->string[to->len++] = (char)(high << 4 | low);
	}
	return !*hex;
}

static bool read_target(const cJSON *record, struct story_effect *to)
{
	static const struct policy_env nowhere = { .root_fd = -1, .cwd_fd = -1 };
	const char *target = text_of(record, "target");
	enum ec_op op = to->asked.op;
	struct policy_diag diag;
	char text[512];

	if (op != EC_OP_PRIV && !read_bytes(record, target, &to->asked))
		return false;
	to->text = to->asked.string;
	if (target[0] == '/' && op != EC_OP_PRIV)
		return true;
	if (op == EC_OP_CONNECT || op == EC_OP_LISTEN || op == EC_OP_PRIV) {
		snprintf(text, sizeof(text), "%s %s", text_of(record, "op"), target);
		to->text = target;
		return effect_parse(text, &nowhere, &to->asked, &diag) == 0;
	}
	return false;
}

/* What the kernel maps for a program by itself is no effect of the program's. */
static bool is_its_own(const cJSON *record, enum ec_op op)
{
	return !strcmp(text_of(record, "verdict"), "allow") &&
	       (!strcmp(text_of(record, "reason"), "internal") ||
		(op == EC_OP_LOAD && !*text_of(record, "rule")));
}

/* The call that the record names, or all that were open. */
static size_t find_calls(struct teller *t, const cJSON *record, uint64_t agent,
			 struct story_call **calls)
{
	size_t len = 0;

	calls[0] = find(t, agent, id_of(record, "call"));
	if (calls[0])
		return 1;
	for (size_t i = 0; id_of(record, "open_calls") && i < STORY_CALLS_MAX; i++)
		if (t->calls[i].agent == agent && !t->calls[i].ended)
			calls[len++] = &t->calls[i];
	return len;
}

static int on_effect(struct teller *t, const cJSON *record, uint64_t agent)
{
	struct story_call *calls[STORY_CALLS_MAX];
	struct story_effect effect = { .asked.op = read_op(text_of(record, "op")), .calls = calls };
	const char *reason = text_of(record, "reason");
	int r;

	if (!effect.asked.op)
		return complain(t, t->line, -EINVAL, "an effect without its operation");
	if (!strcmp(text_of(record, "verdict"), "deny")) {
		t->story->refused++;
		return 0;
	}
	if (is_its_own(record, effect.asked.op))
		return 0;
	effect.hopeless = !strcmp(reason, "doubt") || !strcmp(reason, "orphan") ||
			  !strcmp(reason, "internal");
	if (!effect.hopeless && !read_target(record, &effect))
		return complain(t, t->line, -EINVAL, "an effect whose target cannot be read");
	effect.calls_len = find_calls(t, record, agent, calls);
	r = t->story->effect(t->story->ctx, &effect);
	return r < 0 ? too_much(t, r) : 0;
}

static int on_record(struct teller *t, cJSON *record)
{
	const char *kind = text_of(record, "kind");
	uint64_t agent = id_of(record, "agent");
	struct story_call *call;

	if (!*kind || !id_of(record, "seq"))
		return complain(t, t->line, -EINVAL, "not a record of a trail");
	if (t->torn && strcmp(kind, "recovered"))
		return complain(t, t->torn, -EINVAL, "not a record of a trail");
	t->torn = 0;
	if (!agent)
		return 0;
	if (!strcmp(kind, "call_begin"))
		return on_begin(t, record, agent);
	/* what the kernel's own permissions refused needs no rule */
	if ((!strcmp(kind, "effect") || !strcmp(kind, "denial")) &&
	    !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "failed")))
		return on_effect(t, record, agent);
	if (!strcmp(kind, "call_end") && (call = find(t, agent, id_of(record, "call"))))
		call->ended = t->line;
	if (!strcmp(kind, "session_begin") || !strcmp(kind, "session_end"))
		forget_agent(t, agent);
	return 0;
}

static int tell_line(struct teller *t, const char *line, size_t len)
{
	cJSON *record;
	int r = 0;

	record = cJSON_ParseWithLength(line, len);
	if (cJSON_IsObject(record))
		r = on_record(t, record);
	else if (t->torn)
		r = complain(t, t->torn, -EINVAL, "not a record of a trail");
	else
		t->torn = t->line;
	cJSON_Delete(record);
	return r;
}

static int tell_lines(struct teller *t, FILE *file)
{
	char *buf = t->buf;
	int r = 0;

	while (r == 0 && fgets(buf, sizeof(t->buf), file)) {
		size_t len = strlen(buf);

		t->line++;
		if (buf[len - (len > 0)] != '\n') {
			if (!feof(file))
				return complain(t, t->line, -EINVAL, "not a line of a trail");
			break; /* torn: whatever it was, it was never acknowledged */
		}
		r = tell_line(t, buf, len);
	}
	if (r == 0 && ferror(file))
		return complain(t, t->line, -EIO, "cannot be read");
	if (r == 0 && t->torn)
		return complain(t, t->torn, -EINVAL, "not a record of a trail");
	return r == 0 && !t->line ? complain(t, 0, -EINVAL, "is empty") : r;
}

int story_tell(struct story *story, const char *path, struct policy_diag *ret_diag)
{
	_cleanup_free_ struct teller *t = calloc(1, sizeof(*t));
	struct stat st;
	FILE *file;
	int r;

	if (!t)
		return -ENOMEM;
	t->story = story;
	t->path = path;
	t->diag = ret_diag;
	file = fopen(path, "re");
	if (!file)
		return complain(t, 0, -errno, strerror(errno));
	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode))
		r = complain(t, 0, -EINVAL, "is not a regular file (a trail is read twice)");
	else
		r = tell_lines(t, file);
	forget_agent(t, 0);
	fclose(file);
	return r;
}
