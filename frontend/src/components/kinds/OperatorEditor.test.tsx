import { screen } from '@testing-library/react';
import { showEditor } from '../../../test/editor';
import type { OperatorQuery } from '../../types';

const OPERATOR: OperatorQuery = { refId: 'A', queryType: 'operator', applications: ['orders'] };

function field(name: string) {
  return screen.getByRole('combobox', { name });
}

test('tasks are those of the application, by the name that people read', async () => {
  const { user, saved, asked } = await showEditor(OPERATOR);
  await user.click(field('Tasks'));
  await user.click(await screen.findByRole('option', { name: 'Source: orders' }));
  await user.tab();
  expect(saved).toEqual([{ ...OPERATOR, tasks: ['Source:_orders'] }]);
  expect(asked).toContainEqual({ path: 'tasks', params: { application: 'orders' } });
});

test('operators are asked for below the level of tasks only', async () => {
  const { user, saved, asked } = await showEditor(OPERATOR);
  expect(screen.queryByRole('combobox', { name: 'Operators' })).not.toBeInTheDocument();
  expect(asked.map(({ path }) => path)).not.toContain('operators');
  await user.click(screen.getByRole('radio', { name: 'Operator' }));
  await user.click(field('Operators'));
  await user.click(await screen.findByRole('option', { name: /Split lines/ }));
  await user.tab();
  expect(saved.at(-1)).toEqual({ ...OPERATOR, level: 'operator', operators: ['Split_lines'] });
  expect(field('Signals')).toHaveAccessibleDescription(/Records in rate/);
});

test('signals that do not exist at the level are not offered', async () => {
  const { user } = await showEditor({ ...OPERATOR, level: 'operator' });
  await user.click(field('Signals'));
  expect(await screen.findByRole('option', { name: /Records in rate/ })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: /Busy/ })).not.toBeInTheDocument();
});

test('a signal that does not exist at the level says so', async () => {
  await showEditor({ ...OPERATOR, level: 'operator', signals: ['busy'] });
  expect(screen.getByText(/Busy does not exist per operator/)).toBeInTheDocument();
});

test('a limit goes by the first signal unless another one is chosen', async () => {
  const { user, saved } = await showEditor(OPERATOR);
  await user.type(screen.getByRole('textbox', { name: 'Top' }), '5{Enter}');
  expect(field('sorted by')).toHaveAccessibleDescription(/Busy/);
  await user.click(field('sorted by'));
  await user.click(await screen.findByRole('option', { name: /Records in rate/ }));
  expect(saved).toEqual([
    { ...OPERATOR, top: { count: 5 } },
    { ...OPERATOR, top: { count: 5, by: 'recordsInRate' } },
  ]);
});

test('a level that the application does not publish says how to mend it', async () => {
  const notice = 'Application "orders" publishes metrics at level OPERATOR; subtasks need PARALLELISM.';
  const answers = { application: { name: 'orders', levels: ['application', 'task', 'operator'], notices: [notice] } };
  await showEditor({ ...OPERATOR, level: 'subtask' }, { answers });
  expect(screen.getByText(notice)).toBeInTheDocument();
});

test('variables have their values where drop-downs are asked for', async () => {
  const variables = { $application: 'orders,payments' };
  const { asked, user } = await showEditor({ ...OPERATOR, applications: ['$application'] }, { variables });
  await user.click(field('Tasks'));
  expect(asked).toContainEqual({ path: 'tasks', params: { application: 'orders,payments' } });
});

test('a list without tasks says why', async () => {
  const { user } = await showEditor({ ...OPERATOR, applications: ['*'] }, { answers: { tasks: [] } });
  expect(screen.queryByText(/There are no tasks/)).not.toBeInTheDocument();
  await user.click(field('Tasks'));
  expect(await screen.findByText(/There are no tasks/, { selector: '[aria-live] *' })).toBeInTheDocument();
});

test('an error of the limit stands beside it', async () => {
  const errors = [{ refId: 'A', message: 'Field "top.count": found 0; allowed: 1 to 500.' }];
  await showEditor({ ...OPERATOR, top: { count: 0 } }, { data: { errors } });
  expect(screen.getByRole('textbox', { name: 'Top' })).toBeInvalid();
  expect(screen.getByRole('alert')).toHaveTextContent('allowed: 1 to 500');
});

test('300 tasks are searched at once', async () => {
  const tasks = Array.from({ length: 300 }, (_, index) => ({ value: `t${index}`, label: `Task number ${index}` }));
  const { user } = await showEditor(OPERATOR, { answers: { tasks } });
  await user.click(field('Tasks'));
  await user.keyboard('number 217');
  expect(await screen.findByRole('option', { name: 'Task number 217' })).toBeInTheDocument();
});
