// SPDX-License-Identifier: Apache-2.0
// sbom.mjs STATUS.d TIMESTAMP - what is in the image, as CycloneDX 1.5: a component for
// each Debian package, of what dpkg knows of it (its control file), on standard output.
import fs from 'node:fs';
import crypto from 'node:crypto';

const [dir, seconds] = process.argv.slice(2);
if (!seconds) throw new Error('usage: sbom.mjs STATUS.d TIMESTAMP');

// "Key: value", a line each; what is indented goes on
function control(text) {
  const fields = {};
  let key;
  for (const line of text.split('\n')) {
    if (/^\s/.test(line)) { if (key) fields[key] += `\n${line}`; continue; }
    const at = line.indexOf(':');
    if (at > 0) { key = line.slice(0, at); fields[key] = line.slice(at + 1).trim(); }
  }
  return fields;
}

const quote = (s) => encodeURIComponent(s).replace(/%3A/g, ':');
const ref = (p) => `pkg:deb/${p.Package === 'enforcecore' ? '' : 'debian/'}${quote(p.Package)}@${quote(p.Version)}?arch=${p.Architecture}`;
const packages = fs.readdirSync(dir).filter((f) => !f.endsWith('.sha256')).sort().map((f) => ({
  ...control(fs.readFileSync(`${dir}/${f}`, 'utf8')), sha256: fs.readFileSync(`${dir}/${f}.sha256`, 'utf8').trim() }));
if (!packages.length) throw new Error(`${dir}: no packages`);
const known = new Map(packages.map((p) => [p.Package, ref(p)]));
for (const p of packages) for (const name of (p.Provides ?? '').split(',')) known.set(name.trim().split(/[ (]/)[0], ref(p));
const own = packages.find((p) => p.Package === 'enforcecore');

// the first of alternatives that is there; what is not, nothing here needs
const needs = (p) => [...new Set([p.Depends, p['Pre-Depends']].filter(Boolean).join(',').split(',').map((one) =>
  one.split('|').map((name) => known.get(name.trim().split(/[ (:]/)[0])).find(Boolean)).filter((r) => r && r !== ref(p)))].sort();

const component = (p) => ({
  type: p === own ? 'application' : 'library',
  'bom-ref': ref(p),
  supplier: { name: p.Maintainer.replace(/ *<.*/, '') },
  name: p.Package,
  version: p.Version,
  description: p.Description.split('\n')[0],
  hashes: [{ alg: 'SHA-256', content: p.sha256 }],
  ...(p === own ? { licenses: [{ expression: 'Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)' }] } : {}),
  purl: ref(p),
});

const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    timestamp: new Date(Number(seconds) * 1000).toISOString(),
    tools: { components: [{ type: 'application', name: 'sbom.mjs', group: 'enforcecore' }] },
    component: { type: 'container', 'bom-ref': `image:enforcecore@${own.Version}`, name: 'enforcecore', version: own.Version },
  },
  components: packages.map(component),
  dependencies: [{ ref: `image:enforcecore@${own.Version}`, dependsOn: packages.map(ref).sort() }, ...packages.map((p) => ({ ref: ref(p), dependsOn: needs(p) }))],
};
// the same content has the same number
const digest = crypto.createHash('sha256').update(JSON.stringify(bom)).digest('hex');
bom.serialNumber = `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
console.log(JSON.stringify(bom, null, 2));
