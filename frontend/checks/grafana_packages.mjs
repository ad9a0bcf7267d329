// The packages that Grafana shares with plugins, in the releases that the plugin must run in. They are fetched as bare
// archives, because installing them would bring several hundred MB of libraries that no check needs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The oldest release that plugin.json admits, and the newest of the next two lines. */
export const RELEASES = ['11.6.0', '12.4.10', '13.2.2'];
export const SHARED = ['@grafana/data', '@grafana/ui', '@grafana/runtime'];

/** Below node_modules, so that the packages' types find those of the libraries that they import. */
export const CACHE = path.join(import.meta.dirname, '../node_modules/.cache/grafana');

/** The folder of one package in one release; fetched once. */
export function grafanaPackage(name, release) {
  const folder = path.join(CACHE, `${name}@${release}`);
  if (!existsSync(folder)) {
    fetchPackage(`${name}@${release}`, folder);
  }
  return folder;
}

function fetchPackage(nameAndRelease, folder) {
  const unpacked = `${folder}.part`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  try {
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', nameAndRelease, '--json', '--pack-destination', unpacked], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    );
    execFileSync('tar', ['--extract', '--strip-components=1', '--file', path.join(unpacked, filename), '-C', unpacked]);
    rmSync(path.join(unpacked, filename));
  } catch (error) {
    throw new Error(`cannot fetch ${nameAndRelease}: is the npm registry reachable?`, { cause: error });
  }
  renameSync(unpacked, folder);
}
