// Which file may use which: only what stands before it in this list.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = __dirname;
const STAGES = [
  /^(types|jsx_runtime|public_path|amd_module\.d)$/,
  /^query\/(read|fields|query_error)$/,
  // A row of a kind knows nothing of who reads it.
  /^query\/kinds\/(?!registry)/,
  /^query\/kinds\/registry$/,
  /^(query\/(?!kinds\/).*|settings|health)$/,
  /^(resources|variable_values|split_request|ask_again)$/,
  /^choose_application$/,
  /^hooks\//,
  /^components\//,
  /^(annotations|variables|datasource)$/,
  /^module$/,
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  .map((file) => ({ name: file.replace(/\.tsx?$/, ''), text: readFileSync(path.join(SRC, file), 'utf8') }));

function stageOf(name: string): number {
  return STAGES.findIndex((stage) => stage.test(name));
}

test.each(files)('$name has its place and uses nothing above it', ({ name, text }) => {
  expect(stageOf(name)).toBeGreaterThanOrEqual(0);
  const imported = [...text.matchAll(/(?:from|import\() ?'(\.[^']*)'/g)].map(([, found = '']) =>
    path.join(path.dirname(name), found)
  );
  expect(imported.filter((found) => stageOf(found) > stageOf(name))).toEqual([]);
});
