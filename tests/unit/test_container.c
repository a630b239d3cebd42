// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "user/container/container.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "3f0a4c7e-12ab-4cde-8f01-23456789abcd"
#define UID_SLICE "3f0a4c7e_12ab_4cde_8f01_23456789abcd"

static struct container_ref ref;

static int of(const char *path)
{
	return container_of_path(path, strlen(path), &ref);
}

static void is(const char *path, const char *runtime, const char *id, const char *pod)
{
	cr_assert_eq(of(path), 0, "%s", path);
	cr_expect_str_eq(container_runtime_name(ref.runtime), runtime, "%s: %d", path, ref.runtime);
	cr_expect_str_eq(ref.id, id, "%s", path);
	cr_expect_str_eq(ref.pod_uid, pod, "%s: %s", path, ref.pod_uid);
}

Test(container, systemd_names_are_of_their_runtime)
{
	is("/system.slice/docker-" ID ".scope", "docker", ID, "");
	is("/machine.slice/libpod-" ID ".scope/container", "podman", ID, "");
	is("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", "podman",
	   ID, "");
	is("/system.slice/nerdctl-" ID ".scope", "containerd", ID, "");
	is("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_SLICE
	   ".slice/cri-containerd-" ID ".scope",
	   "containerd", ID, UID);
	is("/kubepods.slice/kubepods-pod" UID_SLICE ".slice/crio-" ID ".scope", "cri-o", ID, UID);
	is("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_SLICE
	   ".slice/docker-" ID ".scope/system.slice/x.service",
	   "docker", ID, UID);
}

Test(container, directories_of_cgroupfs_are_of_their_runtime)
{
	is("/docker/" ID, "docker", ID, "");
	is("/libpod_parent/libpod-" ID, "podman", ID, "");
	is("/libpod_parent/" OTHER "/libpod-" ID, "podman", ID, "");
	is("/kubepods/besteffort/pod" UID "/crio-" ID, "cri-o", ID, UID);
	is("/kubepods/burstable/pod" UID "/" ID, "", ID, UID);
	cr_assert_eq(ref.runtime, CONTAINER_RUNTIME_UNKNOWN);
	is("/k8s.io/" ID, "containerd", ID, "");
	cr_assert_str_eq(ref.space, "k8s.io");
	is("/system.slice:cri-containerd:" ID, "containerd", ID, "");
	is("/kubepods-burstable-pod" UID_SLICE ".slice:cri-containerd:" ID, "containerd", ID, "");
}

Test(container, static_pods_have_a_hash)
{
	is("/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" ID, "", ID,
	   "0123456789abcdef0123456789abcdef");
}

Test(container, a_path_from_another_cgroup_namespace_is_read_alike)
{
	is("/../../kubepods/pod" UID "/" ID, "", ID, UID);
	is("/../cri-containerd-" ID ".scope", "containerd", ID, "");
}

Test(container, the_kubelet_in_a_slice_of_its_own_is_read_alike)
{
	is("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	   "kubelet-kubepods-burstable-pod" UID_SLICE ".slice/cri-containerd-" ID ".scope",
	   "containerd", ID, UID);
}

Test(container, who_is_inside_cannot_take_another_id)
{
	is("/docker/" ID "/docker/" OTHER, "docker", ID, "");
	is("/system.slice/docker-" ID ".scope/kubepods/pod" UID "/crio-" OTHER, "docker", ID, "");
	is("/machine.slice/libpod-" ID ".scope/docker-" OTHER ".scope", "podman", ID, "");
}

Test(container, the_containers_own_cgroup_is_told)
{
	cr_assert_eq(of("/machine.slice/libpod-" ID ".scope/container"), 0);
	cr_assert_eq(ref.path_len, strlen("/machine.slice/libpod-" ID ".scope"));
	cr_assert_eq(of("/docker/" ID), 0);
	cr_assert_eq(ref.path_len, strlen("/docker/" ID));
}

Test(container, what_is_none_is_none)
{
	static const char *const none[] = {
		"",
		"/",
		"/init.scope",
		"/user.slice/user-0.slice/session-1.scope",
		"/system.slice/docker.service",
		"/system.slice/containerd.service",
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/kubepods.slice/crio-conmon-" ID ".scope",
		"/kubepods/burstable/pod" UID,
		"/libpod_parent/" ID,
		"/system.slice/docker-0123.scope",
		"/system.slice/docker-" ID "0.scope",
		"/system.slice/docker-" ID ".slice",
		"/system.slice/-" ID ".scope",
		"/system.slice/:" ID,
		"/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		cr_expect_eq(of(none[i]), -ENOENT, "%s", none[i]);
		cr_expect_eq(ref.runtime, CONTAINER_RUNTIME_NONE);
		cr_expect_str_eq(ref.pod_uid, "");
	}
}

Test(container, a_path_that_no_kernel_has_is_refused)
{
	static char path[CONTAINER_PATH_MAX + 2];

	memset(path, '/', sizeof(path));
	cr_assert_eq(container_of_path(path, CONTAINER_PATH_MAX + 1, &ref), -E2BIG);
	cr_assert_eq(container_of_path(path, CONTAINER_PATH_MAX, &ref), -ENOENT);
}

static int of_text(const char *text)
{
	return container_of_text(text, strlen(text), &ref);
}

Test(container, version_2_is_asked_first_and_version_1_where_it_says_nothing)
{
	cr_assert_eq(of_text("0::/docker/" ID "\n"), 0);
	cr_assert_str_eq(ref.id, ID);
	cr_assert_eq(of_text("12:cpu,cpuacct:/docker/" ID "\n1:name=systemd:/docker/" ID
			     "\n0::/system.slice/containerd.service\n"),
		     0);
	cr_assert_str_eq(ref.id, ID);
	cr_assert_eq(of_text("4:memory:/docker/" OTHER "\n0::/docker/" ID), 0);
	cr_assert_str_eq(ref.id, ID);
	cr_assert_eq(of_text("0::/\n"), -ENOENT);
	cr_assert_eq(of_text(""), -ENOENT);
	cr_assert_eq(of_text("::"), -ENOENT);
	cr_assert_eq(of_text("/docker/" ID "\n"), -ENOENT);
}

Test(container, this_process_has_a_file)
{
	int r = container_of_process(0, &ref);

	cr_assert(r == 0 || r == -ENOENT, "%d", r);
	cr_assert_eq(container_of_process(1 << 30, &ref), -ENOENT);
}
