// SPDX-License-Identifier: Apache-2.0
/* test_session_line.c - what is written straight into memory is what decode_describe()
 * has of the same effect. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <string.h>

#include "bpf/verdict.h"
#include "user/sensor/agent_impl.h"
#include "user/session/session_impl.h"

static struct agent agent = { .uid = 7 };
static struct session_desk desk;
static struct session session = { .agent = &agent, .desk = &desk };

static struct ec_obs denied(const char *target)
{
	return (struct ec_obs) { .version = EC_OBS_VERSION,
				 .len = sizeof(struct ec_obs),
				 .kind = EC_OBS_EFFECT,
				 .op = EC_OP_READ,
				 .verdict = EC_VERDICT_DENY,
				 .reason = EC_REASON_UNDECLARED,
				 .pid = 4711,
				 .tid = 4712,
				 .uid = 1000,
				 .target_kind = EC_TARGET_PATH,
				 .target_len = (uint16_t)strlen(target) };
}

/* The members of one are those of the other, in the same places; wanted: one of them. */
static void same(struct ec_obs obs, const char *target, const char *wanted)
{
	const struct effect effect = { .obs = obs, .target = target };
	cJSON *record = cJSON_CreateObject(), *line;
	static char text[SESSION_LINE_MAX], whole[SESSION_LINE_MAX + 2];
	char *described;
	size_t len;

	cr_assert_eq(decode_describe(&effect, record), 0);
	described = cJSON_PrintUnformatted(record);
	described[strlen(described) - 1] = '\0';
	cr_assert_eq(session_line(&session, &effect, 1, text, sizeof(text), &len), 0);
	snprintf(whole, sizeof(whole), "{%.*s}", (int)len, text);
	line = cJSON_Parse(whole);
	cr_assert(line, "%s", whole);
	cr_expect(strstr(whole, described + 1), "%s is not in %s", described + 1, whole);
	cr_expect(strstr(whole, wanted), "%s is not in %s", wanted, whole);
	/* and but for the session's own there are no others */
	cr_expect_eq(cJSON_GetArraySize(line),
		     cJSON_GetArraySize(record) +
			     (int)(sizeof("kacer") - 1), /* kind agent call exe rule */
		     "%s", whole);
	cJSON_free(described);
	cJSON_Delete(record);
	cJSON_Delete(line);
}

Test(session_line, has_what_an_effect_is)
{
	same(denied("/etc/shadow"), "/etc/shadow", "\"target\":\"/etc/shadow\"");
	same(denied("/a\n\xff\""), "/a\n\xff\"", "\"target_hex\":\"2f610aff22\"");
}

Test(session_line, has_why_there_is_no_path)
{
	struct ec_obs obs = denied("");

	obs.reason = EC_REASON_DOUBT;
	obs.priv = EC_WALK_TOO_DEEP;
	same(obs, "", "\"doubt\":\"too deep\"");
	obs.priv = 200;
	same(obs, "", "\"doubt\":\"unknown\"");
}

Test(session_line, has_that_it_is_mapped)
{
	struct ec_obs obs = denied("/srv/shared");

	obs.op = EC_OP_WRITE;
	obs.verdict = EC_VERDICT_ALLOW;
	obs.reason = EC_REASON_CALL;
	obs.priv = EC_HOW_MAPPED;
	same(obs, "/srv/shared", "\"mapped\":true");
}

Test(session_line, has_how_it_was_seen)
{
	struct ec_obs obs = denied("/tmp/x");

	obs.flags = EC_OBS_SAID | EC_OBS_FAILED;
	same(obs, "/tmp/x", "\"said\":true,\"failed\":true");
}

Test(session_line, has_addresses_and_privileges)
{
	static const char host[] = "\003example.org\0\x01\xbb"
				   "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1";
	struct ec_obs obs = denied("");
	char bytes[sizeof(host)];

	memcpy(bytes, host, sizeof(host));
	bytes[0] = EC_STRING_HOST;
	obs.op = EC_OP_CONNECT;
	obs.target_kind = EC_TARGET_HOST;
	obs.target_len = sizeof(host) - 1;
	same(obs, bytes, "\"target\":\"example.org:443\",\"address\":\"127.0.0.1\"");
	obs = denied("");
	obs.op = EC_OP_PRIV;
	obs.target_kind = EC_TARGET_PRIV;
	obs.priv = EC_PRIV_PTRACE;
	same(obs, "", "\"target\":\"ptrace\"");
}

Test(session_line, has_how_often)
{
	const struct effect effect = { .obs = denied("/x"), .target = "/x" };
	char text[512];
	size_t len;

	cr_assert_eq(session_line(&session, &effect, 3, text, sizeof(text), &len), 0);
	cr_expect(memmem(text, len, ",\"count\":3", 10));
}
