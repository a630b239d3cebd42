// SPDX-License-Identifier: Apache-2.0
#include "diag.h"

#include <stdarg.h>
#include <string.h>

int diag_set(struct policy_diag *diag, const char *file, unsigned int line, unsigned int column,
	     int error, const char *format, ...)
{
	va_list args;

	if (!diag)
		return error;
	memset(diag, 0, sizeof(*diag));
	if (file)
		snprintf(diag->file, sizeof(diag->file), "%s", file);
	diag->line = line;
	diag->column = column;
	va_start(args, format);
	vsnprintf(diag->text, sizeof(diag->text), format, args);
	va_end(args);
	return error;
}

/* Patterns and arguments are other people's text: nothing of it may act on a
 * terminal or look like a second line. */
static void print_clean(const char *text, FILE *to)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			fprintf(to, "\\x%02x", c);
		else
			fputc(c, to);
	}
}

void policy_diag_print(const struct policy_diag *diag, FILE *to)
{
	if (diag->file[0]) {
		print_clean(diag->file, to);
		fputc(':', to);
	}
	if (diag->line)
		fprintf(to, "%u:", diag->line);
	if (diag->line && diag->column)
		fprintf(to, "%u:", diag->column);
	if (diag->file[0] || diag->line)
		fputc(' ', to);
	print_clean(diag->text, to);
	fputc('\n', to);
}
