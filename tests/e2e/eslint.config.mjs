// The rules of the front end, for the host page and the browser tests.
import frontend from '../../frontend/eslint.config.mjs';

export default [
  { ignores: ['sets/**'] },
  ...frontend,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['page/**'],
    rules: {
      // A host gives plugins also what Grafana calls deprecated, for older plugins use it.
      '@typescript-eslint/no-deprecated': 'off',
      // Some of Grafana's enums are declared only; others come from two of its packages.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
    },
  },
];
