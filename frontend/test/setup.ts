import '@testing-library/jest-dom';

// What the console is told in a test is a fault: of React (missing act, keys, unknown properties) or of ours.
for (const kind of ['error', 'warn'] as const) {
  let told: unknown[][];
  beforeEach(() => {
    told = [];
    jest.spyOn(console, kind).mockImplementation((...args: unknown[]) => {
      told.push(args);
    });
  });
  afterEach(() => {
    expect(told).toEqual([]);
  });
}
