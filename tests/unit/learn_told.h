/* SPDX-License-Identifier: Apache-2.0 */
/* learn_told.h - a small trail, told line by line, learned from, and the
 * proposal asked: its text is nobody's business. */
#ifndef EC_LEARN_TOLD_H
#define EC_LEARN_TOLD_H

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "user/learn/learn.h"

static char path[] = "/tmp/ec-learn-XXXXXX";
static FILE *trail;
static struct policy_env env;
static struct learn_result made;
static struct policy *policy;
static struct automaton image;
static struct policy_call call;
static struct policy_diag diag;

static inline void setup(void)
{
	int fd = mkstemp(path);

	env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env.cwd_fd = -1;
	env.home = "/";
	trail = fdopen(fd, "w");
	cr_assert_not_null(trail);
}

static inline void cleanup(void)
{
	policy_call_done(&call);
	automaton_done(&image);
	policy_free(policy);
	learn_result_done(&made);
	fclose(trail);
	close(env.root_fd);
	unlink(path);
}

/* --- telling --- */

__attribute__((format(printf, 1, 2))) static inline void line(const char *format, ...)
{
	va_list args;

	fprintf(trail, "{\"seq\":1,\"agent\":7,");
	va_start(args, format);
	vfprintf(trail, format, args);
	va_end(args);
	fprintf(trail, "}\n");
}

static inline void begin(unsigned int id, const char *tool, const char *args)
{
	line("\"kind\":\"call_begin\",\"call\":%u,\"tool\":\"%s\",\"arguments\":%s", id, tool,
	     args);
}

static inline void end(unsigned int id)
{
	line("\"kind\":\"call_end\",\"call\":%u", id);
}

/* id 0: no call is open; -n: n are, and it is not known whose it is */
static inline void saw(int id, const char *op, const char *target)
{
	char whose[64] = "\"call\":null";

	if (id > 0)
		snprintf(whose, sizeof(whose), "\"call\":%d", id);
	else if (id < 0)
		snprintf(whose, sizeof(whose), "\"call\":null,\"open_calls\":%d", -id);
	line("\"kind\":\"denial\",\"op\":\"%s\",\"verdict\":\"would-deny\",\"reason\":"
	     "\"undeclared\",\"target\":\"%s\",%s",
	     op, target, whose);
}

static inline int try_learn(size_t most)
{
	struct proposal_options options = { .name = "t", .most = most };
	char *trails[] = { path };

	fflush(trail);
	return learn(trails, 1, &options, &env, NULL, &made, &diag);
}

static inline void learned(uint64_t refused)
{
	cr_assert_eq(try_learn(8), 0, "%s", diag.text);
	cr_assert_eq(made.refused, refused, "%lu refused by\n%s", (unsigned long)made.refused,
		     made.text);
	cr_assert_eq(policy_load_buffer("t", made.text, made.text_len,
					&(struct policy_load_options) { .strict = true }, &policy,
					&diag),
		     0, "%s in\n%s", diag.text, made.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0);
}

/* --- asking --- */

static inline bool permits(bool with_call, const char *op, const char *target)
{
	char text[5000];
	struct effect_asked effect;

	snprintf(text, sizeof(text), "%s %s", op, target);
	cr_assert_eq(effect_parse(text, &env, &effect, &diag), 0, "%s", diag.text);
	return ask(policy, &image, with_call ? &call : NULL, 0, &effect).verdict ==
	       EC_VERDICT_ALLOW;
}

#define PERMITS(op, target)                                                                        \
	cr_assert(permits(false, op, target), "%s %s by\n%s", op, target, made.text)
#define REFUSES(op, target)                                                                        \
	cr_assert(!permits(false, op, target), "%s %s by\n%s", op, target, made.text)
#define CALL_PERMITS(op, target)                                                                   \
	cr_assert(permits(true, op, target), "%s %s by\n%s", op, target, made.text)
#define CALL_REFUSES(op, target)                                                                   \
	cr_assert(!permits(true, op, target), "%s %s by\n%s", op, target, made.text)

#define NEVER(effect) cr_assert_eq(reason_of(effect), EC_REASON_NEVER)

static inline enum ec_reason reason_of(const char *text)
{
	struct effect_asked effect;

	cr_assert_eq(effect_parse(text, &env, &effect, &diag), 0, "%s", diag.text);
	return ask(policy, &image, NULL, 0, &effect).reason;
}

static inline int declare(const char *tool, const char *args)
{
	cJSON *json = cJSON_Parse(args);
	const char *reason;
	uint32_t rule;
	int r = -EACCES;

	policy_call_done(&call);
	if (policy_tool_allowed(policy, tool, &reason, &rule))
		r = policy_call_compile(policy, &env, &image, tool, json, 1u << 15, &call, &diag);
	cJSON_Delete(json);
	return r;
}

#define DECLARE(tool, args) cr_assert_eq(declare(tool, args), 0, "%s in\n%s", diag.text, made.text)

#endif
