// Sorts what the bundle asks of Grafana. Rspack orders it by where the sources lie, and the same sources must give the same bundle.
import rspack from '@rspack/core';

const NAME = 'SortedExternals';
/** The head of an AMD module: the names that it asks for, and the parameters that take them. */
const HEAD = /^define\(\[([^\]]*)\], *\(?function\(([^)]*)\)/;

export class SortedExternals {
  apply(compiler) {
    compiler.hooks.compilation.tap(NAME, (compilation) => {
      const stage = rspack.Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
        compilation.updateAsset('module.js', sorted);
      });
    });
  }
}

function sorted(source) {
  const head = HEAD.exec(source.source().toString());
  if (!head) {
    throw new Error('module.js does not begin as an AMD module does');
  }
  const [names, parameters] = [head[1], head[2]].map((list) => list.split(',').map((word) => word.trim()));
  const pairs = names.map((name, index) => [name, parameters[index]]).sort(([a], [b]) => (a < b ? -1 : 1));
  const [newNames, newParameters] = [0, 1].map((column) => pairs.map((pair) => pair[column]).join(','));
  const text = head[0].replace(head[1], () => newNames).replace(head[2], () => newParameters);
  const changed = new rspack.sources.ReplaceSource(source);
  changed.replace(0, head[0].length - 1, text);
  return changed;
}
