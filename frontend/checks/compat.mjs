// Does the plugin run in every Grafana that it is made for? What a Grafana lacks fails only when a user reaches it, so three
// checks look ahead, each at something that the others cannot see:
//
// - levitate: exports, and members of them, that our source uses and a release lacks;
// - types: our source against a release's own types, down to properties and arguments;
// - bundle: what is taken of Grafana in the end, also by the libraries in the bundle.
import { createRequire } from 'node:module';
import path from 'node:path';
import { grafanaPackage, RELEASES, SHARED } from './grafana_packages.mjs';
import { findRemovedExports } from './levitate.mjs';
import { readSharedImports } from './shared_imports.mjs';
import { findMissingExports, findTypeErrors } from './types.mjs';

const root = path.join(import.meta.dirname, '..');

function report(release, check, problems) {
  process.stdout.write(`Grafana ${release}, ${check}: ${problems.length === 0 ? 'fits' : 'does not fit'}\n`);
  for (const problem of problems) {
    process.stdout.write(`  ${problem}\n`);
  }
  return problems.length;
}

let found = 0;
// Levitate compares with the release that the source is written against.
for (const name of SHARED) {
  grafanaPackage(name, createRequire(import.meta.url)(`${name}/package.json`).version);
}
const imports = await readSharedImports();
for (const release of RELEASES) {
  const folders = Object.fromEntries(SHARED.map((name) => [name, grafanaPackage(name, release)]));
  found += report(release, 'bundle', findMissingExports(imports, folders));
  found += report(release, 'types', findTypeErrors(root, folders));
  found += report(release, 'levitate', await findRemovedExports(path.join(root, 'src/module.ts'), release));
}
if (found > 0) {
  process.exitCode = 1;
}
