import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { EXAMPLES } from '../query/examples';
import type { FlinkQuery } from '../types';
import { QueryHelp } from './QueryHelp';

const OPEN: FlinkQuery = { refId: 'A', queryType: 'application' };

test.each([
  ['all that run', {}, OPEN, { applications: ['*'] }],
  ['the default application', { defaultApplication: 'orders' }, OPEN, {}],
  ['those of the query', {}, { ...OPEN, applications: ['$app'] }, { applications: ['$app'] }],
])('every ready query is one click away, about %s', async (_, source, open, applications) => {
  const taken = jest.fn();
  render(<QueryHelp datasource={source} query={open} onClickExample={taken} />);
  const user = userEvent.setup();
  for (const { title, query } of EXAMPLES.flatMap(({ examples }) => examples)) {
    await user.click(screen.getByRole('button', { name: title }));
    expect(taken).toHaveBeenLastCalledWith({ ...applications, ...query });
  }
});
