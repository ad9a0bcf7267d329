// What is shipped to browsers: its size, its form, and that it asks nobody but Grafana.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const DIST = path.join(import.meta.dirname, '../../dist');
const MOST_BYTES = 250_000;
/** Names of formats, links for users, and examples in empty fields; nothing is fetched from any. */
const KNOWN_ADDRESSES = [
  /^http:\/\/www\.w3\.org\//,
  /^https:\/\/(docs\.aws\.amazon\.com|grafana\.com\/docs)\//,
  /^https:\/\/(localhost:3004|\{service\}\.\{region\}\.amazonaws\.com)$/,
  /^https:\/\/((monitoring|logs|kinesisanalytics|sts)\.eu-west-1\.amazonaws\.com|gateway\.example\.com:8443)$/,
];

const scripts = readdirSync(DIST).filter((name) => name.endsWith('.js'));
const read = (name) => readFileSync(path.join(DIST, name), 'utf8');

function* findProblems() {
  const bytes = scripts.reduce((sum, name) => sum + Buffer.byteLength(read(name)), 0);
  process.stdout.write(`${scripts.length} scripts, ${bytes} bytes of at most ${MOST_BYTES}\n`);
  if (bytes > MOST_BYTES) {
    yield 'the scripts together are too large';
  }
  if (!read('module.js').startsWith('define(')) {
    yield 'module.js is not an AMD module';
  }
  for (const name of scripts) {
    yield* findProblemsOf(name);
  }
}

function* findProblemsOf(name) {
  const addresses = read(name).match(/\b(?:https?|wss?):\/\/[^\s"'`\\)<>]+/g) ?? [];
  for (const address of new Set(addresses)) {
    if (!KNOWN_ADDRESSES.some((known) => known.test(address))) {
      yield `${name} names ${address}`;
    }
  }
  if (!existsSync(path.join(DIST, `${name}.map`))) {
    yield `${name} has no source map`;
    return;
  }
  const { sourcesContent } = JSON.parse(read(`${name}.map`));
  const shipped = read(name);
  for (const [notice] of sourcesContent.join('\n').matchAll(/\/\*!.*?\*\//gs)) {
    if (!shipped.includes(notice)) {
      yield `${name} lacks the licence notice ${notice.slice(0, 60)}`;
    }
  }
}

function* findMissing() {
  const { info, includes } = JSON.parse(read('plugin.json'));
  for (const { path: name } of [...info.screenshots, ...includes]) {
    if (!existsSync(path.join(DIST, name))) {
      yield `${name} is named in plugin.json and not shipped`;
    }
  }
}

for (const problem of [...findProblems(), ...findMissing()]) {
  process.stdout.write(`  ${problem}\n`);
  process.exitCode = 1;
}
