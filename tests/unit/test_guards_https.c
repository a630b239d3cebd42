// SPDX-License-Identifier: Apache-2.0
/* Guards are asked over HTTPS: none but who has a certificate that is trusted. */
#include "guards_asked.h"

static void begin_https(void)
{
	begin_with("IP:127.0.0.1");
}

TestSuite(guards_https, .init = begin_https, .fini = finish, .timeout = 60);

Test(guards_https, who_has_the_right_certificate_is_believed)
{
	mock.body = COMPLETION("\"unsafe\\nS9\"");
	verdict("1");
	cr_expect_eq(told->said, DECLARE_UNSAFE, "%s", told->why);
	cr_expect_str_eq(told->categories, "S9");
	mock.body = COMPLETION("\"safe\"");
	cr_expect_eq(verdict("2")->said, DECLARE_SAFE);
}

Test(guards_https, who_is_not_trusted_is_not_asked)
{
	guard.ca_file = NULL;
	fails("1", "its certificate is not trusted");
	guard.ca_file = "/nonexistent";
	fails("2", "certificates to trust cannot be read");
	cr_expect_eq(mock.asked, 0);
}

Test(guards_https, who_has_the_certificate_of_another_is_not_asked)
{
	guard.host = "localhost";
	guard.is_name = true;
	fails("1", "its certificate is not trusted");
	cr_expect_eq(mock.asked, 0);
}

Test(guards_https, http_is_no_https)
{
	finish();
	begin_with(NULL);
	guard.https = true;
	fails("1", "no TLS could be agreed upon");
	cr_expect_eq(mock.asked, 0);
}
