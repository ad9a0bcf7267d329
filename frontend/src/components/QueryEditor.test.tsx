import { screen } from '@testing-library/react';
import { showEditor } from '../../test/editor';

test('opening an editor changes nothing and shows what the query reads', async () => {
  const { saved, run } = await showEditor({ refId: 'A', queryType: 'application' });
  expect(saved).toEqual([]);
  expect(run).not.toHaveBeenCalled();
  expect(screen.getByLabelText('Signals')).toHaveAttribute('placeholder', 'Source rate, Sink rate');
  expect(screen.getByLabelText('Applications')).toHaveAttribute('placeholder', 'all running');
});

test('an application is chosen in two clicks', async () => {
  const { user, saved, run } = await showEditor({ refId: 'A', queryType: 'application' });
  await user.click(screen.getByLabelText('Applications'));
  await user.click(await screen.findByRole('option', { name: /orders/ }));
  expect(saved).toEqual([{ refId: 'A', queryType: 'application', applications: ['orders'] }]);
  expect(run).toHaveBeenCalledTimes(1);
});
