// SPDX-License-Identifier: Apache-2.0
// manifests.mjs - deploy/kubernetes against the Kubernetes API: every object by its schema
// (kubernetes-models: ajv made of the API's OpenAPI), every field by its type (tsc: a field
// that does not exist is an error), what the base and the overlays come to with kustomize,
// and the configurations in them by enforcecore itself. First that each would be found out.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { check, report } from '../scenario/report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore'), MODULES = path.resolve(process.env.MODULES ?? 'build/npm-kubernetes'), TOP = 'deploy/kubernetes';
const require = createRequire(`${MODULES}/x.js`);
const YAML = require('yaml');
const W = fs.mkdtempSync('/tmp/ec-kubernetes-');
const documents = (text) => YAML.parseAllDocuments(text).map((d) => { if (d.errors.length) throw d.errors[0]; return d.toJS(); }).filter(Boolean);
const place = (object) => `${object.apiVersion.includes('/') ? object.apiVersion : object.apiVersion}/${object.kind}`;

async function problem(object) {
  try {
    const url = pathToFileURL(`${MODULES}/node_modules/kubernetes-models/${place(object)}.js`);
    const Model = (await import(url))[object.kind];
    new Model(structuredClone(object)).validate();
    return undefined;
  } catch (error) { return error.message; }
}

// All in one program, which takes seconds: an object literal must not have what its type lacks.
function typeProblems(objects) {
  const text = objects.map((o, i) => `import type { I${o.kind} as T${i} } from 'kubernetes-models/${place(o)}';\nexport const o${i}: T${i} = ${JSON.stringify(o, null, 1)};\n`).join('');
  fs.writeFileSync(`${W}/all.ts`, text);
  if (!fs.existsSync(`${W}/node_modules`)) fs.symlinkSync(`${MODULES}/node_modules`, `${W}/node_modules`);
  fs.writeFileSync(`${W}/tsconfig.json`, JSON.stringify({ compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', types: [], preserveSymlinks: true }, files: ['all.ts'] }));
  fs.writeFileSync(`${W}/package.json`, '{"type":"module"}');
  const r = spawnSync(process.execPath, [`${MODULES}/node_modules/typescript/bin/tsc`, '-p', W], { encoding: 'utf8' });
  return r.stdout.split('\n').filter((line) => /error TS/.test(line));
}

function enforcecore(config) {
  const dir = fs.mkdtempSync(`${W}/config-`);
  for (const [name, text] of Object.entries(config.data)) fs.writeFileSync(`${dir}/${name}`, text);
  if (config.data['daemon.yaml']) {
    const r = spawnSync(EC, ['daemon', '--check', '-c', `${dir}/daemon.yaml`], { encoding: 'utf8' });
    check(r.status === 0, `${config.from}: daemon.yaml`, r.stderr);
    // left out, it is made in /var/lib, where nothing can be written: no agent could begin
    const { key } = documents(config.data['daemon.yaml'])[0];
    check(key === null || key?.startsWith('/etc/enforcecore-key/'), `${config.from}: none has to make a key`, key);
  }
  for (const name of Object.keys(config.data).filter((n) => n !== 'daemon.yaml')) {
    const r = spawnSync(EC, ['validate', '--strict', `${dir}/${name}`], { encoding: 'utf8' });
    check(r.status === 0, `${config.from}: ${name}`, r.stderr + r.stdout);
  }
}

// What a pod that judges a node has to have, and to do without.
function examine(set, from) {
  const pod = set.spec.template.spec, container = pod.containers[0], security = container.securityContext;
  check(security.capabilities.drop.includes('ALL') && !security.privileged && security.readOnlyRootFilesystem && security.allowPrivilegeEscalation === false, `${from}: least privilege`, security);
  check(container.livenessProbe && container.readinessProbe && container.startupProbe && container.resources.limits.memory, `${from}: probes and limits`);
  check(set.spec.updateStrategy.rollingUpdate.maxSurge === 1 && container.command.includes('--wait'), `${from}: the next one waits for this one`);
  const volumes = new Set(pod.volumes.map((v) => v.name));
  check(container.volumeMounts.every((m) => volumes.has(m.name)), `${from}: every mount has its volume`, [...volumes]);
}

const files = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(`${dir}/${e.name}`) : [`${dir}/${e.name}`]));
const patches = new Set(files(`${TOP}/overlays`));
const objects = [];
for (const file of files(TOP).filter((f) => f.endsWith('.yaml') && !f.endsWith('kustomization.yaml') && !patches.has(f)))
  for (const object of documents(fs.readFileSync(file, 'utf8'))) objects.push(Object.defineProperty(object, 'from', { value: file }));
const kubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
for (const overlay of kubectl.error ? [] : fs.readdirSync(`${TOP}/overlays`)) {
  const r = spawnSync('kubectl', ['kustomize', `${TOP}/overlays/${overlay}`], { encoding: 'utf8' });
  check(r.status === 0, `kustomize ${overlay}`, r.stderr);
  for (const object of documents(r.stdout)) objects.push(Object.defineProperty(object, 'from', { value: `overlay ${overlay}` }));
}
if (kubectl.error) console.log('SKIP the overlays: no kubectl, which has kustomize');
check(objects.length > 8, 'there are manifests', objects.length);

const wrong = structuredClone(objects.find((o) => o.kind === 'DaemonSet'));
delete wrong.spec.template.spec.containers[0].name;
check(await problem(wrong), 'an object without what is required is found out');
const unknown = structuredClone(objects.find((o) => o.kind === 'DaemonSet'));
unknown.spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem = true;
check(await problem({ ...wrong, kind: 'DeamonSet' }), 'and a kind that there is not');

for (const object of objects) { const p = await problem(object); check(!p, `${object.from}: ${object.kind} ${object.metadata.name}`, p); }
const found = typeProblems([...objects, unknown]);
check(found.length === 1 && /readOnlyRootFileSystem/.test(found[0]), 'every field exists, and one that does not is found out', found);
for (const object of objects.filter((o) => o.kind === 'ConfigMap')) enforcecore(object);
for (const object of objects.filter((o) => o.kind === 'DaemonSet')) examine(object, object.from);
const profile = spawnSync('apparmor_parser', ['-Q', '-K', `${TOP}/overlays/hardened/enforcecore-node.apparmor`], { encoding: 'utf8' });
if (profile.error) console.log('SKIP the AppArmor profile: no apparmor_parser');
else check(profile.status === 0, 'the AppArmor profile is one', profile.stderr);
fs.rmSync(W, { recursive: true, force: true });
report();
