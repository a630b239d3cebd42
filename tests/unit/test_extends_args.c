// SPDX-License-Identifier: Apache-2.0
/* Rules of arguments of a parent and of its child, key by key. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy_text.h"

static struct policy *policy;
static struct policy_diag diag;

static void done(void)
{
	policy_free(policy);
	policy = NULL;
}

TestSuite(extends_args, .fini = done);

static int open_parent(void *ctx, const char *path)
{
	const char *text = ctx;
	int fd = memfd_create("parent", MFD_CLOEXEC);

	(void)path;
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int load(const char *parent_tool, const char *child_tool)
{
	char parent[1000], child[1000];
	struct policy_load_options options = { .strict = true, .open = open_parent, .ctx = parent };

	snprintf(parent, sizeof(parent), "name: p\nkernel: {tools: {T: %s}}\n", parent_tool);
	snprintf(child, sizeof(child), "extends: p.yaml\nkernel: {tools: {t: %s}}\n", child_tool);
	done();
	return policy_load_buffer("c.yaml", child, strlen(child), &options, &policy, &diag);
}

static void merged(const char *parent_tool, const char *child_tool)
{
	cr_assert_eq(load(parent_tool, child_tool), 0, "%s:%u:%u: %s", diag.file, diag.line,
		     diag.column, diag.text);
}

static int declare(const char *json)
{
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/root" };
	struct automaton image = { 0 };
	struct policy_call call;
	cJSON *args = cJSON_Parse(json);
	int r;

	cr_assert_not_null(args, "%s", json);
	memset(&diag, 0, sizeof(diag));
	r = policy_call_compile(policy, &env, &image, "t", args, 1000, &call, &diag);
	policy_call_done(&call);
	cJSON_Delete(args);
	return r;
}

static void allow(const char *json)
{
	cr_assert_eq(declare(json), 0, "%s: %s", json, diag.text);
}

static void refuse(const char *json, const char *says)
{
	cr_assert_eq(declare(json), -EACCES, "%s", json);
	cr_assert(strstr(diag.text, says), "\"%s\" lacks \"%s\"", diag.text, says);
}

Test(extends_args, a_child_that_writes_another_key_keeps_the_parents)
{
	merged("{args: {a: {type: string, max_length: 3}}, extra_args: deny}",
	       "{args: {a: {pattern: \"[a-z]+\"}}}");
	allow("{\"a\":\"abc\"}");
	refuse("{\"a\":\"abcd\"}", "a length of at most 3");
	refuse("{\"a\":\"AB\"}", "does not match its pattern");
	refuse("{\"a\":\"abc\",\"b\":1}", "argument b is not known to the policy");
}

Test(extends_args, a_key_that_the_child_writes_is_the_childs)
{
	merged("{args: {a: {max: 3, min: 1}}}", "{args: {a: {max: 5}}}");
	allow("{\"a\":5}");
	refuse("{\"a\":6}", "at most 5");
	refuse("{\"a\":0}", "at least 1");
	merged("{args: {a: {max: 3, min: 1}}, extra_args: deny}",
	       "{args: {a: {max: null}}, extra_args: null}");
	allow("{\"a\":500}");
	refuse("{\"a\":0}", "at least 1");
	allow("{\"a\":1,\"b\":1}");
}

Test(extends_args, nothing_in_the_place_of_a_map_changes_nothing)
{
	merged("{args: {a: {max: 3}, b: {properties: {c: {max: 1}}}}}",
	       "{args: {a: , b: {properties: {}}}}");
	refuse("{\"a\":4}", "at most 3");
	refuse("{\"a\":1,\"b\":{\"c\":2}}", "argument b.c must be at most 1");
	merged("{args: {a: {max: 3}}}", "{args: null}");
	refuse("{\"a\":4}", "at most 3");
	merged("{args: {a: {max: 3}}}", "null");
	refuse("{\"a\":4}", "at most 3");
}

Test(extends_args, maps_within_merge_as_well)
{
	merged("{args: {o: {properties: {d: {max: 3}}, extra: deny}, p: {items: {max_length: 2}, "
	       "optional: true}, u: {url: {scheme: [https], host: [a]}, optional: true}}}",
	       "{args: {o: {properties: {e: {min: 1}}}, p: {items: {min_length: 1}}, u: {url: "
	       "{scheme: [http, https]}}, n: {optional: true, max: 1}}}");
	allow("{\"o\":{\"d\":3,\"e\":1}}");
	refuse("{\"o\":{\"d\":4,\"e\":1}}", "argument o.d must be at most 3");
	refuse("{\"o\":{\"d\":3,\"e\":0}}", "argument o.e must be at least 1");
	refuse("{\"o\":{\"d\":3}}", "argument o.e is missing");
	refuse("{\"o\":{\"d\":3,\"e\":1,\"f\":1}}", "argument o.f is not known");
	refuse("{\"o\":{\"d\":3,\"e\":1},\"p\":[\"abc\"]}",
	       "argument p[0] must have a length of at most 2");
	refuse("{\"o\":{\"d\":3,\"e\":1},\"p\":[\"\"]}",
	       "argument p[0] must have a length of at least 1");
	allow("{\"o\":{\"d\":3,\"e\":1},\"u\":\"http://a/\"}");
	refuse("{\"o\":{\"d\":3,\"e\":1},\"u\":\"http://b/\"}", "has a host that");
	refuse("{\"o\":{\"d\":3,\"e\":1},\"n\":2}", "at most 1");
}

Test(extends_args, what_both_say_together_is_checked)
{
	cr_assert_eq(load("{args: {a: {type: integer}}}", "{args: {a: {pattern: x}}}"), -EINVAL);
	diag_is(&diag, "c.yaml", 2, 42, "pattern is about strings");
	cr_assert_eq(load("{args: {a: {min: 5}}}", "{args: {a: {max: 3}}}"), -EINVAL);
	diag_is(&diag, "c.yaml", 2, 38, "max is less than min");
	cr_assert_eq(load("{args: {a: {}}}", "{args: {A: {}}}"), -EINVAL);
	cr_assert(strstr(diag.text, "case does not count"));
	cr_assert_eq(load("{args: {a: {pattern: \"(\"}}}", "{args: {a: {pattern: x}}}"), -EINVAL);
	diag_is(&diag, "p.yaml", 2, 44, "missing closing parenthesis");
}
