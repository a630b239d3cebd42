// SPDX-License-Identifier: Apache-2.0
/* status_text.c - status for people, from what status.c found. */
#include <cjson/cJSON.h>
#include <string.h>

#include "status.h"
#include "user/plain.h"

static void line(FILE *to, const char *name, const char *text)
{
	fprintf(to, "  %-11s ", name);
	plain_print(text, to);
	putc('\n', to);
}

static bool is_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void print_canary(const cJSON *agent, FILE *to)
{
	const cJSON *canary = cJSON_GetObjectItemCaseSensitive(agent, "canary");
	char text[256];

	if (*plain_text(canary, "what"))
		snprintf(text, sizeof(text), "%s: %.120s (for %.1f s); no call opens",
			 plain_text(canary, "state"), plain_text(canary, "what"),
			 plain_number(canary, "since_ms") / 1000);
	else
		snprintf(text, sizeof(text), "%s", plain_text(canary, "state"));
	line(to, "canary", text);
}

static void print_controller(const cJSON *agent, FILE *to)
{
	const cJSON *controller = cJSON_GetObjectItemCaseSensitive(agent, "controller");
	char text[128];

	snprintf(text, sizeof(text), "%.0f %s", plain_number(controller, "pid"),
		 is_true(controller, "alive") ?
			 "alive" :
			 "dead: no call opens until `enforcecore adopt` or the agent's end");
	line(to, "controller", text);
}

static void print_calls(const cJSON *agent, FILE *to)
{
	const cJSON *calls = cJSON_GetObjectItemCaseSensitive(agent, "calls"), *call;

	cJSON_ArrayForEach (call, calls) {
		fprintf(to, "  %-11s %.0f ", "call", plain_number(call, "call"));
		plain_print(plain_text(call, "tool"), to);
		fprintf(to, ", %.1f s old, %.1f s left%s\n", plain_number(call, "age_ms") / 1000,
			plain_number(call, "left_ms") / 1000,
			is_true(call, "exact") ? ", exact" : "");
	}
}

static void print_agent(const cJSON *agent, FILE *to)
{
	const cJSON *lost = cJSON_GetObjectItemCaseSensitive(agent, "lost");
	const cJSON *trail = cJSON_GetObjectItemCaseSensitive(agent, "trail");
	char text[256];

	fprintf(to, "agent %.0f: ", plain_number(agent, "agent"));
	plain_print(plain_text(agent, "policy"), to);
	fprintf(to, " (%s, %s, generation %.0f)\n", plain_text(agent, "kind"),
		plain_text(agent, "mode"), plain_number(agent, "generation"));
	print_controller(agent, to);
	snprintf(text, sizeof(text), "%.0f%s%s", plain_number(agent, "tasks"),
		 is_true(agent, "quarantined") ? ", quarantined" : "",
		 is_true(agent, "budget_spent") ? ", budget spent" : "");
	line(to, "tasks", text);
	print_calls(agent, to);
	snprintf(text, sizeof(text),
		 "%.0f denied, %.0f of them in doubt; lost records: %.0f denials, %.0f effects",
		 plain_number(agent, "denied"), plain_number(agent, "doubts"),
		 plain_number(lost, "denials"), plain_number(lost, "effects"));
	line(to, "effects", text);
	print_canary(agent, to);
	if (*plain_text(agent, "entry"))
		line(to, "entry", plain_text(agent, "entry"));
	if (*plain_text(agent, "cgroup"))
		line(to, "cgroup", plain_text(agent, "cgroup"));
	line(to, "trail", *plain_text(trail, "path") ? plain_text(trail, "path") : "none");
	if (*plain_text(trail, "error"))
		line(to, "trail fails", plain_text(trail, "error"));
}

static void print_daemon(const cJSON *daemon, FILE *to)
{
	char text[64];

	if (!daemon)
		return;
	fprintf(to, "node agent: ");
	plain_print(plain_text(daemon, "config"), to);
	fputc('\n', to);
	snprintf(text, sizeof(text), "%.0f%s", plain_number(daemon, "pid"),
		 is_true(daemon, "alive") ? " alive" : " is dead: who comes to a new place waits");
	line(to, "process", text);
	snprintf(text, sizeof(text), "%.0f of %.0f entries, %.0f processes wait",
		 plain_number(daemon, "agents"), plain_number(daemon, "entries"),
		 plain_number(daemon, "waiting"));
	line(to, "agents", text);
	if (plain_number(daemon, "unattended") > 0) {
		char why[384];

		snprintf(why, sizeof(why), "%.0f agents: %.340s",
			 plain_number(daemon, "unattended"), plain_text(daemon, "unattended_why"));
		line(to, "unattended", why);
	}
	if (*plain_text(daemon, "error"))
		line(to, "not in force", plain_text(daemon, "error"));
	if (*plain_text(daemon, "trouble"))
		line(to, "trouble", plain_text(daemon, "trouble"));
}

/* Also when it is dead, and nobody else looks after them. */
static void print_held(double held, FILE *to)
{
	if (held > 0)
		fprintf(to, "held: %.0f task%s until the node agent says whose %s\n", held,
			held == 1 ? " waits" : "s wait", held == 1 ? "it is" : "they are");
}

void status_print(const struct cJSON *status, FILE *to)
{
	const cJSON *pins = cJSON_GetObjectItemCaseSensitive(status, "pins");
	const cJSON *agents = cJSON_GetObjectItemCaseSensitive(status, "agents"), *agent;

	if (!is_true(status, "loaded")) {
		fprintf(to, "no sensor is loaded: nobody is confined\n");
		return;
	}
	fprintf(to, "sensor version %.0f", plain_number(status, "sensor_version"));
	if (!agents) {
		fprintf(to,
			", this program %.0f: its agents stay confined, ask the program that "
			"they were started with\n",
			plain_number(status, "program_version"));
		return;
	}
	fprintf(to, ": %.0f programs and %.0f maps pinned in %s, %d agent%s\n",
		plain_number(pins, "programs"), plain_number(pins, "maps"),
		plain_text(pins, "path"), cJSON_GetArraySize(agents),
		cJSON_GetArraySize(agents) == 1 ? "" : "s");
	if (!strcmp(plain_text(status, "sensor"), "syscalls"))
		fprintf(to, "observing from system calls: nothing is refused, and not everything "
			    "is seen (session_begin in the trail says what)\n");
	print_daemon(cJSON_GetObjectItemCaseSensitive(status, "daemon"), to);
	print_held(plain_number(status, "held"), to);
	for (agent = agents ? agents->child : NULL; agent; agent = agent->next)
		print_agent(agent, to);
}
