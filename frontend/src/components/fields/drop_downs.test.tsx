import { act, screen } from '@testing-library/react';
import { showEditor } from '../../../test/editor';
import type { FlinkQuery } from '../../types';

const APPLICATION: FlinkQuery = { refId: 'A', queryType: 'application' };

const SIGNALS = ['numRestarts', 'fullRestarts'].map((alias, index) => ({
  value: `signal${index}`,
  label: `Signal ${index}`,
  group: 'Health',
  signal: { levels: ['application'], aliases: [alias], formula: '' },
}));
const APPLICATIONS = ['orders', 'payments', 'payments-eu', 'billing'].map((value) => ({ value, label: value }));

function field(name: string) {
  return screen.getByRole('combobox', { name });
}

function optionTexts() {
  return screen.queryAllByRole('option').map((option) => option.textContent);
}

test('an editor that is opened asks for nothing that costs a call of AWS', async () => {
  const { asked } = await showEditor({ ...APPLICATION, applications: ['*'] });
  expect(asked.map(({ path }) => path)).toEqual(['signals']);
});

test('with nothing chosen an editor asks in addition what runs, as its panel does', async () => {
  const { asked } = await showEditor(APPLICATION);
  expect(asked.map(({ path }) => path).sort()).toEqual(['applications', 'signals']);
});

test('a typed text is offered last, and Enter takes what was found', async () => {
  const { user, saved } = await showEditor(APPLICATION, { answers: { applications: APPLICATIONS } });
  await user.click(field('Applications'));
  await user.keyboard('pay');
  expect(optionTexts()).toEqual(['payments', 'payments-eu', 'Use "pay"']);
  await user.keyboard('{Enter}');
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, applications: ['payments'] }]);
});

test.each(['{Enter}', '{ArrowDown}{Enter}', '{Tab}'])('the only entry that is found is taken by %s', async (keys) => {
  const applications = APPLICATIONS.slice(0, 2);
  const { user, saved } = await showEditor(APPLICATION, { answers: { applications } });
  await user.click(field('Applications'));
  await user.keyboard(`paym${keys}`);
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, applications: ['payments'] }]);
});

test('what no list has can be reached by keys, and a text that is nowhere is taken', async () => {
  const { user, saved } = await showEditor(APPLICATION, { answers: { applications: APPLICATIONS } });
  await user.click(field('Applications'));
  await user.keyboard('bill{ArrowDown}{ArrowDown}{Enter}invoices{Enter}');
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, applications: ['bill', 'invoices'] }]);
});

test('a signal is found by the name that AWS gives its metric', async () => {
  const { user, saved } = await showEditor(APPLICATION, { answers: { signals: SIGNALS } });
  await user.click(field('Signals'));
  await user.keyboard('fullRestarts{Enter}');
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, signals: ['signal1'] }]);
});

test('several picks in an open menu are one edit and one run, and leaving them as they were is none', async () => {
  const { user, saved, run } = await showEditor(APPLICATION, { answers: { applications: APPLICATIONS } });
  await user.click(field('Applications'));
  for (const name of ['orders', 'billing']) {
    await user.click(await screen.findByRole('option', { name }));
  }
  expect(saved).toEqual([]);
  await user.keyboard('{Escape}');
  expect(saved).toEqual([{ ...APPLICATION, applications: ['orders', 'billing'] }]);
  expect(run).toHaveBeenCalledTimes(1);
  await user.click(field('Applications'));
  await user.click(await screen.findByRole('option', { name: 'payments' }));
  await user.click(await screen.findByRole('option', { name: 'payments' }));
  await user.tab();
  expect(run).toHaveBeenCalledTimes(1);
});

test('all and single names exclude each other also in an open menu', async () => {
  const { user, saved } = await showEditor(APPLICATION, { answers: { applications: APPLICATIONS } });
  await user.click(field('Applications'));
  await user.click(await screen.findByRole('option', { name: /All running/ }));
  await user.click(await screen.findByRole('option', { name: 'orders' }));
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, applications: ['orders'] }]);
});

test('Shift+Enter runs, and completes what is being picked or typed', async () => {
  const { user, saved, run } = await showEditor(APPLICATION, { answers: { applications: APPLICATIONS } });
  await user.click(field('Applications'));
  await user.keyboard('{Shift>}{Enter}{/Shift}');
  expect([saved.length, run.mock.calls.length]).toEqual([0, 1]);
  await user.keyboard('bill{Shift>}{Enter}{/Shift}');
  expect([saved, run.mock.calls.length]).toEqual([[{ ...APPLICATION, applications: ['billing'] }], 2]);
  await user.click(screen.getByRole('button', { name: /Options/ }));
  await user.type(screen.getByRole('combobox', { name: 'Legend' }), 'all{Shift>}{Enter}{/Shift}');
  expect(saved.at(-1)).toEqual({ ...APPLICATION, applications: ['billing'], legend: 'all' });
  expect(run).toHaveBeenCalledTimes(3);
});

test('500 entries show the first 200, and say that there are more', async () => {
  const applications = Array.from({ length: 500 }, (_, index) => ({ value: `app-${index}`, label: `app-${index}` }));
  const { user } = await showEditor(APPLICATION, { answers: { applications } });
  await user.click(field('Applications'));
  expect(optionTexts().at(-1)).toMatch(/and \d+ more: type to find them/);
  await user.keyboard('app-499');
  expect(optionTexts()[0]).toBe('app-499');
});

test('a list that is on its way is no empty list', async () => {
  const pending = new Promise(() => undefined);
  const { user } = await showEditor(APPLICATION, { answers: { applications: pending } });
  await user.click(field('Applications'));
  expect(screen.queryByText(/There is no Flink application/)).not.toBeInTheDocument();
  // The typed text might be a name of the list: it waits.
  await user.keyboard('paym');
  expect(optionTexts().filter((text) => text.startsWith('Use'))).toEqual([]);
});

test('error and hint are tied to the input, also after its value has changed', async () => {
  const errors = [{ refId: 'A', message: 'Field "metric": found 7; allowed: a name.' }];
  const query: FlinkQuery = { refId: 'A', queryType: 'metric', applications: ['orders'] };
  const { user } = await showEditor(query, { data: { errors } });
  expect(field('Metric')).toHaveAccessibleDescription(/found 7.*A metric must be chosen/);
  expect(field('Metric')).toBeInvalid();
  await user.click(field('Metric'));
  await user.click(await screen.findByRole('option', { name: 'cpuUtilization' }));
  await act(() => Promise.resolve());
  expect(field('Metric')).toHaveAccessibleDescription(/found 7/);
});
