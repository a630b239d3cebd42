// SPDX-License-Identifier: Apache-2.0
#include "ground.h"

#include <fnmatch.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof(*(array)))

const char *ground_system_tree(const char *path)
{
	static const char *const trees[] = {
		"/usr/**",
		"/lib/**",
		"/lib64/**",
		"/bin/**",
		"/sbin/**",
		"/nix/store/**",
		"/etc/ssl/**",
		"/etc/pki/tls/certs/**",
		"/etc/ca-certificates/**",
		"/etc/fonts/**",
		"/etc/ld.so.conf.d/**",
		"/etc/alternatives/**",
		"/proc/self/**",
		"/sys/fs/cgroup/**",
		"/sys/devices/system/cpu/**",
		"/sys/devices/system/node/**",
	};

	for (size_t i = 0; i < LEN(trees); i++) {
		size_t len = strlen(trees[i]) - 3;

		if (!strncmp(path, trees[i], len) && (!path[len] || path[len] == '/'))
			return trees[i];
	}
	return NULL;
}

/* FNM_LEADING_DIR: the object itself and all below it. */
static bool matches_one(const char *path, const char *const *patterns, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!fnmatch(patterns[i], path, FNM_PATHNAME | FNM_LEADING_DIR))
			return true;
	return false;
}

bool ground_is_secret(const char *path)
{
	static const char *const whole[] = {
		"/etc/shadow*",	       "/etc/gshadow*",
		"/etc/sudoers*",       "/etc/ssl/private",
		"/etc/ssh/ssh_host_*", "/etc/krb5.keytab",
		"/proc/kcore",	       "/dev/mem",
		"/dev/[shv]d[a-z]*",   "/dev/nvme*",
		"/proc/[0-9]*/mem",    "/proc/[0-9]*/environ",
		"/proc/[0-9]*/maps",   "/etc/enforcecore",
	};
	static const char *const names[] = {
		".ssh",	     ".gnupg",	 ".aws",       ".azure",      ".kube",
		".docker",   ".netrc",	 ".pgpass",    ".npmrc",      ".pypirc",
		".env",	     ".env.*",	 ".htpasswd",  "id_rsa*",     "id_dsa*",
		"id_ecdsa*", ".mozilla", ".*_history", "id_ed25519*", ".git-credentials",
	};
	/* below /usr and the like they are certificates that everybody may see */
	static const char *const keys[] = { "*.pem", "*.key" };
	bool of_system = ground_system_tree(path);

	if (matches_one(path, whole, LEN(whole)))
		return true;
	for (const char *name = strchr(path, '/'); name; name = strchr(name + 1, '/'))
		if (matches_one(name + 1, names, LEN(names)) ||
		    (!of_system && matches_one(name + 1, keys, LEN(keys))))
			return true;
	return false;
}

bool ground_is_wide(const char *dir)
{
	static const char *const wide[] = { "/etc",	 "/home", "/home/*", "/root",	"/proc",
					    "/proc/*",	 "/sys",  "/dev",    "/boot",	"/run",
					    "/run/user", "/usr",  "/var",    "/var/lib" };

	if (!dir[0] || !strcmp(dir, "/"))
		return true;
	for (size_t i = 0; i < LEN(wide); i++)
		if (!fnmatch(wide[i], dir, FNM_PATHNAME))
			return true;
	return false;
}

bool ground_is_shared(const char *dir, bool write)
{
	return ground_is_wide(dir) || !strchr(dir + 1, '/') || (write && !strcmp(dir, "/var/tmp"));
}

size_t ground_package(const char *path)
{
	static const char *const roots[] = { "/node_modules/", "/site-packages/",
					     "/dist-packages/" };

	for (size_t i = 0; i < LEN(roots); i++) {
		const char *at = strstr(path, roots[i]);
		size_t len;

		if (!at)
			continue;
		at += strlen(roots[i]);
		len = strcspn(at, "/");
		if (*at == '@' && at[len]) /* @scope/name */
			len += 1 + strcspn(at + len + 1, "/");
		return at[len] ? (size_t)(at - path) + len : 0;
	}
	return 0;
}

/* The pattern, and the same for fnmatch. */
static const struct {
	const char *pattern;
	const char *whole;
	const char *name; /* at any depth */
} nevers[] = {
	{ "/etc/shadow", "/etc/shadow", NULL },
	{ "/root/.ssh/**", "/root/.ssh", NULL },
	{ "/home/*/.ssh/**", "/home/*/.ssh", NULL },
	{ "**/.env", NULL, ".env" },
};

const char *ground_never(size_t i)
{
	return i < LEN(nevers) ? nevers[i].pattern : NULL;
}

uint32_t ground_never_hits(const char *path)
{
	uint32_t hits = 0;

	for (size_t i = 0; i < LEN(nevers); i++) {
		if (nevers[i].whole && matches_one(path, &nevers[i].whole, 1))
			hits |= 1u << i;
		for (const char *at = strchr(path, '/'); at && nevers[i].name;
		     at = strchr(at + 1, '/'))
			if (matches_one(at + 1, &nevers[i].name, 1))
				hits |= 1u << i;
	}
	return hits;
}

size_t ground_dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}
