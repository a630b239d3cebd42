// SPDX-License-Identifier: Apache-2.0
/* Rules of arguments: what each refuses, in words, and what the policy may say. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "policy_text.h"
#include "policy/args/args.h"

static struct loaded policy;
static struct policy_diag diag;

static void done(void)
{
	policy_free(policy.policy);
	policy.policy = NULL;
}
TestSuite(args, .fini = done);

/* The body of kernel.tools.t, as YAML in one line. */
static void given(const char *tool)
{
	char text[4096];

	done();
	snprintf(text, sizeof(text), "name: p\nkernel:\n  tools:\n    t: { %s }\n", tool);
	policy = load_bytes(text, strlen(text), true);
	cr_assert_eq(policy.r, 0, "%s: %s", tool, policy.diag.text);
}

static int declare(const char *json)
{
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/root" };
	struct automaton image = { 0 };
	struct policy_call call;
	cJSON *args = cJSON_Parse(json);
	int r;

	cr_assert_not_null(args, "%s", json);
	diag.text[0] = '\0';
	r = policy_call_compile(policy.policy, &env, &image, "t", args, 1000, &call, &diag);
	policy_call_done(&call);
	cJSON_Delete(args);
	return r;
}

static void permitted(const char *json)
{
	cr_assert_eq(declare(json), 0, "%s: %s", json, diag.text);
}

static void refused(const char *json, const char *says)
{
	cr_assert_eq(declare(json), -EACCES, "%s", json);
	cr_assert_str_eq(diag.text, says, "%s: %s", json, diag.text);
	cr_assert_eq(diag.line, 4);
}

Test(args, without_rules_anything_goes)
{
	given("timeout: 3");
	permitted("{\"a\": [1, {\"b\": null}]}");
	given("args: {}");
	permitted("{\"a\": 1}");
	given("args: null, extra_args: allow");
	permitted("{\"a\": 1}");
}

Test(args, types)
{
	static const char *const values[] = { "\"x\"", "1", "1.5", "true", "[]", "{}", "null" };
	static const struct {
		const char *type, *takes; /* one letter a value */
	} types[] = {
		{ "string", "y------" },	 { "integer", "-y-----" },
		{ "number", "-yy----" },	 { "boolean", "---y---" },
		{ "array", "----y--" },		 { "object", "-----y-" },
		{ "'null'", "------y" },	 { "null", "------y" },
		{ "[string, null]", "y-----y" }, { "[integer, array]", "-y--y--" },
	};
	char text[100];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(text, sizeof(text), "args: { a: { type: %s } }", types[i].type);
		given(text);
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			bool takes = types[i].takes[j] == 'y';

			snprintf(text, sizeof(text), "{\"a\": %s}", values[j]);
			cr_assert_eq(declare(text) == 0, takes, "%s %s: %s", types[i].type, text,
				     diag.text);
		}
	}
	given("args: { a: { type: [integer, boolean] } }");
	refused("{\"a\": \"1\"}", "argument a must be an integer or a boolean");
	given("args: { a: { type: integer } }");
	permitted("{\"a\": 1.0}");
	permitted("{\"a\": -9007199254740991}");
	refused("{\"a\": 9007199254740993}", "argument a must be an integer");
	refused("{\"a\": 1e400}", "argument a must be an integer");
}

Test(args, a_rule_makes_an_argument_required_and_names_are_exact)
{
	given("args: { a: { type: string }, b: { type: string, optional: true }, c: null }");
	permitted("{\"a\": \"\"}");
	permitted("{\"a\": \"\", \"b\": \"\", \"c\": 3, \"d\": 4}");
	refused("{}", "argument a is missing");
	refused("{\"a\": null}", "argument a must be a string");
	given("args: { a: { type: string }, c: null }, extra_args: deny");
	permitted("{\"a\": \"\", \"c\": 3}");
	refused("{\"a\": \"\", \"d\": 3}", "argument d is not known to the policy");
	refused("{\"a\": \"\", \"\\n\": 3}", "argument ? is not known to the policy");
	given("extra_args: deny");
	permitted("{}");
	refused("{\"a\": 1}", "argument a is not known to the policy");
}

/* A reader that takes the last of two names, or does not look at their case,
 * must see what the rules saw. */
