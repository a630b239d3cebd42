// SPDX-License-Identifier: Apache-2.0
/*
 * session_guards.c - guards and the declarations that wait for them: what is asked, what
 * was answered, and the answers until the declaration is made again.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/pii/pii.h"
#include "session_impl.h"
#include "user/guards/guards.h"
#include "user/meter/meters.h"
#include "user/util.h"

static struct session_question *find(const struct session *session, uint64_t number)
{
	for (size_t i = 0; number && session->questions && i < SESSION_QUESTIONS; i++)
		if (session->questions[i].number == number)
			return &session->questions[i];
	return NULL;
}

/* A free place, or that of the oldest answer that nobody came back for: whoever does after
 * all is asked for once more. */
static struct session_question *take_place(struct session *session)
{
	struct session_question *oldest = NULL;

	if (!session->questions)
		session->questions = calloc(SESSION_QUESTIONS, sizeof(*session->questions));
	for (size_t i = 0; session->questions && i < SESSION_QUESTIONS; i++) {
		struct session_question *question = &session->questions[i];

		if (!question->number)
			return question;
		if (!question->asked && (!oldest || question->number < oldest->number))
			oldest = question;
	}
	return oldest;
}

static void count(struct session *session, const struct session_question *question)
{
	for (size_t i = 0; i < question->len; i++)
		meters_guard(session_meters(session), &question->said[i]);
}

/* Whoever waits declares it again from within this. */
static void answered(void *ctx, uint64_t asked, const struct declare_guarded *said, size_t len)
{
	struct session *session = ctx;

	for (size_t i = 0; i < SESSION_QUESTIONS; i++) {
		struct session_question *question = &session->questions[i];
		uint64_t number = question->number;

		if (!number || question->asked != asked)
			continue;
		question->asked = 0;
		question->len = len;
		memcpy(question->said, said, len * sizeof(*said));
		count(session, question);
		if (approvals_answered(session_approvals(session), number) < 0)
			session_guards_forget(session, number);
		return;
	}
}

void session_guards_open(struct session *session, struct event_base *base)
{
	session->base = base;
}

void session_guards_close(struct session *session)
{
	guards_free(session->guards);
	free(session->questions);
	session->guards = NULL;
	session->questions = NULL;
	session->base = NULL;
}

/* What the tool gets, without what the policy calls personal or secret: that is no more a
 * guard's business than it is the trail's. NULL: *ret_why. */
static char *arguments(const struct session *session, const struct session_declaration *d,
		       const char **ret_why)
{
	const struct pii *pii = session_redacts_input(session);
	cJSON *args = d->args ? cJSON_Duplicate(d->args, true) : cJSON_CreateObject();
	char *text = NULL;
	size_t found;
	int r = args ? 0 : -ENOMEM;

	if (r == 0 && pii)
		r = pii_redact_json(pii, args, &found);
	if (r == 0)
		text = cJSON_PrintUnformatted(args);
	*ret_why = r == -E2BIG ? "the arguments cannot be redacted" : "no memory";
	cJSON_Delete(args);
	return text;
}

/* 0: answered; 1: will be; else *ret_why. */
static int ask(struct session *session, const struct session_declaration *d,
	       const struct policy_guard *const *guards, size_t len,
	       struct session_question *question, const char **ret_why)
{
	_cleanup_free_ char *args = arguments(session, d, ret_why);
	const struct guards_question asked = {
		.guards = guards, .len = len, .tool = d->tool, .args = args
	};

	if (!args)
		return -E2BIG;
	*ret_why = "there is no loop to ask it from";
	if (!session->base)
		return -ENOTCONN;
	*ret_why = "no memory";
	if (!session->guards && guards_new(session->base, answered, session, &session->guards) < 0)
		return -ENOMEM;
	return guards_ask(session->guards, &asked, question->said, &question->asked, ret_why);
}

/* Nobody could be asked: what that means is each guard's to say. */
static void fail(struct session_question *question, const struct policy_guard *const *guards,
		 int error, const char *why)
{
	memset(question->said, 0, sizeof(question->said));
	for (size_t i = 0; i < question->len; i++) {
		question->said[i].said = DECLARE_FAILED;
		question->said[i].opens = guards[i]->opens_on_error;
		question->said[i].refuses = error == -E2BIG || error == -EMFILE;
		snprintf(question->said[i].guard, sizeof(question->said[i].guard), "%s",
			 guards[i]->name);
		snprintf(question->said[i].why, sizeof(question->said[i].why), "%s", why);
	}
}

bool session_guards_ask(struct session *session, const struct session_declaration *d,
			uint64_t *ret_question)
{
	const struct policy_guard *guards[POLICY_GUARDS_OF_CALL];
	struct session_question *question;
	const char *why;
	int r;

	session_guards_forget(session, *ret_question);
	*ret_question = 0;
	question = take_place(session);
	if (!question) /* no memory: not asked, and so nothing opens */
		return false;
	memset(question, 0, sizeof(*question));
	question->len = policy_guards_of(session->installed.policy, d->tool, guards);
	question->generation = session->installed.generation;
	question->number = *ret_question = ++session->question_numbers;
	r = ask(session, d, guards, question->len, question, &why);
	if (r == 1)
		return false;
	question->asked = 0;
	if (r < 0)
		fail(question, guards, r, why);
	count(session, question);
	return true;
}

const struct declare_guarded *session_guards_said(const struct session *session,
						  const struct session_declaration *d,
						  size_t *ret_len)
{
	const struct session_question *question = find(session, d->settled.question);

	*ret_len = 0;
	if (!question || question->asked || question->generation != session->installed.generation)
		return NULL;
	*ret_len = question->len;
	return question->said;
}

static int add_one(cJSON *list, const struct declare_guarded *said)
{
	static const char *const words[] = {
		[DECLARE_SAFE] = "safe", [DECLARE_UNSAFE] = "unsafe", [DECLARE_FAILED] = "none"
	};
	cJSON *one = cJSON_CreateObject();

	if (!cJSON_AddItemToArray(list, one)) {
		cJSON_Delete(one);
		return -ENOMEM;
	}
	if (!cJSON_AddStringToObject(one, "guard", said->guard) ||
	    !cJSON_AddStringToObject(one, "verdict", words[said->said]) ||
	    (said->categories[0] &&
	     !cJSON_AddStringToObject(one, "categories", said->categories)) ||
	    (said->why[0] && !cJSON_AddStringToObject(one, "why", said->why)) ||
	    !cJSON_AddNumberToObject(one, "ms", said->ms) ||
	    (said->said == DECLARE_FAILED && said->opens && !said->refuses &&
	     !cJSON_AddStringToObject(one, "on_error", "allow")) ||
	    (said->cached && !cJSON_AddTrueToObject(one, "cached")))
		return -ENOMEM;
	return 0;
}

int session_guards_record(const struct session *session, const struct session_declaration *d,
			  struct cJSON *record)
{
	size_t len;
	const struct declare_guarded *said = session_guards_said(session, d, &len);
	cJSON *list = len ? cJSON_AddArrayToObject(record, "guards") : NULL;
	int r = 0;

	if (len && !list)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < len; i++)
		if (said[i].said)
			r = add_one(list, &said[i]);
	return r;
}

void session_guards_forget(struct session *session, uint64_t number)
{
	struct session_question *question = find(session, number);

	if (question)
		memset(question, 0, sizeof(*question));
}

void session_guards_cancel(struct session *session, uint64_t number)
{
	struct session_question *question = find(session, number);

	if (question && question->asked && session->guards)
		guards_cancel(session->guards, question->asked);
	session_guards_forget(session, number);
}
