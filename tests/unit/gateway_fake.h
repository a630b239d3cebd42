/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_fake.h - a session that only writes down what it is asked. Its spawn
 * runs a function of the test as the tool server. */
#ifndef EC_TEST_GATEWAY_FAKE_H
#define EC_TEST_GATEWAY_FAKE_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child_of.h"
#include "user/approval/approvals.h"
#include "user/mcp/ops.h"

struct session {
	char log[8192]; /* "begin 1 read \"x\"; end 1 done; " */
	uint64_t calls, open, notes, drains;
	uint64_t timeout_ns; /* of every call */
	bool observe;
	int begin_err, end_err;
	const struct pii *input, *output; /* redact */
	size_t input_redactions, output_redactions;
	char written[256]; /* arguments of the last call, before they were redacted */
	const char *reasons[2];
	struct approvals approvals; /* for tools called ask… */
	uint64_t numbers;
	const char *refuses; /* answers that hold this text; NULL: they are not judged */
	int (*server)(void); /* runs with the gateway's pipes as 0 and 1 */
	pid_t pid;
};

__attribute__((unused)) static uint64_t fake_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

__attribute__((format(printf, 2, 3))) static void fake_log(struct session *session,
							   const char *format, ...)
{
	size_t len = strlen(session->log);
	va_list args;

	va_start(args, format);
	vsnprintf(session->log + len, sizeof(session->log) - len, format, args);
	va_end(args);
}

static int fake_spawn(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid)
{
	sigset_t all, before;

	(void)argv;
	if (!session->server)
		return -ENOENT;
	/* as session_spawn: what the relay catches the server would tell the relay */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*ret_pid = session->pid = fork_child();
	if (*ret_pid) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return *ret_pid < 0 ? -errno : 0;
	}
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	_exit(session->server());
}

static bool fake_tool_allowed(const struct session *session, const char *tool)
{
	(void)session;
	return strncmp(tool, "denied", 6) != 0;
}

static bool fake_observes(const struct session *session)
{
	return session->observe;
}

static int fake_call_begin(struct session *session, const struct session_declaration *declaration,
			   struct session_call *ret_call)
{
	const char *tool = declaration->tool, *client_id = declaration->client_id;
	const char *tool_use_id = declaration->tool_use_id;
	const struct cJSON *args = declaration->args;
	char *text = args ? cJSON_PrintUnformatted(args) : NULL;

	memset(ret_call, 0, sizeof(*ret_call));
	if (!session->observe && !fake_tool_allowed(session, tool)) {
		cJSON_free(text);
		snprintf(ret_call->reason, sizeof(ret_call->reason), "rules.denied_tools has %s",
			 tool);
		return -EACCES;
	}
	if (strstr(tool, "guard") && declaration->settled.question != 5) {
		cJSON_free(text);
		ret_call->question = ret_call->settled.question = 5;
		return -EINPROGRESS;
	}
	if (!strncmp(tool, "ask", 3) && !declaration->settled.approved) {
		cJSON_free(text);
		snprintf(ret_call->reason, sizeof(ret_call->reason), "somebody has to approve");
		ret_call->ask_timeout_ms = 1000;
		ret_call->settled = declaration->settled;
		ret_call->settled.approved = true;
		return -EINPROGRESS;
	}
	if (session->begin_err) {
		cJSON_free(text);
		return session->begin_err;
	}
	session->input_redactions += declaration->input_redactions;
	if (declaration->written &&
	    !cJSON_PrintPreallocated((cJSON *)declaration->written, session->written,
				     sizeof(session->written), false))
		cr_assert_fail("too long");
	ret_call->id = ++session->calls;
	session->open++;
	ret_call->timeout_ms = session->timeout_ns ? (uint32_t)(session->timeout_ns / 1000000) :
						     60000;
	ret_call->deadline_ns = fake_now_ns() + ret_call->timeout_ms * 1000000ull;
	if (session->calls < 100)
		fake_log(session, "begin %d %s %s%s%s%s%s; ", (int)ret_call->id, tool, client_id,
			 text && strlen(text) < 100 ? " " : "",
			 text && strlen(text) < 100 ? text : "", tool_use_id ? " use=" : "",
			 tool_use_id ? tool_use_id : "");
	cJSON_free(text);
	return 0;
}

static int fake_call_end(struct session *session, uint64_t id, const char *outcome)
{
	session->open--;
	if (session->calls < 100)
		fake_log(session, "end %d %s; ", (int)id, outcome);
	return session->end_err;
}

static int fake_fd(const struct session *session)
{
	(void)session;
	return -1;
}

static int fake_drain(struct session *session)
{
	session->drains++;
	return 0;
}

static void fake_note(struct session *session, const char *kind, const char *text)
{
	(void)text;
	session->notes += !strcmp(kind, "protocol");
}

static bool fake_serializes(const struct session *session, const char *tool)
{
	(void)session;
	return !strncmp(tool, "alone", 5);
}

static const struct pii *fake_redacts_input(const struct session *session)
{
	return session->input;
}

static const struct pii *fake_redacts_output(const struct session *session)
{
	return session->output;
}

static void fake_call_redacted(struct session *session, uint64_t id, size_t count)
{
	(void)id;
	session->output_redactions += count;
}

static int fake_call_reasons(const struct session *session, uint64_t id, struct cJSON *array)
{
	(void)id;
	for (int i = 0; i < 2 && session->reasons[i]; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(session->reasons[i]));
	return 0;
}

static bool fake_judges_results(const struct session *session)
{
	return session->refuses;
}

static int fake_answered(struct session *session, uint64_t id, const struct cJSON *answer,
			 struct session_call *ret_call)
{
	char *text = cJSON_PrintUnformatted(answer);
	bool refused = text && strstr(text, session->refuses);

	cr_assert(id && text);
	snprintf(ret_call->reason, sizeof(ret_call->reason), "not that");
	cJSON_free(text);
	return refused ? -EACCES : 0;
}

static uint64_t fake_number(struct session *session)
{
	return ++session->numbers;
}

static struct approvals *fake_approvals(struct session *session)
{
	session->approvals.session = session;
	session->approvals.number = fake_number;
	session->approvals.note = fake_note;
	return &session->approvals;
}

__attribute__((unused)) static const struct gateway_ops fake_ops = {
	.spawn = fake_spawn,
	.tool_allowed = fake_tool_allowed,
	.observes = fake_observes,
	.call_begin = fake_call_begin,
	.call_end = fake_call_end,
	.fd = fake_fd,
	.drain = fake_drain,
	.note = fake_note,
	.serializes = fake_serializes,
	.redacts_input = fake_redacts_input,
	.redacts_output = fake_redacts_output,
	.call_redacted = fake_call_redacted,
	.call_reasons = fake_call_reasons,
	.judges_results = fake_judges_results,
	.answered = fake_answered,
	.approvals = fake_approvals,
};

#endif