Test(args, nothing_hides_behind_a_name)
{
	given("args: { a: { max: 1, optional: true }, disk: { max: 1, optional: true }, "
	      "o: { properties: { d: { max: 1 } }, optional: true } }");
	permitted("{\"a\": 1, \"b\": 2, \"b\": 3, \"aa\": 2, \"\": 2}");
	refused("{\"a\": 1, \"a\": 9}", "argument a is there twice");
	refused("{\"a\": 1, \"A\": 9}", "argument A is another spelling of a");
	refused("{\"A\": 1}", "argument A is another spelling of a");
	refused("{\"di\xc5\xbfk\": 9}", "argument ? is another spelling of disk");
	refused("{\"dis\xe2\x84\xaa\": 9}", "argument ? is another spelling of disk");
	refused("{\"o\": {\"d\": 1, \"d\": 9}}", "argument o.d is there twice");
	refused("{\"o\": {\"D\": 9, \"d\": 1}}", "argument o.D is another spelling of d");
	given("args: { a: { type: string } }, extra_args: deny");
	refused("{\"A\": \"\"}", "argument A is another spelling of a");
	refused("{\"a\": \"\", \"A\": 3}", "argument A is another spelling of a");
}

Test(args, values)
{
	given("args: { a: { enum: [GET, 3, true, null, '3'] } }");
	permitted("{\"a\": \"GET\"}");
	permitted("{\"a\": 3}");
	permitted("{\"a\": 3.0}");
	permitted("{\"a\": \"3\"}");
	permitted("{\"a\": true}");
	permitted("{\"a\": null}");
	refused("{\"a\": \"get\"}", "argument a must be one of \"GET\", 3, true, null, \"3\"");
	refused("{\"a\": false}", "argument a must be one of \"GET\", 3, true, null, \"3\"");
	refused("{\"a\": \"true\"}", "argument a must be one of \"GET\", 3, true, null, \"3\"");
	refused("{\"a\": [\"GET\"]}", "argument a must be one of \"GET\", 3, true, null, \"3\"");
}

Test(args, many_values_are_told_as_far_as_a_sentence_goes)
{
	given("args: { a: { enum: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "
	      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, c] } }");
	refused("{\"a\": 1}",
		"argument a must be one of "
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", ...");
}

Test(args, numbers)
{
	given("args: { a: { min: -1.5, max: 10 } }");
	permitted("{\"a\": -1.5}");
	permitted("{\"a\": 10}");
	refused("{\"a\": 10.000001}", "argument a must be at most 10");
	refused("{\"a\": -2}", "argument a must be at least -1.5");
	refused("{\"a\": \"5\"}", "argument a must be an integer or a number");
	refused("{\"a\": 1e300}", "argument a is too large to be compared");
	refused("{\"a\": -1e999}", "argument a is too large to be compared");
}

Test(args, texts)
{
	given("args: { a: { min_length: 2, max_length: 3 } }");
	permitted("{\"a\": \"\xc3\xa4\xc3\xb6\xc3\xbc\"}");
	refused("{\"a\": \"\xc3\xa4\"}", "argument a must have a length of at least 2");
	refused("{\"a\": \"abcd\"}", "argument a must have a length of at most 3");
	given("args: { a: { pattern: '[a-z]+(-[a-z]+)*' } }");
	permitted("{\"a\": \"ab-cd\"}");
	refused("{\"a\": \"ab-\"}", "argument a does not match its pattern [a-z]+(-[a-z]+)*");
	refused("{\"a\": \"xab\\n\"}", "argument a does not match its pattern [a-z]+(-[a-z]+)*");
	refused("{\"a\": \"ab; rm\"}", "argument a does not match its pattern [a-z]+(-[a-z]+)*");
	given("args: { a: { pattern: '^a$' } }");
	permitted("{\"a\": \"a\"}");
	refused("{\"a\": \"a\\n\"}", "argument a does not match its pattern ^a$");
}

Test(args, what_is_not_text_has_no_length)
{
	given("args: { a: { max_length: 3 } }");
	refused("{\"a\": \"\x80\x80\x80\x80\x80\x80\"}", "argument a is not valid UTF-8");
	refused("{\"a\": \"\xc0\xaf\"}", "argument a is not valid UTF-8");
	refused("{\"a\": \"\xed\xa0\x80\"}", "argument a is not valid UTF-8");
	refused("{\"a\": \"\xe2\x82\"}", "argument a is not valid UTF-8");
	given("args: { a: { type: string } }");
	refused("{\"a\": \"\xff\"}", "argument a is not valid UTF-8");
	given("args: { a: { type: number } }");
	permitted("{\"a\": 1e300}");
	refused("{\"a\": 1e999}", "argument a is too large for a number");
}

Test(args, no_pattern_takes_exponential_time)
{
	char text[300], value[200];

	memset(value, 'x', 150);
	value[150] = '\0';
	snprintf(text, sizeof(text), "{\"a\": \"%s\"}", value);
	given("args: { a: { pattern: '(x+x+)+[yz]' } }");
	refused(text, "argument a takes too long to compare with its pattern");
	given("args: { a: { pattern: '(?:(x|xx)(?R)?)+[yz]' } }");
	refused(text, "argument a takes too long to compare with its pattern");
}

