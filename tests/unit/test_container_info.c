// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/container/container_info.h"
#include "user/container/container_inside.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "3f0a4c7e-12ab-4cde-8f01-23456789abcd"

static char root[64];
static struct container_host host = { .root = root, .node = "node-7", .wait_ms = 2000 };
static struct container_ref ref = { .id = ID };
static struct container_info info;

static void put(const char *path, const char *text)
{
	char name[512], command[600];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", root, path);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s')\"", name);
	cr_assert_eq(system(command), 0);
	cr_assert_not_null(file = fopen(name, "w"));
	fputs(text, file);
	fclose(file);
}

static void setup(void)
{
	snprintf(root, sizeof(root), "/tmp/ec-container.XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	unsetenv("KUBERNETES_SERVICE_HOST");
}

static void teardown(void)
{
	char command[128];

	container_info_done(&info);
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(container_info, .init = setup, .fini = teardown);

static void describe(enum container_runtime runtime)
{
	ref.runtime = runtime;
	cr_assert_eq(container_describe(&host, &ref, &info), 0);
}

static void says(const char *text, const char *expected)
{
	cr_assert_not_null(text, "not %s", expected);
	cr_expect_str_eq(text, expected);
}

Test(container_info, what_nobody_says_is_not_known)
{
	describe(CONTAINER_RUNTIME_CONTAINERD);
	cr_assert_null(info.name);
	cr_assert_null(info.image);
	cr_assert_null(info.pod);
	cr_assert_eq(info.labels.len, 0);
	says(info.node, "node-7");
}

Test(container_info, containerd_has_it_in_the_bundle)
{
	put("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"agent\","
	    "\"io.kubernetes.cri.container-type\":\"container\","
	    "\"io.kubernetes.cri.image-name\":\"example.org/agent:1\","
	    "\"io.kubernetes.cri.sandbox-id\":\"" POD "\","
	    "\"io.kubernetes.cri.sandbox-name\":\"agent-x\","
	    "\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}");
	/* the path of a pod's container does not say which runtime it is */
	describe(CONTAINER_RUNTIME_UNKNOWN);
	says(info.name, "agent");
	says(info.image, "example.org/agent:1");
	says(info.pod, "agent-x");
	says(info.pod_namespace, "prod");
	cr_assert(!info.is_sandbox);
	cr_assert(!info.asked_pod_labels);
}

Test(container_info, a_name_of_ones_own_is_believed_with_its_bundle)
{
	static const char there[] = "/default/d1/sub", not_there[] = "/default/d2",
			  other[] = "/x/d1";

	put("/run/containerd/io.containerd.runtime.v2.task/default/d1/config.json",
	    "{\"annotations\":{\"app\":\"y\"},\"linux\":{\"cgroupsPath\":\"/default/d1\"}}");
	put("/run/containerd/io.containerd.runtime.v2.task/x/d1/config.json",
	    "{\"linux\":{\"cgroupsPath\":\"/y/d1\"}}");
	cr_assert_eq(container_find(&host, there, strlen(there), &ref), 0);
	says(ref.id, "d1");
	says(ref.space, "default");
	cr_assert_eq(ref.path_len, strlen("/default/d1"));
	cr_assert_eq(container_describe(&host, &ref, &info), 0);
	says(container_label(&info.labels, "app"), "y");
	cr_assert_eq(container_find(&host, not_there, strlen(not_there), &ref), -ENOENT);
	cr_assert_eq(container_find(&host, other, strlen(other), &ref), -ENOENT);
	cr_assert_eq(container_find(&host, "/../d1", 6, &ref), -ENOENT);
	cr_assert_eq(container_find(&host, "/a", 2, &ref), -ENOENT);
}

Test(container_info, crio_has_the_pods_labels_in_its_sandbox)
{
	put("/run/containers/storage/overlay-containers/" ID "/userdata/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
	    "\"io.kubernetes.container.name\":\"agent\",\"io.kubernetes.cri-o.SandboxID\":\"" POD
	    "\",\"io.kubernetes.cri-o.ImageName\":\"example.org/agent:1\","
	    "\"io.kubernetes.cri-o.KubeName\":\"agent-x\",\"io.kubernetes.cri-o.Namespace\":"
	    "\"prod\",\"io.kubernetes.cri-o.Labels\":\"{\\\"its\\\":\\\"own\\\"}\"}}");
	put("/run/containers/storage/overlay-containers/" POD "/userdata/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"sandbox\","
	    "\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"agent\\\"}\"}}");
	describe(CONTAINER_RUNTIME_CRIO);
	says(info.name, "agent");
	says(info.image, "example.org/agent:1");
	says(info.pod, "agent-x");
	says(container_label(&info.labels, "its"), "own");
	says(container_label(&info.pod_labels, "app"), "agent");
	cr_assert(info.asked_pod_labels);
}

Test(container_info, a_sandbox_is_told_from_a_container)
{
	static const char text[] = "{\"annotations\":{\"io.kubernetes.cri.container-type\":"
				   "\"sandbox\"}}";

	cr_assert_eq(container_bundle_parse(text, strlen(text), &info), 0);
	cr_assert(info.is_sandbox);
}

Test(container_info, podman_has_the_image_in_its_storage)
{
	put("/var/lib/containers/storage/overlay-containers/containers.json",
	    "[{\"id\":\"" POD "\",\"metadata\":\"{\\\"name\\\":\\\"other\\\"}\"},"
	    "{\"id\":\"" ID "\",\"metadata\":\"{\\\"image-name\\\":\\\"localhost/agent:1\\\","
	    "\\\"image-id\\\":\\\"77\\\",\\\"name\\\":\\\"c1\\\"}\"}]");
	describe(CONTAINER_RUNTIME_PODMAN);
	says(info.name, "c1");
	says(info.image, "localhost/agent:1");
}

Test(container_info, docker_has_it_in_a_file_of_its_own)
{
	put("/var/lib/docker/containers/" ID "/config.v2.json",
	    "{\"ID\":\"" ID "\",\"Name\":\"/web\",\"Config\":{\"Image\":\"agent:2\","
	    "\"Labels\":{\"a\":\"b\",\"n\":7}}}");
	describe(CONTAINER_RUNTIME_DOCKER);
	says(info.name, "web");
	says(info.image, "agent:2");
	says(container_label(&info.labels, "a"), "b");
	cr_assert_eq(info.labels.len, 1);
}

Test(container_info, of_another_container_nothing_is_believed)
{
	put("/var/lib/docker/containers/" ID "/config.v2.json",
	    "{\"ID\":\"" POD "\",\"Name\":\"/web\",\"Config\":{\"Image\":\"agent:2\"}}");
	describe(CONTAINER_RUNTIME_DOCKER);
	cr_assert_null(info.name);
	cr_assert_null(info.image);
}

/* Answers one connection with text, and ends. */
static pid_t serve(const char *text)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char asked[4096] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), one;
	pid_t pid;

	put("/run/podman/x", "");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/run/podman/podman.sock", root);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	pid = fork();
	if (pid)
		return close(fd), pid;
	one = accept(fd, NULL, NULL);
	if (one < 0 || read(one, asked, sizeof(asked) - 1) <= 0 ||
	    !strstr(asked, "GET /v4.0.0/libpod/containers/" ID "/json "))
		_exit(1);
	if (!text)
		pause();
	_exit(write(one, text, strlen(text)) != (ssize_t)strlen(text));
}

