import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { EXAMPLES } from '../query/examples';
import { QueryHelp } from './QueryHelp';

test('every ready query is one click away', async () => {
  const taken = jest.fn();
  render(
    <QueryHelp datasource={{} as never} query={{ refId: 'A', queryType: 'application' }} onClickExample={taken} />
  );
  const user = userEvent.setup();
  for (const { title, query } of EXAMPLES.flatMap(({ examples }) => examples)) {
    await user.click(screen.getByRole('button', { name: title }));
    expect(taken).toHaveBeenLastCalledWith(query);
  }
});
