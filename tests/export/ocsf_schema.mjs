// SPDX-License-Identifier: Apache-2.0
// ocsf_schema.mjs - is it an event of OCSF 1.3.0? For the classes and objects that we
// write: what must be there, what may be, and the numbers that exist.

const num = (...values) => (v) => Number.isInteger(v) && (!values.length || values.includes(v));
const text = (v) => typeof v === 'string' && v !== '';
const object = (fields, required = [], atLeastOne = []) => ({ fields, required, atLeastOne });

const FILE = object({ name: text, path: text, type_id: num(0, 1, 2, 3, 4, 5, 6, 7, 99) }, ['name', 'type_id']);
const USER = object({ uid: text, name: text }, [], ['name', 'uid']);
const PARENT = object({ pid: num() }, [], ['pid']);
const PROCESS = object({ pid: num(), uid: text, tid: num(), name: text, file: FILE, user: USER, parent_process: PARENT }, [], ['pid', 'uid']);
const ACTOR = object({ process: PROCESS, user: USER, app_name: text, app_uid: text }, [], ['process', 'user', 'app_name', 'app_uid']);
const DEVICE = object({ hostname: text, type_id: num(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99) }, ['type_id'], ['hostname']);
const ENDPOINT = object({ ip: text, hostname: text, name: text, port: num() }, [], ['ip', 'hostname', 'name']);
const CONNECTION = object({ direction_id: num(0, 1, 2, 3, 99) }, ['direction_id']);
const PRODUCT = object({ name: text, vendor_name: text }, ['vendor_name'], ['name']);
const METADATA = object({ version: (v) => v === '1.3.0', product: PRODUCT, profiles: (v) => Array.isArray(v) && v.every((p) => ['host', 'security_control', 'container'].includes(p)), log_name: text, original_time: text, sequence: num(), uid: text }, ['version', 'product']);
const IMAGE = object({ uid: text, name: text, tag: text }, ['uid']);
const CONTAINER = object({ uid: text, name: text, runtime: text, image: IMAGE, pod_uuid: text, orchestrator: text }, [], ['uid', 'name']);
const BASE = {
  category_uid: num(), class_uid: num(), class_name: text, activity_id: num(), type_uid: num(), time: (v) => Number.isInteger(v) && v > 1.5e12 && v < 4e12, metadata: METADATA,
  severity_id: num(0, 1, 2, 3, 4, 5, 6, 99), status_id: num(0, 1, 2, 99), status_detail: text, action_id: num(0, 1, 2), disposition_id: num(...Array.from({ length: 28 }, (_, i) => i)),
  device: DEVICE, container: CONTAINER, count: num(), unmapped: (v) => typeof v === 'object',
};
const REQUIRED = ['category_uid', 'class_uid', 'activity_id', 'type_uid', 'time', 'metadata', 'severity_id', 'action_id', 'device'];
const EVIDENCE = object({ actor: ACTOR, process: PROCESS, file: FILE, dst_endpoint: ENDPOINT, connection_info: CONNECTION }, [], ['actor', 'process', 'file', 'dst_endpoint']);
const INFO = object({ title: text, uid: text }, ['title', 'uid']);
const MODULE = object({ load_type_id: num(0, 1, 2, 3, 4, 5, 99), file: FILE }, ['load_type_id']);
const KERNEL = object({ name: text, type_id: num(1, 2) }, ['name', 'type_id']);

const CLASSES = {
  1001: [1, num(...Array.from({ length: 15 }, (_, i) => i), 99), { actor: ACTOR, file: FILE }],
  1003: [1, num(0, 1, 2, 3, 4, 99), { actor: ACTOR, kernel: KERNEL }],
  1005: [1, num(0, 1, 2, 99), { actor: ACTOR, module: MODULE }],
  1007: [1, num(0, 1, 2, 3, 4, 5, 99), { actor: ACTOR, process: PROCESS }],
  4001: [4, num(0, 1, 2, 3, 4, 5, 6, 7, 99), { dst_endpoint: ENDPOINT, connection_info: CONNECTION, actor: ACTOR }],
  2004: [2, num(0, 1, 2, 3, 99), { finding_info: INFO, evidences: [EVIDENCE] }],
};

function check(value, kind, at) {
  if (Array.isArray(kind)) {
    if (!Array.isArray(value)) throw new Error(`${at}: no list`);
    return value.forEach((item, i) => check(item, kind[0], `${at}[${i}]`));
  }
  if (typeof kind === 'function') {
    if (!kind(value)) throw new Error(`${at}: ${JSON.stringify(value)}`);
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at}: no object`);
  for (const name of kind.required) if (!(name in value)) throw new Error(`${at}: no ${name}`);
  if (kind.atLeastOne.length && !kind.atLeastOne.some((name) => name in value)) throw new Error(`${at}: none of ${kind.atLeastOne}`);
  for (const [name, member] of Object.entries(value)) {
    if (!kind.fields[name]) throw new Error(`${at}: unknown ${name}`);
    check(member, kind.fields[name], `${at}.${name}`);
  }
  return undefined;
}

// Throws what is wrong, and where.
export function checkEvent(event) {
  const [category, activity, own] = CLASSES[event.class_uid] ?? [];
  if (!category) throw new Error(`class ${event.class_uid}`);
  check(event, object({ ...BASE, ...own, category_uid: num(category), activity_id: activity }, [...REQUIRED, ...Object.keys(own)]), 'event');
  if (event.type_uid !== event.class_uid * 100 + event.activity_id) throw new Error('event.type_uid');
}
