import { findOptions, optionOf } from './select_options';

test('entries stand under their heading, and the best found one comes first', () => {
  const choices = [
    { value: 'recordsLagMax', label: 'recordsLagMax', group: 'Metrics' },
    { value: 'all', label: 'All' },
    { value: 'lag', label: 'Lag', group: 'Signals' },
    { value: 'otherLag', label: 'otherLag', group: 'Metrics', description: 'of others' },
  ];
  const [lag, other] = [
    { value: 'recordsLagMax', label: 'recordsLagMax' },
    { value: 'otherLag', label: 'otherLag', description: 'of others' },
  ];
  const metrics = { label: 'Metrics', options: [lag, other] };
  const signals = { label: 'Signals', options: [{ value: 'lag', label: 'Lag' }] };
  expect(findOptions(choices, '')).toEqual([metrics, { value: 'all', label: 'All' }, signals]);
  expect(findOptions(choices, 'lag')).toEqual([signals, metrics]);
});

test.each<[unknown, string]>([
  ['orders', 'Orders'],
  ['payments', 'payments'],
  [7, '7'],
  [{ a: 1 }, '{"a":1}'],
])('a saved %j is shown as %s', (saved, label) => {
  expect(optionOf(saved, [{ value: 'orders', label: 'Orders' }]).label).toBe(label);
});
