// SPDX-License-Identifier: Apache-2.0
/* The proxy between HTTP clients and an HTTP server. */
#include "http_talk.h"

#define BEGIN(call, tool) "begin " call " " tool " 1 {\"path\":\"/a\"}; "
#define DATA(json) "event: message\ndata: " json "\n\n"

static bool asks(const char *request, const char *what)
{
	return strstr(request, what) != NULL;
}

static void serve_stream(int fd, const char *request)
{
	if (asks(request, "\"early\"")) {
		say(fd, EVENTS
		    "id: 7\nretry: 20\ndata:\n\nid: 8\ndata: {\"method\":\"a\"}\n\ndata: {\"half");
	} else if (asks(request, "Last-Event-ID: 8")) {
		say(fd, EVENTS "data: " HTTP_REPLY("1") "\n\n");
	} else if (asks(request, "\"stray\"")) {
		say(fd, EVENTS
		    "data: " HTTP_REPLY("2") "\n\nevent: other\ndata: x\n\ndata: [" HTTP_REPLY(
			    "3") "]\n\ndata: " HTTP_REPLY("1") "\n\n");
	} else if (asks(request, "GET ")) {
		say(fd,
		    EVENTS ": hello\n\ndata: " HTTP_REPLY("1") "\n\ndata: {\"method\":\"b\"}\n\n");
	} else {
		say(fd, EVENTS
		    ":\n\nevent: message\r\nid: 1\r\ndata: {\"method\":\r\ndata: \"a\"}\r\n\r\n");
		usleep(30000);
		say(fd, "data: " HTTP_REPLY("1") "\n\n");
	}
}

static void serve(int fd, char *request)
{
	if (asks(request, "\"never\""))
		pause();
	if (asks(request, "\"slow\""))
		usleep(200000);
	if (asks(request, "\"stream") || asks(request, "\"early\"") || asks(request, "\"stray\"") ||
	    asks(request, "GET "))
		serve_stream(fd, request);
	else if (asks(request, "\"closes\""))
		return;
	else if (asks(request, "\"half\""))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
			"100\r\n\r\n{\"id\":1");
	else if (asks(request, "\"silent\""))
		say_whole(fd, "202 Accepted", "text/plain", "");
	else if (asks(request, "\"broken\""))
		say_whole(fd, "500 Internal Server Error", "text/plain", "oh\nno");
	else if (asks(request, "\"zipped\""))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: "
			"gzip\r\nContent-Length: 2\r\n\r\nxx");
	else if (asks(request, "\"echo\"")) {
		char *end = strstr(request, "\r\n\r\n");

		*end = '\0';
		say_whole(fd, "400 Bad Request", "text/plain", request);
	} else if (asks(request, "notifications/"))
		say_whole(fd, "202 Accepted", "text/plain", "");
	else if (asks(request, "DELETE "))
		say_whole(fd, "200 OK", "text/plain", "gone");
	else if (asks(request, "\"exits\"")) {
		kill(getppid(), SIGTERM);
		pause();
	} else
		say_whole(fd, "200 OK", "application/json; charset=utf-8",
			  "{\"jsonrpc\":\"2.0\",\r\n \"id\":1,\"result\":{\"content\":[]}}\n");
}

TestSuite(proxy, .init = http_begin, .fini = http_end);

Test(proxy, a_call_is_declared_before_the_server_sees_it)
{
	const char *answer = post(HTTP_CALL("1", "read"));

	has(answer, "HTTP/1.1 200 OK\r\n");
	has(answer, "Content-Type: application/json; charset=utf-8\r\n");
	has(answer, "Mcp-Session-Id: s1\r\n");
	has_not(answer, "chunked");
	body_is(answer, "{\"jsonrpc\":\"2.0\",   \"id\":1,\"result\":{\"content\":[]}} \n");
	logged(BEGIN("1", "read") "end 1 done; ");
}

Test(proxy, a_stream_of_events_passes_as_it_comes)
{
	const char *answer = post(HTTP_CALL("1", "stream"));

	has(answer, "Content-Type: text/event-stream\r\n");
	body_is(answer, ":\n\n" DATA("{\"method\": \"a\"}") DATA(HTTP_REPLY("1")));
	logged(BEGIN("1", "stream") "end 1 done; ");
}

Test(proxy, what_the_policy_refuses_does_not_reach_the_server)
{
	const char *answer = post(HTTP_CALL("1", "denied"));

	has(answer, "HTTP/1.1 200 OK\r\n");
	has(answer, "Content-Type: application/json\r\n");
	has(answer, "\"isError\":true");
	has(answer, "EnforceCore refused this call");
	logged("");
}

