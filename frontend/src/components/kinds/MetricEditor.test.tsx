import { screen } from '@testing-library/react';
import { showEditor } from '../../../test/editor';
import type { MetricQuery } from '../../types';

const METRIC: MetricQuery = { refId: 'A', queryType: 'metric', applications: ['orders'] };

function field(name: string) {
  return screen.getByRole('combobox', { name });
}

// It asks nothing: the data source sends no such query. But what the panel shows must be gone.
test('a query without a metric says so, and takes the place of the last one', async () => {
  const { user, saved, run } = await showEditor(METRIC);
  expect(screen.getByText(/A metric must be chosen/)).toBeInTheDocument();
  await user.click(field('Region'));
  await user.click(await screen.findByRole('option', { name: /us-east-1/ }));
  expect(saved).toEqual([{ ...METRIC, region: 'us-east-1' }]);
  expect(run).toHaveBeenCalledTimes(1);
});

test('a metric is chosen from those of the application', async () => {
  const { user, saved, run, asked } = await showEditor(METRIC);
  await user.click(field('Metric'));
  await user.click(await screen.findByRole('option', { name: 'cpuUtilization' }));
  expect(saved).toEqual([{ ...METRIC, metric: 'cpuUtilization' }]);
  expect(run).toHaveBeenCalledTimes(1);
  expect(asked).toContainEqual({ path: 'metrics', params: { application: 'orders' } });
});

test('a dimension is added with all its values, and gets another one', async () => {
  const query: MetricQuery = { ...METRIC, metric: 'busyTimeMsPerSecond' };
  const { user, saved } = await showEditor(query);
  await user.click(field('Add dimension'));
  expect(screen.queryByRole('option', { name: 'Application' })).not.toBeInTheDocument();
  await user.click(await screen.findByRole('option', { name: 'Task' }));
  await user.click(field('Task'));
  await user.click(await screen.findByRole('option', { name: 'Window' }));
  expect(saved).toEqual([
    { ...query, dimensions: { Task: '*' } },
    { ...query, dimensions: { Task: 'Window' } },
  ]);
});

test('a dimension that was added leaves nothing in the field for the next one', async () => {
  const { user } = await showEditor({ ...METRIC, metric: 'busyTimeMsPerSecond' });
  await user.click(field('Add dimension'));
  await user.keyboard('Task{Enter}');
  expect(field('Task')).toBeInTheDocument();
  expect(field('Add dimension')).toHaveValue('');
  expect(field('Add dimension')).toHaveAccessibleDescription(/name/);
});

test('with a variable the metrics of its application are offered', async () => {
  const variables = { $application: 'orders' };
  const { user, asked } = await showEditor({ ...METRIC, applications: ['$application'] }, { variables });
  await user.click(field('Metric'));
  expect(asked).toContainEqual({ path: 'metrics', params: { application: 'orders' } });
});
