// SPDX-License-Identifier: Apache-2.0
#include "hook.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "declare.h"
#include "event.h"
#include "user/util.h"
#include "wrap.h"

#define READ_STEP 65536u

static int failed(const struct hook_options *options, const char *why)
{
	fprintf(stderr, "enforcecore: hook %s: %s\n", options->dialect->name, why);
	return -1;
}

/* One byte more than the most is enough to know that there is more. */
static char *read_all(FILE *in, size_t *ret_len)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0, room = 0;

	while (len <= EVENT_BYTES_MAX) {
		if (room - len < READ_STEP) {
			char *more = realloc(bytes, (room = room * 2 + READ_STEP) + 1);

			if (!more)
				return NULL;
			bytes = more;
		}
		size_t n = fread(bytes + len, 1, READ_STEP, in);

		len += n;
		if (n == 0)
			break;
	}
	if (ferror(in) || !bytes)
		return NULL;
	bytes[len] = '\0';
	*ret_len = len;
	return TAKE_PTR(bytes);
}

/* ---- before ---- */

static const char *shell(const struct hook_options *options)
{
	const char *users = options->dialect->users_shell ? getenv("SHELL") : NULL;
	const char *name = users ? strrchr(users, '/') : NULL;

	if (name && *users == '/' && (!strcmp(name, "/bash") || !strcmp(name, "/zsh")) &&
	    access(users, X_OK) == 0)
		return users;
	return "/bin/bash";
}

/* Everything but the command stays as it is. */
static int rewrite(const struct hook_options *options, struct event *event, const char *token)
{
	_cleanup_free_ char *text = NULL;
	int r = wrap_command(options->exe, options->socket, token, shell(options), event->command,
			     &text);
	cJSON *command = r == 0 ? cJSON_CreateString(text) : NULL;

	if (r < 0)
		return r;
	if (!command)
		return -ENOMEM;
	event->command = NULL;
	if (!cJSON_ReplaceItemInObjectCaseSensitive(event->args, event->shell->member, command)) {
		cJSON_Delete(command);
		return -ENOMEM;
	}
	return 0;
}

static bool fits(const struct hook_options *options, const struct event *event)
{
	static const char token[] = "00000000000000000000000000000000";
	_cleanup_free_ char *text = NULL;

	return wrap_command(options->exe, options->socket, token, shell(options), event->command,
			    &text) == 0;
}

static int refuse(const struct hook_options *options, const struct event *event, cJSON *answer,
		  const char *reason)
{
	return options->dialect->deny(answer, event->kind, reason) ? 0 :
								     failed(options, "no memory");
}

static int before(const struct hook_options *options, struct event *event, cJSON *answer)
{
	bool exact = declare_is_exact(options, event);
	struct declared begun;
	int r;

	if (exact && !fits(options, event))
		return refuse(options, event, answer,
			      "EnforceCore: the command is too long; put it into a file");
	if (declare_begin(options, event, &begun) < 0)
		return failed(options, begun.text);
	if (!begun.ok)
		return refuse(options, event, answer, begun.text);
	r = exact ? rewrite(options, event, begun.token) : 0;
	if (r < 0 || !options->dialect->allow(answer, event->kind, exact ? event->args : NULL))
		return failed(options,
			      r == -EBADMSG ? "the controller's token is none" : "no memory");
	return 0;
}

/* ---- after ---- */

/* What an exact call has put in the background is still that call, until its
 * deadline; nothing else can use its grants. */
static bool goes_on(const struct hook_options *options, const struct event *event)
{
	return event->background && declare_is_exact(options, event);
}

static int after(const struct hook_options *options, struct event *event, cJSON *answer)
{
	struct declared ended = { 0 };

	if (goes_on(options, event))
		return 0;
	if (declare_end(options, event, &ended) < 0)
		return failed(options, ended.text);
	if (*ended.text && !options->dialect->tell(answer, event->kind, ended.text))
		return failed(options, "no memory");
	return 0;
}

/* ---- all of it ---- */

static int write_answer(const struct hook_options *options, const cJSON *answer, FILE *out)
{
	char *text = cJSON_PrintUnformatted(answer);
	bool written = text && fprintf(out, "%s\n", text) > 0 && fflush(out) == 0;

	cJSON_free(text);
	return written ? 0 : failed(options, "the answer could not be written");
}

static int answer_event(const struct hook_options *options, struct event *event, FILE *out)
{
	cJSON *answer = cJSON_CreateObject();
	int r = -1;

	if (!answer)
		failed(options, "no memory");
	else if (event->kind->moment == DIALECT_BEFORE)
		r = before(options, event, answer);
	else
		r = after(options, event, answer);
	if (r == 0)
		r = write_answer(options, answer, out);
	cJSON_Delete(answer);
	return r;
}

int hook_answer(const struct hook_options *options, FILE *in, FILE *out)
{
	_cleanup_free_ char *bytes = NULL;
	struct event event = { 0 };
	size_t bytes_len = 0;
	char reason[256];
	int r;

	bytes = read_all(in, &bytes_len);
	if (!bytes)
		return failed(options, "standard input could not be read");
	if (event_read(options->dialect, bytes, bytes_len, &event, reason, sizeof(reason)) < 0)
		return failed(options, reason);
	r = answer_event(options, &event, out);
	event_done(&event);
	return r;
}
