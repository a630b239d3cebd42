// SPDX-License-Identifier: Apache-2.0
#include "learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As large as a session's (session.c): what is proposed must fit there. */
#define WORDS_MAX (128u * 1024u)

static int complain(int error, struct policy_diag *diag)
{
	if (!diag->text[0])
		snprintf(diag->text, sizeof(diag->text), "%s",
			 error == -E2BIG ? "the proposal has names that are too long" :
					   strerror(-error));
	return error;
}

static int propose(char *const trails[], size_t trails_len, const struct proposal_options *options,
		   const struct policy_env *env, struct learn_result *result,
		   struct policy_diag *diag)
{
	struct observed observed;
	FILE *to = NULL;
	int r = observed_init(&observed, env);

	for (size_t i = 0; r == 0 && i < trails_len; i++)
		r = observed_read(&observed, trails[i], diag);
	if (r == 0 && !observed.effects) {
		snprintf(diag->text, sizeof(diag->text),
			 "nothing happens in these trails; record them with --observe --record "
			 "all");
		r = -EINVAL;
	}
	if (r == 0)
		to = open_memstream(&result->text, &result->text_len);
	if (r == 0)
		r = to ? proposal_write(&observed, options, to) : -ENOMEM;
	if (to && fclose(to) && r == 0)
		r = -ENOMEM;
	observed_done(&observed);
	return r;
}

static int replay(char *const trails[], size_t trails_len, const struct policy_env *env, FILE *tell,
		  struct learn_result *result, struct policy_diag *diag)
{
	struct replay replay = { .env = env, .to = tell };
	struct automaton image = { 0 };
	struct policy *policy = NULL;
	int r = policy_load_buffer("proposal", result->text, result->text_len, NULL, &policy, diag);

	if (r == 0)
		r = policy_compile(policy, env, WORDS_MAX, NULL, &image, diag);
	replay.policy = policy;
	replay.image = &image;
	for (size_t i = 0; r == 0 && i < trails_len; i++)
		r = replay_trail(&replay, trails[i], diag);
	result->effects = replay.effects;
	result->calls = replay.calls;
	result->refused = replay.refused;
	result->by_ceiling = replay.by_ceiling;
	automaton_done(&image);
	policy_free(policy);
	return r;
}

int learn(char *const trails[], size_t trails_len, const struct proposal_options *options,
	  const struct policy_env *env, FILE *tell, struct learn_result *ret_result,
	  struct policy_diag *ret_diag)
{
	int r;

	memset(ret_result, 0, sizeof(*ret_result));
	memset(ret_diag, 0, sizeof(*ret_diag));
	r = propose(trails, trails_len, options, env, ret_result, ret_diag);
	if (r == 0)
		r = replay(trails, trails_len, env, tell, ret_result, ret_diag);
	if (r < 0) {
		learn_result_done(ret_result);
		return complain(r, ret_diag);
	}
	return 0;
}

void learn_result_done(struct learn_result *result)
{
	free(result->text);
	memset(result, 0, sizeof(*result));
}
