// SPDX-License-Identifier: Apache-2.0
#include "form.h"

#include <stdio.h>
#include <string.h>

#include "ground.h"
#include "mask.h"
#include "policy/args/url.h"

/* From the narrowest to the widest. */
enum fit {
	FIT_NONE,
	FIT_SELF,
	FIT_SUFFIX,
	FIT_UP,
	FIT_BELOW,
};

/* "/a/b.3f2a.tmp" beside "/a/b": what follows, its changing part a star. */
static bool suffix_pattern(const char *rest, char *to, size_t to_len)
{
	size_t len = strlen(rest);
	const char *last = strrchr(rest, '.');

	if (!strchr(".~-_#", rest[0]) || strchr(rest, '/') || len > 100 ||
	    strpbrk(rest, "\\*?[]{},$"))
		return false;
	/* whatever stands between the name and .tmp was made up */
	if (last > rest && rest[0] == '.' && !strcmp(last, ".tmp"))
		return snprintf(to, to_len, ".*.tmp") > 0;
	return mask_text(rest, to, to_len);
}

static enum fit fit_path(const char *path, const char *argument, bool read, char *suffix,
			 size_t suffix_len)
{
	size_t len = strlen(argument), dir = ground_dir_len(argument);

	if (!strcmp(path, argument))
		return FIT_SELF;
	if (read && len > 1 && strlen(path) == (dir ? dir : 1) &&
	    !strncmp(path, argument, dir ? dir : 1))
		return FIT_UP;
	if (strncmp(path, argument, len))
		return FIT_NONE;
	if (path[len] == '/' && !ground_is_wide(argument))
		return FIT_BELOW;
	return suffix_pattern(path + len, suffix, suffix_len) ? FIT_SUFFIX : FIT_NONE;
}

static enum fit fit_value(const struct value *value, const char *path, bool read, char *suffix,
			  size_t suffix_len)
{
	enum fit fit = FIT_NONE;

	if (value_is_whole(value, path))
		return FIT_SELF;
	if (value->path)
		fit = fit_path(path, value->path, read, suffix, suffix_len);
	if (!fit && value->resolved)
		fit = fit_path(path, value->resolved, read, suffix, suffix_len);
	return fit;
}

static bool find_path(const struct values *values, const struct effect_asked *asked,
		      const char *prefix, struct form *form)
{
	bool read = asked->op == EC_OP_READ || asked->op == EC_OP_LOAD;
	char suffix[128], best_suffix[128] = "";
	const struct value *best = NULL;
	enum fit best_fit = FIT_NONE;
	size_t best_len = 0;

	for (size_t i = 0; i < values->len; i++) {
		const struct value *value = &values->at[i];
		enum fit fit = fit_value(value, asked->string, read, suffix, sizeof(suffix));
		size_t len = value->path ? strlen(value->path) : 0;

		if (!fit || (best && (fit > best_fit || (fit == best_fit && len <= best_len))))
			continue;
		best = value;
		best_fit = fit;
		best_len = len;
		if (fit == FIT_SUFFIX)
			strcpy(best_suffix, suffix);
	}
	if (!best)
		return false;
	form->name = best->name;
	form->up = best_fit == FIT_UP;
	snprintf(form->pattern, sizeof(form->pattern), "%s${args.%s}%s", prefix, best->name,
		 best_fit == FIT_SUFFIX ? best_suffix :
		 best_fit == FIT_UP	? "/.." :
		 best_fit == FIT_BELOW	? "/**" :
					  "");
	return true;
}

/* --- endpoints --- */

struct target {
	char host[64];
	const char *port;
};

/* A name cannot be told from an address; whether it is a host's, its argument
 * says. */
static bool is_host(const struct value *value, const struct target *t)
{
	size_t len = strspn(value->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789.-");

	if (!strcmp(value->text, t->host))
		return !strchr(t->host, ':');
	return strcasestr(value->name, "host") && len && !value->text[len] &&
	       strspn(value->text, "0123456789.") != len;
}

static bool is_url(const struct value *value, const struct target *t)
{
	const char *problem;
	char port[8];
	struct url url;

	if (url_parse(value->text, strlen(value->text), &url, &problem) < 0)
		return false;
	snprintf(port, sizeof(port), "%u", url.port);
	return !strcmp(port, t->port);
}

static bool is_port(const struct value *value, const struct target *t)
{
	return !strcmp(value->text, t->port);
}

/* The first that fits, one that is called so before others. */
static const struct value *find_value(const struct values *values, const struct target *t,
				      bool (*fits)(const struct value *, const struct target *),
				      const char *called)
{
	const struct value *found = NULL;

	for (size_t i = 0; i < values->len; i++)
		if (fits(&values->at[i], t) && !values->at[i].shortened &&
		    (!found ||
		     (!strcasestr(found->name, called) && strcasestr(values->at[i].name, called))))
			found = &values->at[i];
	return found;
}

static bool find_endpoint(const struct values *values, const char *text, struct form *form)
{
	const struct value *host, *port, *url;
	const char *colon = strrchr(text, ':');
	struct target t = { 0 };
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!len || len >= sizeof(t.host))
		return false;
	memcpy(t.host, text, len);
	t.port = colon + 1;
	url = find_value(values, &t, is_url, "url");
	host = find_value(values, &t, is_host, "host");
	port = find_value(values, &t, is_port, "port");
	if (url)
		snprintf(form->pattern, sizeof(form->pattern), "${args.%s}", url->name);
	else if (host && port)
		snprintf(form->pattern, sizeof(form->pattern), "${args.%s}:${args.%s}", host->name,
			 port->name);
	else if (host)
		snprintf(form->pattern, sizeof(form->pattern), "${args.%s}:%s", host->name, t.port);
	else if (port)
		snprintf(form->pattern, sizeof(form->pattern), "%s:${args.%s}", t.host, port->name);
	return url || host || port;
}

bool form_find(const struct values *values, const struct story_effect *effect,
	       struct form *ret_form)
{
	const struct effect_asked *asked = &effect->asked;
	bool is_path = asked->string[0] == '/';

	memset(ret_form, 0, sizeof(*ret_form));
	if (asked->op == EC_OP_PRIV || effect->hopeless)
		return false;
	if (asked->op == EC_OP_CONNECT || asked->op == EC_OP_LISTEN) {
		if (is_path && find_path(values, asked, "unix:", ret_form)) {
			ret_form->name = NULL; /* a ceiling is for files */
			return true;
		}
		return !is_path && strncmp(effect->text, "unix:", 5) &&
		       find_endpoint(values, effect->text, ret_form);
	}
	return find_path(values, asked, "", ret_form);
}
