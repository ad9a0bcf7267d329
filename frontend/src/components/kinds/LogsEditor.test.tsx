import { screen } from '@testing-library/react';
import { showEditor } from '../../../test/editor';
import type { LogsQuery } from '../../types';

const LOGS: LogsQuery = { refId: 'A', queryType: 'logs', applications: ['orders'] };

function field(name: string) {
  return screen.getByRole('combobox', { name });
}

test('failures are found unless something else is chosen', async () => {
  const { user, saved, asked } = await showEditor(LOGS);
  await user.click(field('Find'));
  await user.click(await screen.findByRole('option', { name: /^Access denied/ }));
  await user.click(field('Find'));
  await user.click(await screen.findByRole('option', { name: /^Failures/ }));
  expect(saved).toEqual([{ ...LOGS, find: 'accessDenied' }, LOGS]);
  expect(asked.map(({ path }) => path)).not.toContain('log-groups');
});

test('a text alone is what is looked for, and one is missing where a text is to be found', async () => {
  const { user, saved } = await showEditor(LOGS);
  await user.type(screen.getByRole('textbox', { name: 'With the text' }), 'AccessDenied{Enter}');
  expect(saved).toEqual([{ ...LOGS, text: 'AccessDenied' }]);
  await user.clear(screen.getByRole('textbox', { name: 'With the text' }));
  await user.tab();
  expect(saved.at(-1)).toEqual(LOGS);
  await user.click(field('Find'));
  await user.click(await screen.findByRole('option', { name: /^Text/ }));
  expect(screen.getByText(/A text must be given/)).toBeInTheDocument();
});

test('the level and the shape are chosen, and their defaults are not saved', async () => {
  const { user, saved } = await showEditor(LOGS);
  await user.click(field('Level'));
  await user.click(await screen.findByRole('option', { name: 'error or worse' }));
  await user.click(screen.getByRole('radio', { name: 'Causes' }));
  await user.click(screen.getByRole('radio', { name: 'Logs' }));
  await user.click(field('Level'));
  await user.click(await screen.findByRole('option', { name: 'All' }));
  const error: LogsQuery = { ...LOGS, level: 'error' };
  expect(saved).toEqual([error, { ...error, as: 'table' }, error, LOGS]);
});