static void served(pid_t pid)
{
	int status;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

#define OK "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"

Test(container_info, podman_says_its_labels)
{
	pid_t pid = serve(OK "{\"Id\":\"" ID "\",\"Name\":\"c1\",\"ImageName\":\"localhost/a:1\","
			     "\"Config\":{\"Labels\":{\"app\":\"agent\"}}}");

	describe(CONTAINER_RUNTIME_PODMAN);
	served(pid);
	says(info.name, "c1");
	says(info.image, "localhost/a:1");
	says(container_label(&info.labels, "app"), "agent");
}

Test(container_info, an_answer_that_is_none_says_nothing)
{
	pid_t pid = serve("HTTP/1.0 404 Not Found\r\nContent-Type: application/json\r\n\r\n"
			  "{\"Id\":\"" ID "\",\"Name\":\"c1\"}");

	describe(CONTAINER_RUNTIME_PODMAN);
	served(pid);
	cr_assert_null(info.name);
}

Test(container_info, who_does_not_answer_is_not_waited_for, .timeout = 10)
{
	pid_t pid = serve(NULL);

	host.wait_ms = 200;
	describe(CONTAINER_RUNTIME_PODMAN);
	cr_assert_null(info.name);
	cr_assert(info.is_partial);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const char pod[] = "{\"metadata\":{\"uid\":\"" UID "\",\"labels\":{\"app\":\"agent\"}},"
			  "\"spec\":{\"nodeName\":\"n1\"},\"status\":{\"containerStatuses\":["
			  "{\"name\":\"other\",\"containerID\":\"containerd://" POD "\"},"
			  "{\"name\":\"agent\",\"image\":\"example.org/a:1\",\"containerID\":"
			  "\"containerd://" ID "\"}]}}";

Test(container_info, a_pod_has_labels_and_names_its_container)
{
	strcpy(ref.pod_uid, UID);
	cr_assert_eq(container_pod_parse(pod, strlen(pod), &ref, &info), 0);
	says(info.name, "agent");
	says(info.image, "example.org/a:1");
	says(info.node, "n1");
	says(container_label(&info.pod_labels, "app"), "agent");
	cr_assert(info.asked_pod_labels);
}

Test(container_info, another_pod_of_the_same_name_is_not_believed)
{
	strcpy(ref.pod_uid, "00000000-12ab-4cde-8f01-23456789abcd");
	cr_assert_eq(container_pod_parse(pod, strlen(pod), &ref, &info), -ESTALE);
	cr_assert_eq(info.pod_labels.len, 0);
	cr_assert(!info.asked_pod_labels);
}

Test(container_info, what_is_no_json_is_refused)
{
	static const char *const none[] = { "", "[", "[]", "7", "{\"annotations\":", "\"x\"" };

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		size_t len = strlen(none[i]);

		cr_expect_eq(container_bundle_parse(none[i], len, &info), -EBADMSG);
		cr_expect_eq(container_engine_parse(none[i], len, ID, &info), -EBADMSG);
		cr_expect_eq(container_pod_parse(none[i], len, &ref, &info), -EBADMSG);
	}
	cr_expect_eq(container_storage_parse("{}", 2, ID, &info), -EBADMSG);
	cr_expect_eq(container_storage_parse("[]", 2, ID, &info), -ENOENT);
}

Test(container_info, labels_past_the_limit_are_counted)
{
	char text[16384] = "{\"ID\":\"" ID "\",\"Config\":{\"Labels\":{";
	size_t len = strlen(text);

	for (unsigned int i = 0; i < CONTAINER_LABELS_MAX + 3; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"k%u\":\"v\"",
					i ? "," : "", i);
	snprintf(text + len, sizeof(text) - len, "}}}");
	cr_assert_eq(container_engine_parse(text, strlen(text), ID, &info), 0);
	cr_assert_eq(info.labels.len, CONTAINER_LABELS_MAX);
	cr_assert_eq(info.omitted, 3);
}

Test(container_info, a_record_has_what_is_known)
{
	cJSON *json;
	char *text;

	strcpy(ref.pod_uid, UID);
	ref.runtime = CONTAINER_RUNTIME_CONTAINERD;
	cr_assert_eq(container_pod_parse(pod, strlen(pod), &ref, &info), 0);
	json = container_info_json(&ref, &info);
	text = cJSON_PrintUnformatted(json);
	cr_expect_str_eq(text, "{\"runtime\":\"containerd\",\"id\":\"" ID "\",\"name\":\"agent\","
			       "\"image\":\"example.org/a:1\",\"pod\":{\"uid\":\"" UID
			       "\",\"labels\":{\"app\":\"agent\"}},\"node\":\"n1\"}");
	cJSON_free(text);
	cJSON_Delete(json);
}

#define MOUNT(root, point) "36 35 8:1 " root " " point " rw - ext4 /dev/sda1 rw\n"

static int of_mounts(const char *text)
{
	return container_of_mounts(text, strlen(text), &ref, &info);
}

Test(container_info, inside_it_what_was_mounted_says_which)
{
	cr_assert_eq(of_mounts(MOUNT("/", "/") MOUNT("/var/lib/docker/containers/" ID "/hostname",
						     "/etc/hostname")),
		     0);
	cr_assert_eq(ref.runtime, CONTAINER_RUNTIME_DOCKER);
	says(ref.id, ID);
	cr_assert_eq(of_mounts(MOUNT("/overlay-containers/" ID "/userdata/hosts", "/etc/hosts")),
		     0);
	cr_assert_eq(ref.runtime, CONTAINER_RUNTIME_PODMAN);
	says(ref.id, ID);
}

Test(container_info, inside_a_pod_the_kubelet_says_which)
{
	cr_assert_eq(of_mounts(MOUNT(
			     "/containerd/io.containerd.grpc.v1.cri/sandboxes/" POD "/hostname",
			     "/etc/hostname") MOUNT("/kubelet/pods/" UID "/etc-hosts", "/etc/hosts")
				       MOUNT("/kubelet/pods/" UID "/containers/agent/1f",
					     "/dev/termination-log")),
		     0);
	cr_assert_eq(ref.runtime, CONTAINER_RUNTIME_CONTAINERD);
	says(ref.pod_uid, UID);
	says(ref.id, "");
	says(info.sandbox, POD);
	says(info.name, "agent");
}

Test(container_info, mounts_of_others_say_nothing)
{
	/* a host sees its containers' layers; a volume may have any name */
	cr_assert_eq(of_mounts(MOUNT("/", "/") MOUNT("/x/docker/containers/" ID "/hostname",
						     "/mnt/hostname")),
		     -ENOENT);
	cr_assert_eq(of_mounts(""), -ENOENT);
	cr_assert_eq(of_mounts("a b\n\n"), -ENOENT);
}