Test(proxy, a_deadline_is_answered_by_us)
{
	shared->timeout_ns = 150000000;
	has(post(HTTP_CALL("1", "never")), "deadline of 0.15 s passed");
	logged(BEGIN("1", "never") "end 1 deadline; ");
}

Test(proxy, a_server_that_does_not_answer_is_told_so)
{
	has(post(HTTP_CALL("1", "closes")), "closed its connection before it answered this call");
	has(post(HTTP_CALL("1", "half")), "closed its connection before it answered this call");
	has(post(HTTP_CALL("1", "silent")), "ended its answer before it answered this call");
	has(post(HTTP_CALL("1", "zipped")), "HTTP/1.1 502");
	has(post(RPC("1", "closes", "{}")), "HTTP/1.1 502");
	logged(BEGIN("1", "closes") "end 1 abandoned; " BEGIN(
		"2", "half") "end 2 abandoned; " BEGIN("3",
						       "silent") "end 3 abandoned; " BEGIN("4",
											   "zipped") "end 4 abandoned; ");
}

Test(proxy, an_error_of_the_server_is_the_clients)
{
	const char *answer = post(HTTP_CALL("1", "broken"));

	has(answer, "HTTP/1.1 500");
	body_is(answer, "oh\nno\n");
	logged(BEGIN("1", "broken") "end 1 abandoned; ");
}

Test(proxy, an_answer_where_it_was_not_asked_is_dropped)
{
	body_is(post(HTTP_CALL("1", "stray")), DATA(HTTP_REPLY("1")));
	/* an answer may not come on a stream of its own either */
	body_is(http_read(http_send("GET", "Accept: text/event-stream\r\n", "")),
		":\n\n" DATA("{\"method\":\"b\"}"));
}

Test(proxy, a_stream_that_ends_early_is_resumed)
{
	body_is(post(HTTP_CALL("1", "early")), DATA("{\"method\":\"a\"}") DATA(HTTP_REPLY("1")));
	logged(BEGIN("1", "early") "end 1 done; ");
}

Test(proxy, notifications_and_the_end_of_a_session_pass)
{
	const char *answer = post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");

	has(answer, "HTTP/1.1 202 Accepted\r\n");
	body_is(answer, "");
	answer = http_read(http_send("DELETE", "Mcp-Session-Id: s1\r\n", ""));
	has(answer, "HTTP/1.1 200 OK\r\n");
	body_is(answer, "gone\n");
}

Test(proxy, headers_pass_but_those_of_the_connection)
{
	const char *answer =
		http_read(http_send("POST",
				    TYPE "Authorization: Bearer x\r\nMcp-Session-Id: s1\r\n"
					 "MCP-Protocol-Version: 2025-06-18\r\nX-Hop: 1\r\n"
					 "Connection: X-Hop\r\nAccept-Encoding: gzip\r\n"
					 "Last-Event-ID: 9\r\nOrigin: http://localhost:1\r\n",
				    RPC("1", "echo", "{}")));

	has(answer, "HTTP/1.1 400 Bad Request");
	has(answer, "Authorization: Bearer x");
	has(answer, "Mcp-Session-Id: s1");
	has(answer, "MCP-Protocol-Version: 2025-06-18");
	has(answer, "Host: 127.0.0.1:");
	has_not(answer, "X-Hop");
	has_not(answer, "gzip");
	has_not(answer, "Last-Event-ID");
	has_not(answer, "Origin");
}

static const char *status_of(const char *method, const char *headers, const char *body)
{
	const char *answer = http_read(http_send(method, headers, body));

	return strlen(answer) > 12 ? answer + 9 : answer;
}

static void refused(const char *status, const char *why, const char *method, const char *headers,
		    const char *body)
{
	const char *answer = status_of(method, headers, body);

	cr_expect(!strncmp(answer, status, 3), "%s: %s", why, answer);
	has(answer, why);
}

