// Grafana's packages and some of theirs are published as ES modules only, so Jest compiles what it loads, libraries too.
const compile = (syntax) => [
  '@swc/jest',
  {
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: syntax, transform: { react: { runtime: 'classic' } } },
    module: { type: 'commonjs' },
  },
];

export default {
  testEnvironment: 'jsdom',
  // Grafana's lists take seconds in jsdom on a busy machine.
  testTimeout: 60_000,
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/dashboards'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  setupFiles: ['<rootDir>/test/browser.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/test/empty.ts', '^react-inlinesvg$': '<rootDir>/test/inline_svg.ts' },
  transform: {
    '\\.tsx?$': compile({ syntax: 'typescript', tsx: true }),
    '\\.m?js$': compile({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [],
};
