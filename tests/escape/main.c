// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - the observer: in each place every technique is tried by an attacker
 * that nobody holds, who must succeed, and by one under EnforceCore, who must
 * not. What happened is looked up in the world.
 *
 *   escape try EC [place=NAME,...] [NAME...]   those whose name contains a NAME
 *   escape table                           the table of README.md
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "handed.h"
#include "places.h"
#include "world.h"

static unsigned int kernel, passed, failed;
static char **wanted;

static void verdict(bool good, enum place place, const char *name, const char *what,
		    const char *notes)
{
	const char *verbose = getenv("VERBOSE");

	if (good)
		passed++;
	else
		failed++;
	if (!good || (verbose && *verbose))
		printf("%s %s %s: %s (%s)\n", good ? "ok  " : "FAIL", place_name(place), name, what,
		       notes);
	fflush(stdout);
}

static bool is_wanted(const char *name)
{
	for (char **w = wanted; *w; w++)
		if (strstr(name, *w))
			return true;
	return !*wanted;
}

static bool applies(const struct technique *t, enum place place)
{
	return t->places & place && is_wanted(t->name) && kernel >= t->since &&
	       (!t->until || kernel < t->until);
}

/* An effect may take a moment; a denied one shall have had as long as most. */
static bool happens(const struct technique *t, bool expected)
{
	for (int i = 0; i < (expected ? 500 : 2); i++) {
		if (t->happened())
			return true;
		usleep(expected ? 20000 : 10000);
	}
	return t->happened();
}

/* Those that show that an attacker is held, not broken. */
static bool is_permitted(const struct technique *t)
{
	return !strcmp(t->outcome, "permitted");
}

static void try_one(struct attacker *attacker, enum place place, const struct technique *t,
		    bool held)
{
	char notes[4096];
	bool happened;
	int r;

	world_reset();
	if (t->set)
		t->set();
	r = attacker_try(attacker, t->name, notes, sizeof(notes));
	happened = happens(t, !held || is_permitted(t));
	if (t->mend)
		t->mend();
	if (r < 0)
		verdict(false, place, t->name, strerror(-r), notes);
	else if (held)
		verdict(happened == is_permitted(t), place, t->name,
			is_permitted(t) ? "works under EnforceCore" :
					  "does not work under EnforceCore",
			notes);
	else
		verdict(happened, place, t->name, "works without EnforceCore", notes);
}

static bool any_applies(enum place place)
{
	for (size_t s = 0; s < subjects_len; s++)
		for (size_t i = 0; i < subjects[s]->len; i++)
			if (applies(&subjects[s]->techniques[i], place))
				return true;
	return false;
}

static void try_all(enum place place, const char *ec)
{
	struct attacker attacker = { 0 };
	int r;

	if ((r = world_begin(place_uid(place))) < 0)
		return verdict(false, place, "the world", strerror(-r), "");
	world_held = ec;
	world_reset();
	handed_open();
	bystander();
	r = attacker_start(place, ec, &attacker);
	if (r < 0)
		verdict(false, place, "the attacker", strerror(-r), "");
	for (size_t s = 0; r == 0 && s < subjects_len; s++)
		for (size_t i = 0; i < subjects[s]->len; i++)
			if (applies(&subjects[s]->techniques[i], place))
				try_one(&attacker, place, &subjects[s]->techniques[i], ec);
	if (r == 0)
		attacker_stop(&attacker);
	handed_close();
}

/* only: names with commas between, NULL: any. */
static bool is_chosen(const char *only, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = only; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	return !only;
}

static void try_everywhere(const char *ec, const char *only)
{
	for (enum place place = PLACE_ROOT; place <= PLACE_LOOSE; place <<= 1) {
		int r;

		if (!is_chosen(only, place_name(place)) || !any_applies(place))
			continue;
		if ((r = place_make(place)) < 0)
			verdict(false, place, "the place", strerror(-r), "");
		else
			try_all(place, ec);
	}
}

/* First all without EnforceCore; then one that only keeps the sensor loaded, and
 * all under it. */
static void try_both(const char *ec, const char *only)
{
	struct attacker keeper = { 0 };
	int r;

	try_everywhere(NULL, only);
	place_make(PLACE_ROOT);
	if ((r = world_begin(0)) < 0 || (r = attacker_start(PLACE_ROOT, ec, &keeper)) < 0)
		return verdict(false, PLACE_ROOT, "the keeper", strerror(-r), "");
	try_everywhere(ec, only);
	attacker_stop(&keeper);
}

static int try(const char *ec, const char *only)
{
	struct utsname name;
	unsigned int major, minor;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 1;
	kernel = KERNEL(major, minor);
	signal(SIGPIPE, SIG_IGN);
	if (world_mount() < 0)
		verdict(false, PLACE_ROOT, "the world", "no ext4 and binfmt_misc", "");
	try_both(ec, only);
	for (size_t s = 0; s < subjects_len; s++)
		for (size_t i = 0; i < subjects[s]->len; i++) {
			const struct technique *t = &subjects[s]->techniques[i];

			if (kernel < t->since || (t->until && kernel >= t->until))
				printf("SKIP %s: %s\n", t->name, t->kernels);
		}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}

const struct technique *technique_find(const char *name)
{
	for (size_t s = 0; s < subjects_len; s++)
		for (size_t i = 0; i < subjects[s]->len; i++)
			if (!strcmp(subjects[s]->techniques[i].name, name))
				return &subjects[s]->techniques[i];
	return NULL;
}

static int table(void)
{
	for (size_t s = 0; s < subjects_len; s++) {
		printf("\n### %s\n\n| technique | hook | outcome | where | kernels |\n| --- | --- "
		       "| --- | --- | --- |\n",
		       subjects[s]->name);
		for (size_t i = 0; i < subjects[s]->len; i++) {
			const struct technique *t = &subjects[s]->techniques[i];
			const char *blank = "";

			printf("| %s | %s | %s | ", t->name, t->hook, t->outcome);
			for (enum place place = PLACE_ROOT; place <= PLACE_LOOSE; place <<= 1)
				if (t->places & place) {
					printf("%s%s", blank, place_name(place));
					blank = " ";
				}
			printf(" | %s |\n", t->kernels ? t->kernels : "all");
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *role = basename(argv[0]);
	const char *only = NULL;

	if (!strcmp(role, "bystander"))
		return bystander_main();
	if (!strcmp(role, "born") || !strcmp(role, "script") || !strcmp(role, "new"))
		return puts("BORN") < 0;
	if (argc == 3 && !strcmp(argv[1], "loot")) {
		loot_file(argv[2]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "attack"))
		return attacker_main(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "table"))
		return table();
	if (argc < 3 || strcmp(argv[1], "try")) {
		fprintf(stderr, "usage: escape try EC [place=NAME,...] [NAME...] | escape table\n");
		return 2;
	}
	wanted = argv + 3;
	if (*wanted && !strncmp(*wanted, "place=", 6))
		only = *wanted++ + 6;
	return try(argv[2], only);
}
