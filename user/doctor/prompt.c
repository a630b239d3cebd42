// SPDX-License-Identifier: Apache-2.0
/* prompt.c - what the policy lets look at a model's words, before a call opens. */
#include <stdio.h>

#include "finding.h"
#include "layers.h"
#include "policy/policy.h"

static void examine_redaction(const struct policy_guards *guards, struct cJSON *layer)
{
	if (guards->redacts_input && guards->redacts_output)
		finding(layer, FINDING_OK, "redaction", NULL,
			"of arguments and of what comes back");
	else if (guards->redacts_input)
		finding(layer, FINDING_WEAK, "redaction", "redact_output: true",
			"of arguments, not of what comes back");
	else
		finding(layer, FINDING_MISSING, "redaction", "pii_redaction: { enabled: true }",
			"none: personal data and secrets go to the tools as they are");
}

void prompt_examine(const struct policy *policy, struct cJSON *layer)
{
	struct policy_guards guards = { 0 };

	if (!policy) {
		finding(layer, FINDING_MISSING, "guards", "doctor -p POLICY",
			"none declared: no policy was given");
		return;
	}
	guards = policy_guards(policy);
	if (guards.patterns || guards.asks || guards.args || guards.guarded)
		finding(layer, FINDING_OK, "guards", NULL,
			"policy %.128s: %zu content patterns, %zu tools with rules of arguments, "
			"%zu that ask somebody, %zu that ask guards",
			policy_name(policy), guards.patterns, guards.args, guards.asks,
			guards.guarded);
	else
		finding(layer, FINDING_MISSING, "guards",
			"content_rules, args of a tool, ask: true or guard (policy/README.md)",
			"policy %.128s: none declared", policy_name(policy));
	guards_examine(policy, layer);
	examine_redaction(&guards, layer);
}