Test(args, lists_and_mappings)
{
	given("args: { a: { items: { type: string, max_length: 2 }, min_items: 1, max_items: 2 } "
	      "}");
	permitted("{\"a\": [\"x\", \"yy\"]}");
	refused("{\"a\": []}", "argument a must have a number of items of at least 1");
	refused("{\"a\": [\"\", \"\", \"\"]}",
		"argument a must have a number of items of at most 2");
	refused("{\"a\": [\"x\", \"yyy\"]}", "argument a[1] must have a length of at most 2");
	refused("{\"a\": [\"x\", 1]}", "argument a[1] must be a string");
	refused("{\"a\": \"x\"}", "argument a must be a list");
	given("args: { o: { properties: { d: { max: 3 }, e: { items: { extra: deny, properties: { "
	      "f: { "
	      "type: 'null' } } }, optional: true } }, extra: deny } }");
	permitted("{\"o\": {\"d\": 3}}");
	permitted("{\"o\": {\"d\": 3, \"e\": [{\"f\": null}]}}");
	refused("{\"o\": {}}", "argument o.d is missing");
	refused("{\"o\": {\"d\": 4}}", "argument o.d must be at most 3");
	refused("{\"o\": {\"d\": 3, \"x\": 1}}", "argument o.x is not known to the policy");
	refused("{\"o\": {\"d\": 3, \"e\": [{\"f\": null}, {\"f\": null, \"g\": 1}]}}",
		"argument o.e[1].g is not known to the policy");
	refused("{\"o\": []}", "argument o must be a mapping");
}

Test(args, urls)
{
	given("args: { u: { url: { scheme: [https, wss], host: ['*.b.org', c.org, 10.0.0.1, "
	      "'::1'], "
	      "port: [443, 8000-8002], path: ['/v1/**', '/{x,y}/*.txt', '/a?c'], query: deny, "
	      "fragment: deny } } }");
	permitted("{\"u\": \"https://a.b.org/v1/x/y\"}");
	permitted("{\"u\": \"WSS://C.org:8001/y/z.txt\"}");
	permitted("{\"u\": \"https://10.0.0.1/abc\"}");
	permitted("{\"u\": \"https://[0::1]/v1/\"}");
	permitted("{\"u\": \"https://c.org/q/../v1/a//b\"}");
	refused("{\"u\": \"http://c.org/v1/\"}",
		"argument u has a scheme that the policy does not permit");
	refused("{\"u\": \"https://b.org/v1/\"}",
		"argument u has a host that the policy does not permit");
	refused("{\"u\": \"https://xb.org/v1/\"}",
		"argument u has a host that the policy does not permit");
	refused("{\"u\": \"https://c.org.evil/v1/\"}",
		"argument u has a host that the policy does not permit");
	refused("{\"u\": \"https://10.0.0.2/v1/\"}",
		"argument u has a host that the policy does not permit");
	refused("{\"u\": \"https://c.org:80/v1/\"}",
		"argument u has a port that the policy does not permit");
	refused("{\"u\": \"https://c.org/v1\"}",
		"argument u has a path that the policy does not permit");
	refused("{\"u\": \"https://c.org/v1/../v2/\"}",
		"argument u has a path that the policy does not permit");
	refused("{\"u\": \"https://c.org/x/y/z.txt\"}",
		"argument u has a path that the policy does not permit");
	refused("{\"u\": \"https://c.org/v1/a%2fb\"}",
		"argument u has an encoded slash in its path");
	refused("{\"u\": \"https://me@c.org/v1/\"}", "argument u has a user in front of the host");
	refused("{\"u\": \"https://c.org/v1/?\"}", "argument u has a query");
	refused("{\"u\": \"https://c.org/v1/#\"}", "argument u has a fragment");
	refused("{\"u\": \"https://c.org\\\\@evil/v1/\"}", "argument u has a backslash");
	refused("{\"u\": 3}", "argument u must be a string");
	given("args: { u: { url: {} } }");
	permitted("{\"u\": \"gopher://any.where/?q#f\"}");
	refused("{\"u\": \"any.where\"}", "argument u has no scheme");
	/* hosts are compared with what they look like */
	given("args: { u: { url: { host: ['0:0::1', 'A.org.', '*.B.org'] } } }");
	permitted("{\"u\": \"http://[::1]/\"}");
	permitted("{\"u\": \"http://a.org/\"}");
	permitted("{\"u\": \"http://x.b.org/\"}");
	given("args: { u: { url: { host: [], userinfo: allow } } }");
	refused("{\"u\": \"http://h/\"}", "argument u has a host that the policy does not permit");
}

