// SPDX-License-Identifier: Apache-2.0
#include "dialect.h"

#include <string.h>

static const struct dialect *const dialects[] = {
	&dialect_claude_code, &dialect_codex,  &dialect_gemini,	  &dialect_qwen,
	&dialect_copilot,     &dialect_cursor, &dialect_opencode, &dialect_pi,
};

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (!strcmp(dialects[i]->name, name))
			return dialects[i];
	return NULL;
}

const char *dialect_names(void)
{
	return "claude-code, codex, gemini, qwen, copilot, cursor, opencode or pi";
}
