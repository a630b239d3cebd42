// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include "user/resolver/address_range.h"

static bool is_special(const char *text)
{
	uint8_t address[16] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, text, address + 12) != 1)
		cr_assert_eq(inet_pton(AF_INET6, text, address), 1, "%s", text);
	return address_is_special(address);
}

Test(address_range, what_is_not_out_on_the_internet)
{
	static const char *const special[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.0",
		"10.255.255.255",
		"100.64.0.0",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.0.1",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.1",
		"192.0.2.1",
		"192.168.0.1",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.7",
		"203.0.113.7",
		"224.0.0.1",
		"239.1.1.1",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:10.0.0.1",
		"::10.0.0.1",
		"64:ff9b::a00:1",
		"64:ff9b:1::1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:a00:1::",
		"2002:7f00:1::1",
		"3fff::1",
		"fc00::1",
		"fdff::1",
		"fe80::1",
		"fec0::1",
		"ff02::1",
		"5f00::1",
		"4000::1",
	};
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		cr_assert(is_special(special[i]), "%s", special[i]);
}

Test(address_range, what_is)
{
	static const char *const plain[] = {
		"1.1.1.1",
		"9.255.255.255",
		"11.0.0.0",
		"100.63.255.255",
		"100.128.0.0",
		"126.1.1.1",
		"128.0.0.1",
		"169.253.1.1",
		"172.15.255.255",
		"172.32.0.0",
		"192.0.1.1",
		"192.169.0.1",
		"198.17.255.255",
		"198.20.0.0",
		"203.0.112.255",
		"223.255.255.255",
		"::ffff:8.8.8.8",
		"64:ff9b::808:808",
		"2001:200::1",
		"2606:4700::1111",
		"2a00:1450::34",
		"2002:808:808::1",
		"2001:4860:4860::8888",
	};
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		cr_assert_not(is_special(plain[i]), "%s", plain[i]);
}
