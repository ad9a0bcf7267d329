import hooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 5 }],
      'max-depth': ['error', { max: 3 }],
      'no-console': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // The SDK recommends the newest schema, which Grafana 11 and 12 cannot import.
    files: ['dashboards/render.ts'],
    rules: {
      '@typescript-eslint/no-deprecated': [
        'error',
        {
          allow: [
            { from: 'package', name: ['Dashboard', 'DashboardBuilder'], package: '@grafana/grafana-foundation-sdk' },
          ],
        },
      ],
    },
  },
  {
    // Grafana recommends Combobox, which in the older versions that this plugin runs in keeps spinning and loses letters: see useMenu.ts.
    files: ['src/components/fields/*.tsx'],
    rules: {
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', name: ['Select', 'MultiSelect'], package: '@grafana/ui' }] },
      ],
    },
  },
  { files: ['test/**', '**/*.test.ts', '**/*.test.tsx'], rules: { 'max-lines-per-function': 'off' } }
);
