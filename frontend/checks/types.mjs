// TypeScript's view of a release of Grafana: what its packages export, and what our source says against their types.
import path from 'node:path';
import ts from 'typescript';

/** Names that the bundle takes and the release lacks. */
export function findMissingExports(imports, folders) {
  return Object.entries(imports).flatMap(([library, names]) => {
    const exported = readExports(path.join(folders[library], 'dist/esm/index.mjs'));
    return names.filter((name) => !exported.has(name)).map((name) => `${library} does not export ${name}`);
  });
}

/** Read from the compiled modules, which a browser would load: types may promise more. */
function readExports(file) {
  const program = ts.createProgram([file], {
    allowJs: true,
    noLib: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(file));
  return new Set(checker.getExportsOfModule(symbol).map(({ name }) => name));
}

/** What the compiler says when Grafana's packages are those of the release. */
export function findTypeErrors(root, folders) {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: ['src'], exclude: ['**/*.test.*'] }, ts.sys, root);
  const paths = Object.fromEntries(Object.entries(folders).map(([library, folder]) => [library, [folder]]));
  const program = ts.createProgram(parsed.fileNames, { ...parsed.options, paths });
  return ts.getPreEmitDiagnostics(program).map(describe);
}

function describe({ file, start, messageText }) {
  const text = ts.flattenDiagnosticMessageText(messageText, ' ').replaceAll(/\s+/g, ' ');
  if (file === undefined) {
    return text;
  }
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${path.relative(path.join(import.meta.dirname, '..'), file.fileName)}:${line + 1} ${text}`;
}
