// SPDX-License-Identifier: Apache-2.0
/* Flow rules and windows of a child that lean on its parent. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy_text.h"

static int open_parent(void *ctx, const char *path)
{
	const char *text = ctx;
	int fd = memfd_create("parent", MFD_CLOEXEC);

	cr_assert_str_eq(path, "parent.yaml");
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

#define FLOW "{after: read s, deny: connect}"

Test(extends_flows, of_parent_and_child_add_up)
{
	static char parent[] = "name: p\nkernel: {labels: {s: [/s]}, flows: [" FLOW ", " FLOW "], "
			       "when: {w: {days: [mon]}}}\n";
	static const char child[] = "extends: parent.yaml\n"
				    "kernel: {flows: [" FLOW "], tools: {t: {when: w}}}\n";
	struct policy_load_options options = { .strict = true, .open = open_parent, .ctx = parent };
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };

	cr_assert_eq(policy_load_buffer("c.yaml", child, strlen(child), &options, &policy, &diag),
		     0, "%s:%u: %s", diag.file, diag.line, diag.text);
	cr_assert_neq(policy_flow(policy, 2).ops, 0);
	cr_assert_eq(policy_flow(policy, 3).ops, 0);
	policy_free(policy);
}

static bool labelled(const char *child, const char *pattern)
{
	static char parent[] = "name: p\nkernel: {labels: {s: [/s]}, when: {w: {days: [mon]}}}\n";
	struct policy_load_options options = { .strict = true, .open = open_parent, .ctx = parent };
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };
	bool found = false;

	cr_assert_eq(policy_load_buffer("c.yaml", child, strlen(child), &options, &policy, &diag),
		     0, "%s:%u: %s", diag.file, diag.line, diag.text);
	for (uint32_t id = 1; policy_rule(policy, id); id++)
		found |= !strcmp(policy_rule(policy, id)->section, "labels.s") &&
			 !strcmp(policy_rule(policy, id)->pattern, pattern);
	policy_free(policy);
	return found;
}

Test(extends_flows, a_label_only_grows)
{
	cr_assert(labelled("extends: parent.yaml\nkernel: {labels: {s: []}}\n", "/s"));
	cr_assert(labelled("extends: parent.yaml\nkernel: {labels: {s: [/t]}}\n", "/s"));
	cr_assert(labelled("extends: parent.yaml\nkernel: {labels: {s: [/t]}}\n", "/t"));
	cr_assert(labelled("extends: parent.yaml\nkernel: {labels: {u: [/t]}}\n", "/s"));
	cr_assert(labelled("extends: parent.yaml\nkernel: {labels: }\n", "/s"));
}

Test(extends_flows, windows_merge_by_name)
{
	cr_assert(labelled("extends: parent.yaml\n"
			   "kernel: {when: {v: {}}, tools: {t: {when: [v, w]}}}\n",
			   "/s"));
}

/* Of the arguments of a tool too, a rule that the child writes takes the place
 * of its parent's, and the others stay. */
Test(extends_flows, rules_of_arguments_go_by_name)
{
	static char parent[] =
		"name: p\nkernel: {tools: {T: {scope: process, extra_args: deny, args: "
		"{a: {max: 1}, b: {max: 2}}}}}\n";
	static const char child[] = "extends: parent.yaml\n"
				    "kernel: {tools: {t: {args: {b: {max: 9}, c: {max: 3}}}}}\n";
	static const struct {
		const char *json;
		int r;
	} calls[] = {
		{ "{\"a\": 1, \"b\": 9, \"c\": 3}", 0 },
		{ "{\"a\": 2, \"b\": 9, \"c\": 3}", -EACCES },
		{ "{\"a\": 1, \"b\": 10, \"c\": 3}", -EACCES },
		{ "{\"a\": 1, \"b\": 9, \"c\": 4}", -EACCES },
		{ "{\"a\": 1, \"b\": 9, \"c\": 3, \"d\": 0}", -EACCES },
	};
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/root" };
	struct policy_load_options options = { .strict = true, .open = open_parent, .ctx = parent };
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };
	struct automaton image = { 0 };

	cr_assert_eq(policy_load_buffer("c.yaml", child, strlen(child), &options, &policy, &diag),
		     0, "%s:%u: %s", diag.file, diag.line, diag.text);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		cJSON *args = cJSON_Parse(calls[i].json);
		struct policy_call call;

		cr_assert_eq(
			policy_call_compile(policy, &env, &image, "t", args, 1000, &call, &diag),
			calls[i].r, "%s: %s", calls[i].json, diag.text);
		cr_assert(calls[i].r < 0 || call.scope == POLICY_SCOPE_PROCESS);
		policy_call_done(&call);
		cJSON_Delete(args);
	}
	policy_free(policy);
}
