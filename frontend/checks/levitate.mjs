// `levitate is-compatible` on packages that are here already. Its command line asks the registry at each run, and takes a
// package that it could not fetch for a compatible one; the comparison is the same.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createTsProgram, getIncompatibilitiesBetweenPackages } from '@grafana/levitate';
import { CACHE, SHARED } from './grafana_packages.mjs';

const require = createRequire(import.meta.url);
// It draws a spinner per package otherwise.
process.env.LEVITATE_SILENT = 'true';

/**
 * Exports that the program of `entry` uses and that `release` lacks. Others are in another form there, which levitate compares as
 * text; whether they take what we give them is the compiler's to say.
 */
export async function findRemovedExports(entry, release) {
  const program = createTsProgram(entry);
  // Levitate takes `name@version` for a folder where there is one of that name.
  mkdirSync(CACHE, { recursive: true });
  process.chdir(CACHE);
  const found = [];
  for (const name of SHARED) {
    const current = `${name}@${require(`${name}/package.json`).version}`;
    const incompatible = await getIncompatibilitiesBetweenPackages(program, current, `${name}@${release}`, {});
    found.push(...incompatible.filter(({ removal }) => removal !== undefined).map((item) => describe(name, item)));
  }
  return found;
}

function describe(library, { name, sourceFile }) {
  const file = path.relative(path.join(import.meta.dirname, '..'), sourceFile.fileName);
  return `${file} uses ${name}, which ${library} lacks`;
}
