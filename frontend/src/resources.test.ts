import { PATHS } from './query/lists';
import { fetchApplication, fetchChoices, KEPT_MS } from './resources';

function sourceOf(answer: (path: string, params?: Record<string, string>) => unknown) {
  return {
    getResource: jest.fn((path: string, params?: Record<string, string>) =>
      Promise.resolve().then(() => answer(path, params))
    ),
  };
}

const CHOICES = [{ value: 'orders', label: 'orders', description: 'running' }];

beforeEach(() => {
  jest.useFakeTimers();
});

test('equal requests in flight are one, and an answer is good for some seconds', async () => {
  const source = sourceOf(() => CHOICES);
  const both = Promise.all([
    fetchChoices(source, 'tasks', { region: 'eu-west-1', application: 'orders' }),
    fetchChoices(source, 'tasks', { application: 'orders', region: 'eu-west-1', task: '' }),
  ]);
  expect(await both).toEqual([CHOICES, CHOICES]);
  expect(await fetchChoices(source, 'tasks', { application: ' orders ', region: 'eu-west-1' })).toEqual(CHOICES);
  expect(source.getResource.mock.calls).toEqual([
    ['tasks', { application: 'orders', region: 'eu-west-1' }, { showErrorAlert: false }],
  ]);
  await fetchChoices(source, 'tasks', { application: 'payments' });
  jest.advanceTimersByTime(KEPT_MS);
  await fetchChoices(source, 'tasks', { application: 'orders', region: 'eu-west-1' });
  expect(source.getResource).toHaveBeenCalledTimes(3);
});

test('two data sources share nothing', async () => {
  const [one, other] = [sourceOf(() => CHOICES), sourceOf(() => [])];
  expect(await fetchChoices(one, 'regions', {})).toEqual(CHOICES);
  expect(await fetchChoices(other, 'regions', {})).toEqual([]);
});

test.each([
  [
    { status: 403, statusText: 'Forbidden', data: { message: 'Add cloudwatch:ListMetrics to the policy.' } },
    'Add cloudwatch:ListMetrics to the policy.',
  ],
  [{ status: 502, statusText: 'Bad Gateway', data: '' }, 'Bad Gateway'],
  [new Error('offline'), 'offline'],
  ['?', 'The request failed for a reason unknown.'],
])('a failure has a sentence, and is not kept', async (failure, message) => {
  let fails = true;
  const source = sourceOf(() => {
    if (fails) {
      throw failure as Error;
    }
    return CHOICES;
  });
  await expect(fetchChoices(source, 'regions', {})).rejects.toThrow(message);
  fails = false;
  expect(await fetchChoices(source, 'regions', {})).toEqual(CHOICES);
});

test('variables are replaced before anything is kept', async () => {
  let value = 'orders';
  const source = {
    ...sourceOf((_, params) => [{ value: params?.application, label: 'x' }]),
    resolve: (text: string) => text.replace('$app', value),
  };
  expect(await fetchChoices(source, 'tasks', { application: '$app' })).toMatchObject([{ value: 'orders' }]);
  value = 'payments';
  expect(await fetchChoices(source, 'tasks', { application: '$app' })).toMatchObject([{ value: 'payments' }]);
});

test('what is no choice is left out', async () => {
  const list = (answer: unknown) =>
    fetchChoices(
      sourceOf(() => answer),
      'regions',
      {}
    );
  expect(await list([...CHOICES, null, { value: 1 }])).toEqual(CHOICES);
  expect(await list({})).toEqual([]);
});

test('every drop-down has its path', async () => {
  const source = sourceOf((path) => [{ value: path, label: path }]);
  const lists = await Promise.all(PATHS.map((path) => fetchChoices(source, path, {})));
  expect(lists.flat().map(({ value }) => value)).toEqual(PATHS);
});

test('one application', async () => {
  const state = { name: 'orders', status: 'RUNNING', levels: ['application'], notices: ['Set the level to TASK.'] };
  const source = sourceOf(() => state);
  expect(await fetchApplication(source, { region: 'eu-west-1' }, 'orders')).toEqual(state);
  expect(source.getResource.mock.calls[0]?.slice(0, 2)).toEqual([
    'application',
    { application: 'orders', region: 'eu-west-1' },
  ]);
  await expect(
    fetchApplication(
      sourceOf(() => []),
      {},
      'orders'
    )
  ).rejects.toThrow('"orders"');
});
