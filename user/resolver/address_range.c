// SPDX-License-Identifier: Apache-2.0
#include "address_range.h"

#include <stddef.h>
#include <string.h>

struct range {
	uint8_t bytes[12];
	uint8_t bits;
};

static const struct range ranges4[] = {
	{ { 0 }, 8 },		  /* this network */
	{ { 10 }, 8 },		  /* private */
	{ { 100, 64 }, 10 },	  /* carriers' own */
	{ { 127 }, 8 },		  /* loopback */
	{ { 169, 254 }, 16 },	  /* link-local, metadata */
	{ { 172, 16 }, 12 },	  /* private */
	{ { 192, 0, 0 }, 24 },	  /* protocols */
	{ { 192, 0, 2 }, 24 },	  /* documentation */
	{ { 192, 168 }, 16 },	  /* private */
	{ { 198, 18 }, 15 },	  /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 3 },		  /* multicast, reserved, broadcast */
};

/* Out on the internet is 2000::/3 and nothing else; of that: */
static const struct range ranges6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },	    /* protocols, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff, 0x00 }, 20 },	    /* documentation */
	{ { 0x5f, 0x00 }, 16 },		    /* segment routing */
};

static bool in_range(const uint8_t *address, const struct range *range)
{
	unsigned int whole = range->bits / 8, rest = range->bits % 8;

	if (memcmp(address, range->bytes, whole))
		return false;
	return !rest || (address[whole] ^ range->bytes[whole]) >> (8 - rest) == 0;
}

static bool special4(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof(ranges4) / sizeof(*ranges4); i++)
		if (in_range(address, &ranges4[i]))
			return true;
	return false;
}

bool address_is_special(const uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (!memcmp(address, mapped, sizeof(mapped)) || !memcmp(address, nat64, sizeof(nat64)))
		return special4(address + 12);
	if (address[0] == 0x20 && address[1] == 0x02) /* 6to4 */
		return special4(address + 2);
	if (address[0] >> 5 != 1)
		return true;
	for (size_t i = 0; i < sizeof(ranges6) / sizeof(*ranges6); i++)
		if (in_range(address, &ranges6[i]))
			return true;
	return false;
}
