// SPDX-License-Identifier: Apache-2.0
#include "quote.h"

size_t quote_decode(const char *text, uint32_t *ret_code)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? c[0] : c[0] & (0x7fu >> len);
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if ((c[0] >= 0x80 && c[0] < 0xc2) || c[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

bool quote_shows(uint32_t code)
{
	return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x2000) ||
	       (code >= 0x2070 && code < 0xd800) || (code >= 0xf900 && code < 0xfe00);
}

void quote_put(const char *text, FILE *to)
{
	uint32_t code = 0;
	size_t len;

	fputc('"', to);
	for (; *text; text += len) {
		len = quote_decode(text, &code);
		if (!len) { /* YAML has no way to write it */
			len = 1;
			fputc('?', to);
		} else if (code == '"' || code == '\\') {
			fprintf(to, "\\%c", (char)code);
		} else if (quote_shows(code)) {
			fwrite(text, 1, len, to);
		} else {
			fprintf(to, "\\U%08x", code);
		}
	}
	fputc('"', to);
}
