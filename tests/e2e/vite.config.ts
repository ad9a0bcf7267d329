// Builds the host page into static files. PACKAGE_SET=react18 builds it once more against the packages of an older
// Grafana; the sources are the same.
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;
const isOld = process.env.PACKAGE_SET === 'react18';
const packages = isOld ? path.join(here, 'react18') : here;
const outDir = process.env.PAGE_DIR ?? path.join(here, '../../target/page');

/** Bare imports of the page mean the chosen set of packages. */
function choosePackages(): Plugin {
  return {
    name: 'choose-packages',
    enforce: 'pre',
    async resolveId(source, importer) {
      // Scenes is written for a later router than the other packages; they share a layer over the older one.
      if (source === 'react-router-dom' && importer?.includes('@grafana/scenes')) {
        return this.resolve('react-router-dom-v5-compat', importer, { skipSelf: true });
      }
      if (
        isOld &&
        importer?.startsWith(path.join(here, 'page')) &&
        !source.startsWith('.') &&
        !path.isAbsolute(source)
      ) {
        return this.resolve(source, path.join(packages, 'package.json'), { skipSelf: true });
      }
      return null;
    },
  };
}

/** CommonJS packages whose export named `default` Grafana's ES modules mean. Node would give them all exports. */
const NAMED_DEFAULT = ['calculate-size', 'react-custom-scrollbars-2', 'react-highlight-words'];
const BETWEEN = '\0named-default:';

function takeNamedDefault(): Plugin {
  return {
    name: 'take-named-default',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!NAMED_DEFAULT.includes(source) || !importer?.endsWith('.mjs')) {
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
      const modules = path.join(packages, 'node_modules');
      const published = path.join(outDir, 'public');
      await cp(path.join(modules, '@grafana/ui/dist/public/img/icons'), path.join(published, 'build/img/icons'), {
        recursive: true,
      });
      // Icons that Grafana has and its packages lack.
      await cp(path.join(here, 'page/icons'), path.join(published, 'build/img/icons'), { recursive: true });
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

export default defineConfig({
  root: path.join(here, 'page'),
  base: isOld ? '/react18/' : '/',
  // React's development build speaks up about wrong elements and keys, which the tests wait for.
  mode: 'development',
  define: { 'process.env.NODE_ENV': '"development"', 'process.env': '{}', global: 'globalThis' },
  plugins: [choosePackages(), takeNamedDefault(), copyAssets()],
  build: {
    outDir,
    emptyOutDir: isOld,
    minify: false,
    target: 'es2022',
    chunkSizeWarningLimit: 50_000,
    rolldownOptions: { shimMissingExports: true },
  },
});
