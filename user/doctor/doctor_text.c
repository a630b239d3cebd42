// SPDX-License-Identifier: Apache-2.0
/* doctor_text.c - the report for people. */
#include <cjson/cJSON.h>
#include <string.h>

#include "doctor.h"
#include "user/plain.h"

#define TODO_COLUMN 12

static const char *colour_of(const char *state)
{
	return !strcmp(state, "ok")	 ? "\033[32m" :
	       !strcmp(state, "weak")	 ? "\033[33m" :
	       !strcmp(state, "missing") ? "\033[31m" :
					   "\033[36m";
}

static void print_finding(const cJSON *one, bool colour, FILE *to)
{
	const char *state = plain_text(one, "state"), *todo = plain_text(one, "todo");

	fprintf(to, "  %s%-8s%s  ", colour ? colour_of(state) : "", state, colour ? "\033[0m" : "");
	plain_print(plain_text(one, "name"), to);
	fputs(": ", to);
	plain_print(plain_text(one, "found"), to);
	putc('\n', to);
	if (!*todo)
		return;
	fprintf(to, "%*sto do: ", TODO_COLUMN, "");
	plain_print(todo, to);
	putc('\n', to);
}

void doctor_print(const struct cJSON *report, bool colour, FILE *to)
{
	const cJSON *layers = cJSON_GetObjectItemCaseSensitive(report, "layers"), *layer, *one;
	const char *obstacle = plain_text(report, "obstacle");
	unsigned int wrong = 0, all = 0;

	cJSON_ArrayForEach (layer, layers) {
		fprintf(to, "%s%s%s\n", colour ? "\033[1m" : "", plain_text(layer, "layer"),
			colour ? "\033[0m" : "");
		cJSON_ArrayForEach (one, cJSON_GetObjectItemCaseSensitive(layer, "findings")) {
			print_finding(one, colour, to);
			all++;
			wrong += strcmp(plain_text(one, "state"), "ok") != 0;
		}
		putc('\n', to);
	}
	if (*obstacle)
		fprintf(to, "This host cannot enforce: %s.\n", obstacle);
	else
		fprintf(to, "This host can enforce.\n");
	fprintf(to, "%u of %u findings are not ok.\n", wrong, all);
}
