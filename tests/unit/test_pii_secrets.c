// SPDX-License-Identifier: Apache-2.0
/* Secrets, written in two parts, so that no scanner takes them for real ones. */
#include "pii_text.h"

#define BEGIN(what) "-----BEGIN " what "PRIVATE KEY-----"
#define END(what) "-----END " what "PRIVATE KEY-----"
#define KEY_40                                                                                     \
	"wJalrXUtnFEMI/K7MDENG/bPxRfi"                                                             \
	"CYEXAMPLEKEY"
#define HUB_36                                                                                     \
	"abcdefghij0123456789"                                                                     \
	"ABCDEFGHIJklmnop"
#define AZURE                                                                                      \
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2"                                      \
	"UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
#define JWT                                                                                        \
	"eyJhbGciOiJIUzI1NiJ9"                                                                     \
	".eyJzdWIiOiIxMjM0NTY3ODkwIn0"

static const struct pii_case secrets[] = {
	{ PII_AWS_ACCESS_KEY,
	  "AKIA"
	  "IOSFODNN7EXAMPLE",
	  NULL },
	{ PII_AWS_ACCESS_KEY,
	  "ASIA"
	  "IOSFODNN7EXAMPLE",
	  NULL },
	{ PII_AWS_ACCESS_KEY,
	  "key=AROA"
	  "IOSFODNN7EXAMPLE;",
	  "AROA"
	  "IOSFODNN7EXAMPLE" },
	{ PII_AWS_ACCESS_KEY,
	  "(AKIA"
	  "IOSFODNN7EXAMPLE)",
	  "AKIA"
	  "IOSFODNN7EXAMPLE" },
	{ PII_AWS_SECRET_KEY, "aws_secret_access_key = " KEY_40, KEY_40 },
	{ PII_AWS_SECRET_KEY, "AWS_SECRET_ACCESS_KEY=" KEY_40, KEY_40 },
	{ PII_AWS_SECRET_KEY, "\"SecretAccessKey\": \"" KEY_40 "\"", KEY_40 },
	{ PII_AWS_SECRET_KEY, "aws_secret_key: '" KEY_40 "'", KEY_40 },
	{ PII_GITHUB_TOKEN,
	  "gh"
	  "p_" HUB_36,
	  NULL },
	{ PII_GITHUB_TOKEN,
	  "gh"
	  "o_" HUB_36,
	  NULL },
	{ PII_GITHUB_TOKEN,
	  "gh"
	  "s_" HUB_36,
	  NULL },
	{ PII_GITHUB_TOKEN,
	  "https://gh"
	  "p_" HUB_36 "@github.com",
	  "gh"
	  "p_" HUB_36 },
	{ PII_GITHUB_TOKEN,
	  "github"
	  "_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv",
	  NULL },
	{ PII_GENERIC_API_KEY, "api_key = \"a1b2c3d4e5f6g7h8i9\"", "a1b2c3d4e5f6g7h8i9" },
	{ PII_GENERIC_API_KEY, "API-KEY: a1b2c3d4e5f6g7h8i9", "a1b2c3d4e5f6g7h8i9" },
	{ PII_GENERIC_API_KEY, "apikey=a1b2c3d4e5f6g7h8i9&x=1", "a1b2c3d4e5f6g7h8i9" },
	{ PII_GENERIC_API_KEY, "{\"client_secret\":\"Zx81-kk2m-PP0q-7wer\"}",
	  "Zx81-kk2m-PP0q-7wer" },
	{ PII_GENERIC_API_KEY, "{\\\"token\\\":\\\"Zx81kk2mPP0q7wer\\\"}", "Zx81kk2mPP0q7wer" },
	{ PII_GENERIC_API_KEY, "secret => 'Zx81kk2mPP0q7wer'", "Zx81kk2mPP0q7wer" },
	{ PII_GENERIC_API_KEY, "access token: Zx81kk2mPP0q7wer", "Zx81kk2mPP0q7wer" },
	{ PII_GENERIC_API_KEY, "PASSWORD=Zx81kk2mPP0q7wer", "Zx81kk2mPP0q7wer" },
	{ PII_GENERIC_API_KEY,
	  "s"
	  "k-abcdefghij0123456789ABCD",
	  NULL },
	{ PII_GENERIC_API_KEY,
	  "s"
	  "k_live_abcdefgh01234567",
	  NULL },
	{ PII_GENERIC_API_KEY,
	  "xo"
	  "xb-1234567890-abcdefghij",
	  NULL },
	{ PII_GENERIC_API_KEY,
	  "AI"
	  "zaSyA0123456789abcdefghijklmnopqrstuv",
	  NULL },
	{ PII_BEARER_TOKEN, "Bearer abcdef0123456789XYZ", NULL },
	{ PII_BEARER_TOKEN,
	  "Authorization: bearer abcdef0123456789XYZ==", "bearer abcdef0123456789XYZ==" },
	{ PII_BEARER_TOKEN, JWT, NULL },
	{ PII_BEARER_TOKEN, "jwt " JWT ".sig_nature-1 end", JWT ".sig_nature-1" },
	{ PII_PRIVATE_KEY, BEGIN("") "\nMIIEvQ+/=\n" END(""), NULL },
	{ PII_PRIVATE_KEY, "x " BEGIN("RSA ") "\r\nMIIEvQ\r\n" END("RSA ") " y",
	  BEGIN("RSA ") "\r\nMIIEvQ\r\n" END("RSA ") },
	{ PII_PRIVATE_KEY, BEGIN("EC ") "\\nMHcCAQ\\n" END("EC "), NULL },
	{ PII_PRIVATE_KEY, BEGIN("ENCRYPTED ") "\nMII", NULL },
	{ PII_PRIVATE_KEY,
	  BEGIN("RSA ") "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0AF\n\nMII\n" END("RSA "),
	  NULL },
	{ PII_SSH_PRIVATE_KEY, BEGIN("OPENSSH ") "\nb3BlbnNzaA==\n" END("OPENSSH "), NULL },
	{ PII_PASSWORD_IN_URL, "https://user:hunter2@example.com/x", "user:hunter2" },
	{ PII_PASSWORD_IN_URL, "ftp://u:p@h", "u:p" },
	{ PII_PASSWORD_IN_URL, "git+https://:tok@example.com", ":tok" },
	{ PII_PASSWORD_IN_URL, "https://u:p@ss@example.com", "u:p@ss" },
	{ PII_PASSWORD_IN_URL, "https://user:p%40ss@[::1]/", "user:p%40ss" },
	{ PII_GCP_SERVICE_ACCOUNT, "\"type\": \"service_account\"", "service_account" },
	{ PII_GCP_SERVICE_ACCOUNT, "{\"type\":\"service_account\",\"x\":1}", "service_account" },
	{ PII_GCP_SERVICE_ACCOUNT,
	  "\"private_key_id\": \"0123456789abcdef0123456789abcdef01234567\"",
	  "0123456789abcdef0123456789abcdef01234567" },
	{ PII_AZURE_CONNECTION_STRING, "AccountName=x;AccountKey=" AZURE ";EndpointSuffix=y",
	  AZURE },
	{ PII_AZURE_CONNECTION_STRING, "Endpoint=sb://x/;SharedAccessKey=" AZURE, AZURE },
	{ PII_DATABASE_CONNECTION_STRING, "postgres://u:p@db:5432/x", NULL },
	{ PII_DATABASE_CONNECTION_STRING, "postgresql+psycopg2://u:p@db/x", NULL },
	{ PII_DATABASE_CONNECTION_STRING, "url=\"mysql://root:x@h/d\"", "mysql://root:x@h/d" },
	{ PII_DATABASE_CONNECTION_STRING, "mongodb+srv://u:p@c.example.net", NULL },
	{ PII_DATABASE_CONNECTION_STRING, "redis://:secret@cache:6379/0", NULL },
	{ PII_DATABASE_CONNECTION_STRING, "amqp://guest:guest@mq", NULL },
	{ PII_DATABASE_CONNECTION_STRING, "Server=db;User Id=sa;Password=Pa$$w0rd;X=1",
	  "Pa$$w0rd" },
	{ PII_DATABASE_CONNECTION_STRING, "Host=h;Pwd=x", "x" },
};

Test(pii_secrets, finds_each_kind)
{
	pii_try(secrets, LENGTH(secrets));
}
