// The bundle that Grafana loads: an AMD module whose shared libraries are Grafana's own.
//
// JSX is compiled to React.createElement, also that of bundled libraries (through src/jsx_runtime.ts): Grafana
// runs React 18 or 19, depending on its version, and elements made by one do not render in the other.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import rspack from '@rspack/core';
import { SortedExternals } from './rspack.sorted_externals.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const { id } = (await import(path.join(root, 'plugin.json'), { with: { type: 'json' } })).default;

// What every Grafana from 11.6 on gives to plugins.
const shared = ['react', 'react-dom', 'rxjs', 'lodash', '@emotion/css', '@emotion/react'];

export default (_env, { mode = 'production' }) => ({
  mode,
  context: path.join(here, 'src'),
  entry: { module: './module.ts' },
  target: ['web', 'es2022'],
  devtool: mode === 'production' ? 'source-map' : 'eval-source-map',
  output: {
    clean: { keep: /gpx_/ },
    path: path.join(root, 'dist'),
    filename: '[name].js',
    chunkFilename: '[name].js?_cache=[contenthash]',
    library: { type: 'amd' },
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
  },
  externals: [{ 'amd-module': 'module' }, ...shared, /^@grafana\/(data|ui|runtime)$/],
  resolve: {
    extensions: ['.ts', '.tsx', '.js', '.mjs'],
    alias: { 'react/jsx-runtime': path.join(here, 'src/jsx_runtime.ts') },
  },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            target: 'es2022',
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'classic' } },
          },
        },
      },
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
    ],
  },
  optimization: {
    minimizer: [new rspack.SwcJsMinimizerRspackPlugin({ minimizerOptions: { format: { comments: 'some' } } })],
  },
  performance: {
    hints: 'error',
    maxAssetSize: 250_000,
    maxEntrypointSize: 250_000,
    assetFilter: (name) => name.endsWith('.js'),
  },
  plugins: [
    new SortedExternals(),
    new rspack.CopyRspackPlugin({
      patterns: [
        ...['plugin.json', 'img', 'CHANGELOG.md', 'LICENSE'].map((from) => ({
          from: path.join(root, from),
          to: from === 'img' ? 'img' : '.',
        })),
        // What Grafana shows on the plugin's page; the README of the sources is for those who build it.
        { from: path.join(root, 'README.grafana.md'), to: 'README.md' },
        { from: path.join(here, 'dashboards/json'), to: 'dashboards' },
      ],
    }),
  ],
});
