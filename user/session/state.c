// SPDX-License-Identifier: Apache-2.0
#include "state.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "user/sensor/sensor.h"
#include "user/util.h"

#define STATE_LEN_MAX (64u << 10)

static void path_of(unsigned int slot, const char *suffix, char *path, size_t path_size)
{
	snprintf(path, path_size, SENSOR_RUN "/%u.json%s", slot, suffix);
}

static cJSON *describe(const struct session_state *state)
{
	cJSON *json = cJSON_CreateObject(), *evidence;

	if (json && cJSON_AddNumberToObject(json, "agent", (double)state->agent) &&
	    cJSON_AddStringToObject(json, "kind", state->kind) &&
	    cJSON_AddStringToObject(json, "name", state->name) &&
	    cJSON_AddStringToObject(json, "policy", state->policy) &&
	    cJSON_AddStringToObject(json, "trail", state->trail) &&
	    cJSON_AddStringToObject(json, "home", state->home) &&
	    cJSON_AddStringToObject(json, "cwd", state->cwd) &&
	    (!state->entry[0] || cJSON_AddStringToObject(json, "entry", state->entry)) &&
	    (!state->cgroup[0] || cJSON_AddStringToObject(json, "cgroup", state->cgroup)) &&
	    cJSON_AddBoolToObject(json, "observe", state->observe) &&
	    cJSON_AddBoolToObject(json, "record_all", state->record_all) &&
	    cJSON_AddBoolToObject(json, "strict", state->strict) &&
	    (evidence = cJSON_AddObjectToObject(json, "evidence")) &&
	    !evidence_save(&state->evidence, evidence))
		return json;
	cJSON_Delete(json);
	return NULL;
}

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
				      0600);
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len ? 0 : -EIO;
}

int state_write(unsigned int slot, const struct session_state *state)
{
	char path[64], next[64], *text;
	cJSON *json = describe(state);
	int r;

	text = json ? cJSON_PrintUnformatted(json) : NULL;
	cJSON_Delete(json);
	if (!text)
		return -ENOMEM;
	path_of(slot, "", path, sizeof(path));
	path_of(slot, ".new", next, sizeof(next));
	r = put(next, text);
	cJSON_free(text);
	if (r == 0 && rename(next, path))
		r = -errno;
	return r;
}

static bool read_text(const cJSON *json, const char *name, char *text, size_t text_size)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!cJSON_IsString(member) || strlen(member->valuestring) >= text_size)
		return false;
	strcpy(text, member->valuestring);
	return true;
}

static bool read_flag(const cJSON *json, const char *name, bool *ret_flag)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

	*ret_flag = cJSON_IsTrue(member);
	return cJSON_IsBool(member);
}

static bool read_all(const cJSON *json, struct session_state *state)
{
	const cJSON *agent = cJSON_GetObjectItemCaseSensitive(json, "agent");

	if (!cJSON_IsNumber(agent) || !(agent->valuedouble >= 1) ||
	    agent->valuedouble >= 9007199254740992.0)
		return false;
	read_text(json, "entry", state->entry, sizeof(state->entry));
	read_text(json, "cgroup", state->cgroup, sizeof(state->cgroup));
	evidence_load(cJSON_GetObjectItemCaseSensitive(json, "evidence"), &state->evidence);
	state->agent = (uint64_t)agent->valuedouble;
	return read_text(json, "kind", state->kind, sizeof(state->kind)) &&
	       read_text(json, "name", state->name, sizeof(state->name)) &&
	       read_text(json, "policy", state->policy, sizeof(state->policy)) &&
	       read_text(json, "trail", state->trail, sizeof(state->trail)) &&
	       read_text(json, "home", state->home, sizeof(state->home)) &&
	       read_text(json, "cwd", state->cwd, sizeof(state->cwd)) &&
	       read_flag(json, "observe", &state->observe) &&
	       read_flag(json, "record_all", &state->record_all) &&
	       read_flag(json, "strict", &state->strict);
}

int state_parse(const char *text, uint64_t text_len, struct session_state *ret_state)
{
	cJSON *json = cJSON_ParseWithLength(text, text_len);
	bool whole;

	memset(ret_state, 0, sizeof(*ret_state));
	whole = json && read_all(json, ret_state);
	cJSON_Delete(json);
	return whole ? 0 : -EBADMSG;
}

int state_read(unsigned int slot, uint64_t agent, struct session_state *ret_state)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	char path[64];
	ssize_t len;
	int r;

	path_of(slot, "", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	text = malloc(STATE_LEN_MAX);
	if (!text)
		return -ENOMEM;
	len = read(fd, text, STATE_LEN_MAX);
	r = len < 0 ? -errno : state_parse(text, (uint64_t)len, ret_state);
	return r == 0 && ret_state->agent != agent ? -ENOENT : r;
}

void state_remove(unsigned int slot)
{
	char path[64];

	path_of(slot, "", path, sizeof(path));
	unlink(path);
}
