/* SPDX-License-Identifier: Apache-2.0 */
/* eval_impl.h - inside the evaluation. */
#ifndef EC_EVAL_IMPL_H
#define EC_EVAL_IMPL_H

#include "acts.h"
#include "eval.h"
#include "stage.h"

struct session;

struct eval {
	struct eval_options options;
	char *policy_path; /* absolute */
	struct stage stage;
	struct session *anchor;	    /* keeps the sensor loaded between two plays */
	struct cJSON *args;	    /* of an honest call */
	char tool[256];		    /* the honest one; "" when there is none */
	const char *denied;	    /* one that the policy denies, or that it does not know */
	char trail[STAGE_PATH_MAX]; /* of the play; outside of the stage's reach */
	char work[STAGE_PATH_MAX];  /* pattern: where each permitted call may write */
	bool confined;		    /* the play that runs */
	bool unseen;
};

/* One way to see it: in the agent's tree, and then on the stage; or over MCP. */
struct attack {
	struct eval_scenario scenario;
	void (*play)(struct actor *actor);
	bool (*worked)(const struct eval *eval);
	bool (*converse)(struct eval *eval, struct session *session); /* NULL: nobody watches */
};

/* A few categories a file, ended by an id of NULL. */
extern const struct attack attacks_abuse[], attacks_data[], attacks_resources[], attacks_evasion[],
	attacks_host[], attacks_trail[], attacks_outside[];

/* play.c: 0 or an error. */
int play(struct eval *eval, const struct attack *attack, bool confined, bool *ret_worked);

/* What several attacks are seen by. */
bool worked_leaked(const struct eval *eval);
bool worked_damaged(const struct eval *eval);
bool worked_marked(const struct eval *eval); /* calls/mark */
/* And what several do: declare this (note as in act_begin), and leave the mark. */
void declare_and_mark(struct actor *actor, const char *tool, const char *note);

#endif
