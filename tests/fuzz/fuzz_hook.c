// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as what an agent says, in every dialect, and as its settings.
 *
 * 1. What is declared before a call has one reading: a tool with a name,
 *    arguments that are an object, an id that fits; and saying the same again
 *    in cJSON's words names the same call.
 * 2. A shell's command, rewritten, is read back as it was.
 * 3. What install adds to settings that are JSON, undo takes out to the byte,
 *    and settings that it refuses stay as they are.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "user/hook/event.h"
#include "user/hook/wrap.h"
#include "user/install/entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN "0123456789abcdef0123456789abcdef"

static char *copy(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);

	CLAIM(bytes);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	return bytes;
}

/* As a POSIX shell reads a word that begins with a quote. */
static void read_back(const char *text, const char *command)
{
	char token[WRAP_TOKEN_LEN + 1];
	const char *c = strstr(text, " -c ") + 4;

	CLAIM(wrap_token("/ec", NULL, text, token) && !strcmp(token, TOKEN));
	while (*c == '\'') {
		for (c++; *c != '\''; c++, command++)
			CLAIM(*c && *c == *command);
		c++;
		if (*c != '\\')
			break;
		CLAIM(c[1] == '\'' && *command++ == '\'');
		c += 2;
	}
	CLAIM(!*c && !*command);
}

static void check_event(const struct dialect *dialect, const struct event *event)
{
	char *text;

	CLAIM(event->kind && event->kind->moment && event->outcome);
	CLAIM(*event->tool && *event->id && cJSON_IsObject(event->args));
	if (event->kind->moment != DIALECT_BEFORE || !event->shell)
		return;
	CLAIM(event->command);
	CLAIM(!strcmp(
		event->command,
		cJSON_GetObjectItemCaseSensitive(event->args, event->shell->member)->valuestring));
	if (wrap_command("/ec", NULL, TOKEN, "/bin/bash", event->command, &text) == 0) {
		read_back(text, event->command);
		free(text);
	}
	(void)dialect;
}

static void as_event(const char *name, const uint8_t *data, size_t size)
{
	const struct dialect *dialect = dialect_find(name);
	char *bytes = copy(data, size), reason[256];
	struct event event;

	if (event_read(dialect, bytes, size, &event, reason, sizeof(reason)) == 0) {
		check_event(dialect, &event);
		event_done(&event);
	} else {
		CLAIM(*reason);
	}
	free(bytes);
}

static void as_settings(const char *name, const uint8_t *data, size_t size)
{
	const struct dialect *dialect = dialect_find(name);
	struct settings settings = { copy(data, size), size };
	size_t line, column;
	const char *where;
	char *before = copy(data, size);

	if (strlen(before) == size && settings_check(&settings, &line, &column) == 0 &&
	    entries_remove(&settings, dialect, &where) == 0 &&
	    entries_add(&settings, dialect, "/x/enforcecore hook gemini", 9, &where) == 0) {
		CLAIM(settings_check(&settings, &line, &column) == 0);
		CLAIM(entries_complete(&settings, dialect, "/x/enforcecore hook gemini"));
		CLAIM(entries_remove(&settings, dialect, &where) > 0);
		CLAIM(!strcmp(settings.text, before) && strlen(settings.text) == settings.len);
	}
	free(settings.text);
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "claude-code", "gemini", "copilot", "cursor", "pi" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		as_event(names[i], data, size);
	as_settings("gemini", data, size);
	return 0;
}
