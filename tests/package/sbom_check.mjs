// SPDX-License-Identifier: Apache-2.0
// sbom_check.mjs NODE_MODULES SBOM ROOT - the list of what is in the image against the
// schema of CycloneDX, and against the root file system itself.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [modules, file, root] = process.argv.slice(2);
const CDX = createRequire(path.resolve(modules, 'x.js'))('@cyclonedx/cyclonedx-library');
let passed = 0, failed = 0;
const check = (claim, name, detail) => { if (claim) passed++; else { failed++; console.log(`FAIL ${name}`, JSON.stringify(detail ?? '').slice(0, 400)); } };

const text = fs.readFileSync(file, 'utf8'), bom = JSON.parse(text);
const validator = new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot5);
const wrong = await validator.validate(text);
check(wrong === null, 'it is CycloneDX 1.5', wrong);
check(await validator.validate(text.replace('"type": "library"', '"type": "book"')) !== null, 'and another would not be');

// every file of the image belongs to a package that is listed: the libraries, by name
const names = bom.components.map((c) => c.name);
check(names.includes('enforcecore') && names.includes('libc6'), 'the program and libc are listed', names);
const owners = fs.readdirSync(`${root}/usr/share/doc`);
check(owners.every((o) => names.includes(o)), 'who has a copyright in the image is listed', owners.filter((o) => !names.includes(o)));
const refs = new Set(bom.components.map((c) => c['bom-ref']));
check(bom.dependencies.every((d) => d.dependsOn.every((r) => refs.has(r))), 'what one needs is listed');
check(bom.dependencies.find((d) => /^pkg:deb\/enforcecore@/.test(d.ref))?.dependsOn.some((r) => /libbpf/.test(r)), 'the program needs libbpf');
check(bom.components.every((c) => /^[0-9a-f]{64}$/.test(c.hashes[0].content)), 'each has a hash');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