/* column: of the error, in the rule. */
static void wrong(const char *tool, unsigned int column, const char *says)
{
	char text[8000];
	struct loaded l;

	snprintf(text, sizeof(text), "name: p\nkernel:\n  tools:\n    t: { args: { a: { %s } } }\n",
		 tool);
	l = load_bytes(text, strlen(text), true);
	cr_assert_eq(l.r, -EINVAL, "%s", tool);
	diag_is(&l.diag, "p.yaml", 4, column + 22, says);
	policy_free(l.policy);
}

Test(args, what_is_no_rule)
{
	wrong("type: text", 7, "type must be one of string, integer");
	wrong("type: []", 7, "empty list");
	wrong("typ: string", 1, "did you mean \"type\"?");
	wrong("pattern: '[a'", 13, "pattern: missing terminating ]");
	wrong("pattern: ab(c", 14, "pattern: missing closing parenthesis");
	wrong("pattern: \"ab(c\"", 15, "missing closing parenthesis");
	wrong("pattern: \"\\\\d\\\"**\"", 17, "quantifier does not follow");
	wrong("pattern: 'it''s ++*'", 19, "quantifier does not follow");
	wrong("pattern: '\xc3\xa4**'", 13, "quantifier does not follow");
	wrong("pattern: \"a\\x28\"", 10, "missing closing parenthesis");
	wrong("pattern: '\\C'", 13, "pattern:");
	wrong("pattern: [a]", 10, "text");
	wrong("type: integer, pattern: a", 25, "pattern is about strings");
	wrong("type: string, max: 3", 20, "max is about numbers");
	wrong("min: 3, max: 2", 14, "max is less than min");
	wrong("min: x", 6, "min must be a number");
	wrong("max: .inf", 6, "max must be a number");
	wrong("max: 1e99", 6, "2^53");
	wrong("min_length: -1", 13, "whole number");
	wrong("max_items: 1.5", 12, "whole number");
	wrong("enum: []", 7, "from 1 to 1000");
	wrong("enum: a", 7, "list");
	wrong("enum: [[a]]", 8, "enum takes");
	wrong("type: string, enum: [a, 7]", 25, "7 is a number, which `type` excludes; put quotes");
	wrong("type: string, enum: [no]", 22, "no is a boolean");
	wrong("type: integer, enum: [1, 1.5]", 26, "1.5 is a number, which `type` excludes");
	wrong("max_length: 3, enum: [null]", 23, "null is null");
	wrong("enum: [9007199254740993]", 8, "beyond 2^53");
	wrong("optional: maybe", 11, "true or false");
	wrong("extra: no", 8, "allow, deny");
	wrong("properties: []", 13, "mapping");
	wrong("items: []", 8, "mapping");
	wrong("properties: { a: , b: , A: }", 13, "is there twice (case does not count)");
	wrong("items: { typ: x }", 10, "did you mean");
	wrong("url: https", 6, "mapping");
	wrong("url: { host: a*b }", 14, "a star stands in front");
	wrong("url: { host: '*' }", 14, "a star stands in front");
	wrong("url: { host: 'a/b' }", 14, "is no host");
	wrong("url: { host: '*.10.0.0.1' }", 14, "nothing is below an address");
	wrong("url: { host: [a, '127.1'] }", 18, "is no host of a URL: it has a host that ends in");
	wrong("url: { host: 'a..b' }", 14, "has an empty label");
	wrong("url: { host: 'a:80' }", 14, "is not an IPv6 address");
	wrong("url: { host: '::ffff:1.2.3.4' }", 14, "IPv4 address within");
	wrong("url: { port: 70000 }", 14, "1 to 65535");
	wrong("url: { port: [80, 9-8] }", 19, "1 to 65535");
	wrong("url: { path: a }", 14, "start with /");
	wrong("url: { path: '/{a' }", 14, "braces");
	wrong("url: { scheme: 'a b' }", 16, "is no scheme");
	wrong("url: { hosts: a }", 8, "did you mean \"host\"");
	wrong("items: { items: { items: { items: { items: { items: { items: { items: { } } } } } } "
	      "} }",
	      71, "nested more than 8 deep");
}

Test(args, a_child_that_names_an_argument_leaves_the_others)
{
	/* as every key: what the child writes replaces, what it does not stays */
	given("args: { a: { max: 1 } }");
	refused("{\"a\": 2}", "argument a must be at most 1");
}
