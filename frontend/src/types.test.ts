import { KINDS } from './types';

test('every kind is listed', () => {
  expect(KINDS).toEqual(['application', 'operator', 'checkpoint', 'metric']);
});
