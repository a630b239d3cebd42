// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sodium.h>
#include <zlib.h>

#include "report_impl.h"
#include "user/util.h"

/* A multiple of 3, so that base64 goes on where it was. */
#define BLOCK 49152u

int report_put_packed(const char *text, size_t len, FILE *to)
{
	uLongf packed_len = compressBound(len);
	_cleanup_free_ unsigned char *packed = malloc(packed_len);
	_cleanup_free_ char *base64 =
		malloc(sodium_base64_ENCODED_LEN(BLOCK, sodium_base64_VARIANT_ORIGINAL));

	if (!packed || !base64 ||
	    compress2(packed, &packed_len, (const Bytef *)text, len, Z_DEFAULT_COMPRESSION) != Z_OK)
		return -ENOMEM;
	fputs("<script type=\"application/octet-stream\" class=\"rows\">", to);
	for (size_t at = 0; at < packed_len; at += BLOCK) {
		size_t part = packed_len - at < BLOCK ? packed_len - at : BLOCK;

		sodium_bin2base64(base64,
				  sodium_base64_ENCODED_LEN(BLOCK, sodium_base64_VARIANT_ORIGINAL),
				  packed + at, part, sodium_base64_VARIANT_ORIGINAL);
		fputs(base64, to);
	}
	fputs("</script>\n", to);
	return 0;
}