Test(proxy, what_a_browser_may_have_sent_is_refused)
{
	int fd = http_connect();

	say(fd, "GET /mcp HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
	has(http_read(fd), "HTTP/1.1 403");
	refused("403", "Origin", "POST", TYPE "Origin: http://evil.example\r\n",
		HTTP_CALL("1", "read"));
	refused("403", "Origin", "POST", TYPE "Origin: null\r\n", HTTP_CALL("1", "read"));
	refused("415", "application/json", "POST", "Content-Type: text/plain\r\n",
		HTTP_CALL("1", "read"));
	logged("");
}

Test(proxy, what_is_no_message_is_refused_with_a_reason)
{
	refused("400", "batch", "POST", TYPE, "[" HTTP_CALL("1", "read") "]");
	refused("400", "-32700", "POST", TYPE, "{\"id\":1");
	refused("400", "-32700", "POST", TYPE, "");
	refused("501", "", "PUT", TYPE, "{}");
	int fd = http_connect();

	say(fd, "POST /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
		"0\r\n\r\n");
	has(http_read(fd), "the endpoint of the tool server is /mcp");
	has(post("{\"id\":1,\"id\":2,\"method\":\"ping\"}"), "twice");
	/* line ends within it are white space */
	has(post("{\"jsonrpc\":\"2.0\",\n\"id\":1,\r\n\"method\":\"ping\"}"), "\"result\"");
	logged("");
}

Test(proxy, a_call_is_cancelled_by_another_request)
{
	int fd = http_send("POST", TYPE "Mcp-Session-Id: s1\r\n", HTTP_CALL("1", "slow"));
	const char *cancel =
		"{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}";

	logged(BEGIN("1", "slow"));
	has(http_read(http_send("POST", TYPE "Mcp-Session-Id: s2\r\n", cancel)), "202");
	logged(BEGIN("1", "slow"));
	has(http_read(http_send("POST", TYPE "Mcp-Session-Id: s1\r\n", cancel)), "202");
	logged(BEGIN("1", "slow") "end 1 cancelled; ");
	has(http_read(fd), "HTTP/1.1 200");
}

Test(proxy, one_that_waits_is_never_heard_of)
{
	int first = http_send("POST", TYPE, HTTP_CALL("1", "alone-slow")), second;

	logged(BEGIN("1", "alone-slow"));
	second = http_send("POST", TYPE, HTTP_CALL("2", "alone"));
	usleep(30000);
	has(post("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}"), "202");
	has(http_read(second), "HTTP/1.1 200");
	has(http_read(first), "\"result\"");
	logged(BEGIN("1", "alone-slow") "end 1 done; ");
}

Test(proxy, calls_of_two_clients_are_open_alone)
{
	int first = http_send("POST", TYPE, HTTP_CALL("1", "alone-slow")), second;

	logged(BEGIN("1", "alone-slow"));
	second = http_send("POST", TYPE, HTTP_CALL("1", "alone-too"));
	has(http_read(second), "\"result\"");
	has(http_read(first), "\"result\"");
	logged(BEGIN("1", "alone-slow") "end 1 done; " BEGIN("2", "alone-too") "end 2 done; ");
}

Test(proxy, a_client_that_leaves_leaves_its_call_to_the_server)
{
	int fd = http_send("POST", TYPE, HTTP_CALL("1", "stream-slow"));

	logged(BEGIN("1", "stream-slow"));
	close(fd);
	logged(BEGIN("1", "stream-slow") "end 1 done; ");
	has(post(HTTP_CALL("1", "read")), "\"result\"");
}

Test(proxy, a_greedy_client_is_not_anybodys_trouble)
{
	static char much[64 << 10];
	int fds[40];

	memset(much, 'x', sizeof(much));
	for (int i = 0; i < 40; i++) {
		fds[i] = http_connect();
		say(fds[i], "POST /mcp HTTP/1.1\r\nHost: localhost\r\n");
	}
	/* one goes on talking while its answer is being made */
	int fd = http_send("GET", "Accept: text/event-stream\r\n", "");

	for (int i = 0; i < 20; i++)
		if (send(fd, much, sizeof(much), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
	has(post(HTTP_CALL("1", "read")), "\"result\"");
	close(fd);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
}

Test(proxy, the_end_of_the_server_is_its_clients_and_ours)
{
	int fd = http_send("POST", TYPE, HTTP_CALL("1", "never"));

	logged(BEGIN("1", "never"));
	http_send("POST", TYPE, RPC("2", "exits", "{}"));
	/* its connections may be closed before it is gone */
	has(http_read(fd), "before it answered this call");
	cr_expect_eq(http_wait(), SIGTERM);
}

static int ignores_sigterm(void)
{
	signal(SIGTERM, SIG_IGN);
	return serve_all();
}

static void stubborn(void)
{
	server_main = ignores_sigterm;
	http_begin();
}

Test(proxy, a_server_that_does_not_end_is_killed, .init = stubborn)
{
	has(post(RPC("1", "ping", "{}")), "\"result\"");
	kill(proxy_pid, SIGTERM);
	cr_expect_eq(http_wait(), SIGKILL);
}
