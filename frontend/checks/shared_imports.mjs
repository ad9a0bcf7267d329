// What the bundle takes of the libraries that Grafana shares: by name, after everything unused has been dropped.
import path from 'node:path';
import { promisify } from 'node:util';
import { rspack } from '@rspack/core';
import config from '../rspack.config.mjs';
import { CACHE, SHARED } from './grafana_packages.mjs';

const settings = config({}, { mode: 'production' });

/** Names by library; a library of which the bundle takes all, and nobody knows what, is an error. */
export async function readSharedImports() {
  const modules = await readModules();
  return Object.fromEntries(SHARED.map((library) => [library, readNames(modules, library)]));
}

function readNames(modules, library) {
  const used = modules.filter(({ name }) => name === `external "${library}"`);
  if (used.length === 0) {
    throw new Error(`the bundle takes nothing of ${library}: is it still an external?`);
  }
  return used.flatMap(({ usedExports }) => {
    if (!Array.isArray(usedExports)) {
      throw new Error(`the bundle takes ${library} as a whole, so nobody can tell which exports it needs`);
    }
    return usedExports;
  });
}

/** Builds into the cache: only the list of modules is wanted. */
async function readModules() {
  const compiler = rspack({ ...settings, output: { ...settings.output, path: path.join(CACHE, 'dist') }, plugins: [] });
  const stats = await promisify(compiler.run.bind(compiler))();
  const { errors, modules } = stats.toJson({ all: false, errors: true, modules: true, usedExports: true });
  if (errors.length > 0) {
    throw new Error(errors.map(({ message }) => message).join('\n'));
  }
  return modules;
}
