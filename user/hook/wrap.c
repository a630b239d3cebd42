// SPDX-License-Identifier: Apache-2.0
#include "wrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/util.h"

static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.,+-=:@%";

static char *quote(const char *text)
{
	size_t len = 3;
	char *quoted, *to;

	for (const char *c = text; *c; c++)
		len += *c == '\'' ? 4 : 1;
	if (!(quoted = malloc(len)))
		return NULL;
	to = quoted;
	*to++ = '\'';
	for (const char *c = text; *c; c++) {
		if (*c == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *c;
	}
	strcpy(to, "'");
	return quoted;
}

char *wrap_word(const char *word)
{
	return *word && !word[strspn(word, plain)] ? strdup(word) : quote(word);
}

/* Up to where the token stands. */
static char *beginning(const char *exe, const char *socket)
{
	_cleanup_free_ char *program = wrap_word(exe), *path = socket ? wrap_word(socket) : NULL;
	char *text;

	if (!program || (socket && !path) ||
	    asprintf(&text, "%s call run%s%s --token ", program, path ? " --socket " : "",
		     path ?: "") < 0)
		return NULL;
	return text;
}

static bool is_token(const char *text)
{
	return strspn(text, "0123456789abcdef") == WRAP_TOKEN_LEN;
}

int wrap_command(const char *exe, const char *socket, const char *token, const char *shell,
		 const char *command, char **ret_text)
{
	_cleanup_free_ char *head = NULL, *program = NULL, *quoted = NULL;

	if (!is_token(token) || token[WRAP_TOKEN_LEN])
		return -EBADMSG;
	if (strlen(command) > WRAP_MAX)
		return -E2BIG;
	head = beginning(exe, socket);
	program = wrap_word(shell);
	quoted = quote(command);
	if (!head || !program || !quoted ||
	    asprintf(ret_text, "%s%s -- %s -c %s", head, token, program, quoted) < 0)
		return -ENOMEM;
	if (strlen(*ret_text) <= WRAP_MAX)
		return 0;
	free(TAKE_PTR(*ret_text));
	return -E2BIG;
}

bool wrap_token(const char *exe, const char *socket, const char *text,
		char ret_token[WRAP_TOKEN_LEN + 1])
{
	_cleanup_free_ char *head = beginning(exe, socket);
	size_t len = head ? strlen(head) : 0;

	if (!head || strncmp(text, head, len) || !is_token(text + len) ||
	    strncmp(text + len + WRAP_TOKEN_LEN, " -- ", 4))
		return false;
	memcpy(ret_token, text + len, WRAP_TOKEN_LEN);
	ret_token[WRAP_TOKEN_LEN] = '\0';
	return true;
}
