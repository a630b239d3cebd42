// SPDX-License-Identifier: Apache-2.0
#include "shape.h"

#include <errno.h>

/* No digit follows, and none after one more separator. */
#define NUMBER_END "(?![0-9A-Za-z_]|[-.][0-9])"
#define OCTET "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
/* What a redaction left there. */
#define NOT_REDACTED "(?!\\*\\*\\*\\*|\\[SHA256:[0-9a-f]{16}\\])"

static const char *const patterns[SHAPES] = {
	/* not icon@2x.png */
	[SHAPE_EMAIL] =
		"[A-Za-z0-9_\\x80-\\xff](?:[A-Za-z0-9._%+'-]|[\\x80-\\xff]){0,255}+@(?![0-9]x\\.)"
		"(?:[A-Za-z0-9\\x80-\\xff][A-Za-z0-9\\x80-\\xff-]{0,62}+\\.){1,8}"
		"(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9-]*[A-Za-z0-9])",
	/* North American with separators, without, international, then national ones of Europe */
	[SHAPE_PHONE] = "(?:(?:\\+?1[-. ]?)?(?:\\([0-9]{3}\\)[-. ]?[0-9]{3}[-. ]?[0-9]{4}"
			"|[0-9]{3}([-. ])[0-9]{3}\\1[0-9]{4}"
			"|[2-9][0-9]{2}[-. ]?[2-9][0-9]{2}[-. ]?[0-9]{4})"
			"|\\+[1-9](?:[-. ()]{0,2}[0-9]){7,14}"
			"|0[1-9](?:([-. ])[0-9]{2})(?:\\2[0-9]{2}){3}"
			"|0[1-9][0-9]{1,3}[- ][0-9]{3,4}[- ]?[0-9]{3,4})" NUMBER_END,
	[SHAPE_SSN] = "(?!000|666|9)[0-9]{3}([-. ])(?!00)[0-9]{2}\\1(?!0000)[0-9]{4}" NUMBER_END,
	[SHAPE_IPV4] = OCTET "(?:\\." OCTET "){3}(?![A-Za-z0-9_]|\\.[0-9]|-[A-Za-z])",
	[SHAPE_AWS] = "A(?:KIA|SIA|ROA|IDA|GPA|IPA|NPA|NVA)[A-Z0-9]{16}(?![A-Za-z0-9])",
	[SHAPE_GITHUB] = "(?:gh[pousr]_[A-Za-z0-9]{36,}+|github_pat_[A-Za-z0-9_]{22,}+)",
	[SHAPE_PREFIXED] = "(?:sk-[A-Za-z0-9_-]{20,}+|[srp]k_(?:live|test)_[A-Za-z0-9]{16,}+"
			   "|xox[abposr]-[A-Za-z0-9-]{10,}+|AIza[A-Za-z0-9_-]{35}+)",
	[SHAPE_BEARER] = "(?i:bearer)[ \\t]{1,4}[A-Za-z0-9._~+/-]{16,}+={0,2}",
	[SHAPE_JWT] = "eyJ[A-Za-z0-9_-]{10,}+\\.[A-Za-z0-9_-]{10,}+(?:\\.[A-Za-z0-9_-]*+)?",
	/* the body ends at the next '-', the first byte of what could begin again */
	[SHAPE_PEM] =
		"-----BEGIN (?:[A-Z0-9]{1,16} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
		"(?:\\s{0,4}(?:Proc-Type|DEK-Info|Version|Comment): ?[^\\r\\n\\\\]{0,100}){0,4}+"
		"[A-Za-z0-9+/=\\s\\\\]*+(?:-----END [A-Z0-9 ]{0,40}-----)?",
	/* of a URL, behind the slashes; a password may have an '@' of its own */
	[SHAPE_USERINFO] = NOT_REDACTED "[^\\s:/@\"'<>?#]{0,128}+:(?=[^\\s/\"'<>]{1,256}@)"
					"[^\\s/\"'<>]{1,256}(?=@[A-Za-z0-9\\[])",
	[SHAPE_DATABASE] = "[A-Za-z][A-Za-z0-9+]{1,20}+://" NOT_REDACTED
			   "[^\\s:/@\"'<>?#]{0,128}+:[^\\s/\"'<>]{1,256}@[^\\s\"'<>@]{1,512}",
};

int shape_set_init(struct shape_set *set)
{
	PCRE2_SIZE offset;
	int error;

	*set = (struct shape_set) { .is_compiled = true };
	set->context = pcre2_match_context_create(NULL);
	if (!set->context)
		return -ENOMEM;
	pcre2_set_match_limit(set->context, SHAPE_MATCH_LIMIT);
	/* without NO_START_OPTIMIZE each would look thousands of bytes ahead for its last literal */
	for (size_t i = 0; i < SHAPES; i++) {
		set->code[i] = pcre2_compile((PCRE2_SPTR)patterns[i], PCRE2_ZERO_TERMINATED,
					     PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY |
						     PCRE2_NO_START_OPTIMIZE,
					     &error, &offset, NULL);
		if (!set->code[i])
			return error == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
		if (pcre2_jit_compile(set->code[i], PCRE2_JIT_COMPLETE))
			set->is_compiled = false;
	}
	return 0;
}

void shape_set_done(struct shape_set *set)
{
	for (size_t i = 0; i < SHAPES; i++)
		pcre2_code_free(set->code[i]);
	pcre2_match_context_free(set->context);
	*set = (struct shape_set) { 0 };
}

int shape_match(const struct shape_set *set, enum shape shape, pcre2_match_data *data,
		const char *text, size_t len, size_t *ret_len)
{
	int r;

	/* neither needs more than the shape itself, and pcre2_match checks more */
	if (set->is_compiled)
		r = pcre2_jit_match(set->code[shape], (PCRE2_SPTR)text, len, 0, 0, data,
				    set->context);
	else
		r = pcre2_match(set->code[shape], (PCRE2_SPTR)text, len, 0, 0, data, set->context);
	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	if (r < 0)
		return r == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -E2BIG;
	*ret_len = pcre2_get_ovector_pointer(data)[1];
	return 1;
}
