/* SPDX-License-Identifier: Apache-2.0 */
/* wrap.h - a shell's command, rewritten so that it becomes its exact call. */
#ifndef EC_HOOK_WRAP_H
#define EC_HOOK_WRAP_H

#include <stdbool.h>

#define WRAP_TOKEN_LEN 32u
/* execve(2) takes no argument of more than 128 KiB; agents put some text of
 * their own around ours. */
#define WRAP_MAX (120u * 1024)

/* "EXE call run [--socket S] --token T -- SHELL -c 'COMMAND'", to be read by
 * any POSIX shell, and by it alone: nothing in command can end its quotes.
 * -E2BIG: longer than WRAP_MAX; -EBADMSG: token is none. */
int wrap_command(const char *exe, const char *socket, const char *token, const char *shell,
		 const char *command, char **ret_text);
/* The token of a text that wrap_command of this exe and socket made. */
bool wrap_token(const char *exe, const char *socket, const char *text,
		char ret_token[WRAP_TOKEN_LEN + 1]);
/* Quotes a word for a POSIX shell, unless it needs none. NULL: no memory. */
char *wrap_word(const char *word);

#endif
