// SPDX-License-Identifier: Apache-2.0
/* Secrets that only their name gives away: api_key = "…". */
#include "check.h"
#include "scan.h"

/* How much of a name is read, from its end. */
#define NAME_MAX_LEN 24u
/* service_account */
#define SHORTEST 15u
#define RANDOM_MIN 16u
#define AWS_SECRET_LEN 40u
#define AZURE_KEY_MIN 40u
#define PASSWORD_MAX 256u

/* The end of a name in small letters, without what stands between its words. */
struct name {
	char text[NAME_MAX_LEN];
	size_t len;
	size_t start; /* in what was read */
};

static void read_name(struct name *name, const char *text, size_t len)
{
	name->len = 0;
	while (len && name->len < NAME_MAX_LEN) {
		unsigned char c = (unsigned char)text[len - 1];

		if (scan_is_word(c) && c != '_')
			name->text[NAME_MAX_LEN - ++name->len] =
				(char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
		else if (c != '_' && c != '-' && c != '.' && c != ' ')
			break;
		len--;
	}
	name->start = len;
}

static bool ends_in(const struct name *name, const char *const words[])
{
	for (; *words; words++) {
		size_t len = strlen(*words);

		if (len <= name->len && !memcmp(name->text + NAME_MAX_LEN - len, *words, len))
			return true;
	}
	return false;
}

static bool is_token(unsigned char c)
{
	return scan_is_word(c) || (c >= '-' && c <= '/') || c == '+' || c == '~';
}

static size_t token_len(const char *text, size_t len)
{
	size_t i = 0, pad = 0;

	while (i < len && is_token((unsigned char)text[i]))
		i++;
	while (i + pad < len && pad < 2 && text[i + pad] == '=')
		pad++;
	return i + pad;
}

static enum pii_category judge(struct scan *s, const struct name *name, const char *value,
			       size_t len)
{
	static const char *const type[] = { "type", NULL };
	static const char *const key_id[] = { "privatekeyid", NULL };
	static const char *const azure[] = { "accountkey", "sharedaccesskey", NULL };
	static const char *const aws[] = { "secretaccesskey", "awssecretkey", "awssecret", "awskey",
					   NULL };
	static const char *const any[] = { "apikey",	  "accesskey",	     "secretkey",
					   "privatekey",  "clientkey",	     "authkey",
					   "signingkey",  "masterkey",	     "encryptionkey",
					   "sessionkey",  "accountkey",	     "token",
					   "secret",	  "password",	     "passwd",
					   "pwd",	  "passphrase",	     "credential",
					   "credentials", "subscriptionkey", NULL };

	if (len == SHORTEST && !memcmp(value, "service_account", len))
		return scan_wants(s, PII_GCP_SERVICE_ACCOUNT) && ends_in(name, type) ?
			       PII_GCP_SERVICE_ACCOUNT :
			       0;
	if (len < RANDOM_MIN)
		return 0;
	if (scan_wants(s, PII_GCP_SERVICE_ACCOUNT) && ends_in(name, key_id))
		return check_random(value, len) ? PII_GCP_SERVICE_ACCOUNT : 0;
	if (scan_wants(s, PII_AZURE_CONNECTION_STRING) && len >= AZURE_KEY_MIN &&
	    ends_in(name, azure))
		return check_random(value, len) ? PII_AZURE_CONNECTION_STRING : 0;
	if (scan_wants(s, PII_AWS_SECRET_KEY) && len == AWS_SECRET_LEN && ends_in(name, aws))
		return check_random(value, len) ? PII_AWS_SECRET_KEY : 0;
	/* a path to where the secret is */
	if (scan_wants(s, PII_GENERIC_API_KEY) && value[0] != '/' && value[0] != '.' &&
	    ends_in(name, any) && check_random(value, len))
		return PII_GENERIC_API_KEY;
	return 0;
}

enum pii_category scan_named(struct scan *s, const char *name_text, size_t name_len,
			     const char *value, size_t value_len, size_t *ret_len)
{
	struct name name;

	if (value_len < SHORTEST || !is_token((unsigned char)value[SHORTEST / 2]))
		return 0;
	*ret_len = token_len(value, value_len);
	if (*ret_len < SHORTEST)
		return 0;
	read_name(&name, name_text, name_len);
	return judge(s, &name, value, *ret_len);
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`' || c == '\\';
}

/* What may stand between a name and its value: := "… */
static size_t value_start(const struct scan *s, size_t at)
{
	size_t i = at + 1;

	if (i < s->len && (s->text[i] == '=' || s->text[i] == '>'))
		i++;
	while (i < s->len && i - at < 8 && (s->text[i] == ' ' || s->text[i] == '\t'))
		i++;
	while (i < s->len && i - at < 12 && is_quote(s->text[i]))
		i++;
	return i;
}

static size_t name_end(const struct scan *s, size_t at)
{
	size_t i = at;

	while (i && at - i < 4 && (s->text[i - 1] == ' ' || s->text[i - 1] == '\t'))
		i--;
	while (i && at - i < 8 && is_quote(s->text[i - 1]))
		i--;
	return i;
}

/* A password in a list of settings: "Server=db;Password=…;". Short and of any
 * bytes, so what is around it must say so. */
static void find_setting(struct scan *s, const struct name *name, size_t value)
{
	static const char *const words[] = { "password", "pwd", NULL };
	size_t end = value;

	if (!scan_wants(s, PII_DATABASE_CONNECTION_STRING) || !name->start ||
	    s->text[name->start - 1] != ';' || !ends_in(name, words))
		return;
	/* what a redaction left, and what a template fills in */
	if (scan_has(s, value, "****", 4) || scan_has(s, value, "[SHA256:", 8) ||
	    scan_has(s, value, "${", 2) || scan_has(s, value, "{{", 2))
		return;
	while (end < s->len && end - value < PASSWORD_MAX && (unsigned char)s->text[end] > ' ' &&
	       !strchr(";\"'<>", s->text[end]))
		end++;
	if (end > value) {
		scan_add(s, PII_DATABASE_CONNECTION_STRING, value, end);
		s->value_end = end;
	}
}

void scan_value(struct scan *s, size_t at)
{
	size_t value, end, len;
	enum pii_category category;
	struct name name;

	if (at < s->value_end)
		return;
	value = value_start(s, at);
	end = name_end(s, at);
	category = scan_named(s, s->text, end, s->text + value, s->len - value, &len);
	if (category) {
		scan_add(s, category, value, value + len);
		s->value_end = value + len;
		return;
	}
	if (s->text[at] != '=' || !end || (s->text[end - 1] | 0x20) != 'd')
		return;
	read_name(&name, s->text, end);
	find_setting(s, &name, value);
}
