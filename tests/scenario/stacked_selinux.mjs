// SPDX-License-Identifier: Apache-2.0
// stacked_selinux.mjs - what stacked.mjs needs of SELinux: a policy of a few types, in which only what
// it is about has rules. Classes and permissions that it does not name are allowed (-U allow).
// Wants a kernel started with lsm=…,selinux,bpf and selinux=1.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';

const FS = '/sys/fs/selinux';
const POLICY = '/run/ec-stacked-selinux';
// in the kernel's order (security/selinux/include/initial_sid_to_string.h)
const SIDS = `kernel security unlabeled fs file file_labels init any_socket port netif netmsg node igmp_packet icmp_socket
tcp_socket sysctl_modprobe sysctl sysctl_fs sysctl_kernel sysctl_net sysctl_net_unix sysctl_vm sysctl_dev kmod policy scmp_packet devnull`.split(/\s+/);
// port: of the peer that it refuses
const policy = (port) => `
class process
class file
class tcp_socket
${SIDS.map((s) => `sid ${s}`).join('\n')}
class process { transition dyntransition }
class file { read create execute }
class tcp_socket { name_connect }
type base_t;
type agent_t;
type agent_exec_t;
type shut_t;
role r;
role r types { base_t agent_t agent_exec_t shut_t };
allow base_t { base_t agent_t }:process *;
allow base_t { base_t agent_exec_t shut_t }:file *;
allow base_t { base_t shut_t }:tcp_socket *;
allow agent_t agent_t:process *;
allow agent_t { base_t agent_exec_t }:file *;
allow agent_t base_t:tcp_socket *;
type_transition base_t agent_exec_t:process agent_t;
type_transition agent_t base_t:file shut_t "ec";
user u roles { r };
${SIDS.map((s) => `sid ${s} u:r:base_t`).join('\n')}
fs_use_trans tmpfs u:object_r:base_t;
genfscon rootfs / u:object_r:base_t
portcon tcp ${port} u:object_r:shut_t
`;

// Labels want a file system that keeps them.
export const prepare = (W) => execFileSync('mount', ['-t', 'tmpfs', 'stacked', W]);
export function load(W, port) {
  fs.writeFileSync(`${POLICY}.conf`, policy(port));
  execFileSync('checkpolicy', ['-U', 'allow', '-o', POLICY, `${POLICY}.conf`], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('mount', ['-t', 'selinuxfs', 'selinuxfs', FS]);
  fs.writeFileSync(`${FS}/load`, fs.readFileSync(POLICY));
  execFileSync('chcon', ['u:object_r:agent_exec_t', `${W}/mac/sh`]);
  execFileSync('chcon', ['u:object_r:shut_t', ...['data/ec', 'data/none', 'run/ec/echo'].map((f) => `${W}/${f}`)]);
  fs.writeFileSync(`${FS}/enforce`, '1');
}
export const unload = () => fs.writeFileSync(`${FS}/enforce`, '0');
