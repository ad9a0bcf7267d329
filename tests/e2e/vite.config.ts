// Builds the host page into static files. PACKAGE_SET, a folder of `sets`, builds it once more against the packages of
// an older Grafana; the sources are the same.
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;
const set = process.env.PACKAGE_SET;
const packages = set === undefined ? here : path.join(here, 'sets', set);
const modules = path.join(packages, 'node_modules');
const outDir = process.env.PAGE_DIR ?? path.join(here, '../../target/page');

/** Stands for a package that the chosen set lacks: a module without exports. */
const LACKING = '\0lacking';

/** The version of Grafana that the set belongs to. */
function versionOf(): string {
  const { version } = JSON.parse(readFileSync(path.join(modules, '@grafana/ui/package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Bare imports of the page mean the chosen set of packages, and nothing else. */
function choosePackages(): Plugin {
  return {
    name: 'choose-packages',
    enforce: 'pre',
    async resolveId(source, importer) {
      // Scenes is written for a later router than the other packages; they share a layer over the older one.
      if (source === 'react-router-dom' && importer?.includes('@grafana/scenes')) {
        return this.resolve('react-router-dom-v5-compat', importer, { skipSelf: true });
      }
      const isBare = !source.startsWith('.') && !path.isAbsolute(source);
      if (set !== undefined && isBare && importer?.startsWith(path.join(here, 'page'))) {
        const name = source.split('/', source.startsWith('@') ? 2 : 1).join('/');
        const isThere = existsSync(path.join(modules, name));
        return isThere ? this.resolve(source, path.join(packages, 'package.json'), { skipSelf: true }) : LACKING;
      }
      return null;
    },
    load(id) {
      return id === LACKING ? 'export {};' : null;
    },
  };
}

/** CommonJS packages whose export named `default` Grafana's ES modules mean. Node would give them all exports. */
const NAMED_DEFAULT = [
  'calculate-size',
  'react-custom-scrollbars-2',
  'react-highlight-words',
  /^(@rc-component\/|rc-)picker\/lib\//,
  /^react-use\/lib\//,
];
const BETWEEN = '\0named-default:';

function takeNamedDefault(): Plugin {
  return {
    name: 'take-named-default',
    enforce: 'pre',
    async resolveId(source, importer) {
      const isOne = NAMED_DEFAULT.some((name) => (typeof name === 'string' ? name === source : name.test(source)));
      if (!isOne || !importer?.endsWith('.mjs')) {
        return null;
      }
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found && BETWEEN + found.id;
    },
    load(id) {
      const from = id.startsWith(BETWEEN) ? JSON.stringify(id.slice(BETWEEN.length)) : undefined;
      return from === undefined ? null : `import named from ${from};\nexport default named;`;
    },
  };
}

/** Puts icons and fonts where Grafana serves them. */
function copyAssets(): Plugin {
  return {
    name: 'copy-assets',
    apply: 'build',
    async closeBundle() {
      const published = path.join(outDir, 'public');
      // Before 12 they were no part of what Grafana's build writes.
      const icons = path.join(published, versionOf().startsWith('11.') ? 'img/icons' : 'build/img/icons');
      await cp(path.join(modules, '@grafana/ui/dist/public/img/icons'), icons, { recursive: true });
      // Icons that Grafana has and its packages lack.
      await cp(path.join(here, 'page/icons'), icons, { recursive: true });
      await mkdir(path.join(published, 'fonts'), { recursive: true });
      for (const [from, to] of FONTS) {
        await cp(path.join(here, 'node_modules/@fontsource', from), path.join(published, 'fonts', to));
      }
    },
  };
}

/** Grafana's own names of the fonts that its theme asks for. */
const FONTS = [
  ['inter/files/inter-latin-400-normal.woff2', 'inter/Inter-Regular.woff2'],
  ['inter/files/inter-latin-500-normal.woff2', 'inter/Inter-Medium.woff2'],
  ['inter/files/inter-latin-400-italic.woff2', 'inter/Inter-Italic.woff2'],
  ['inter/files/inter-latin-500-italic.woff2', 'inter/Inter-MediumItalic.woff2'],
  [
    'roboto-mono/files/roboto-mono-latin-400-normal.woff2',
    'roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2',
  ],
] as const;

/** What the builder says of every package that marks parts for a server, and of every export that a set lacks. */
const EXPECTED = ['MODULE_LEVEL_DIRECTIVE', 'SHIMMED_EXPORT'];

export default defineConfig({
  root: path.join(here, 'page'),
  base: set === undefined ? '/' : `/${set}/`,
  // React's development build speaks up about wrong elements and keys, which the tests wait for.
  mode: 'development',
  define: {
    'process.env.NODE_ENV': '"development"',
    'process.env': '{}',
    GRAFANA_VERSION: JSON.stringify(versionOf()),
    global: 'globalThis',
  },
  plugins: [choosePackages(), takeNamedDefault(), copyAssets()],
  build: {
    outDir,
    emptyOutDir: set !== undefined,
    minify: false,
    target: 'es2022',
    chunkSizeWarningLimit: 50_000,
    rolldownOptions: {
      shimMissingExports: true,
      onLog: (level, log, tell) => {
        if (!EXPECTED.includes(log.code ?? '')) {
          tell(level, log);
        }
      },
    },
  },
});
