import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import type { AnnotationQuery } from '@grafana/data';
import { ANSWERS } from '../../test/editor';
import { setVariables } from '../../test/grafana';
import { annotationQuery } from '../query/annotation';
import type { FlinkQuery } from '../types';
import { AnnotationEditor } from './AnnotationEditor';

async function open(target: Partial<FlinkQuery> | undefined) {
  setVariables({});
  const saved: FlinkQuery[] = [];
  const source = { getResource: (path: string) => Promise.resolve(ANSWERS[path]), resolve: (text: string) => text };
  const base = { name: 'Restarts', enable: true, iconColor: 'red' };
  function Page() {
    const [asked, setAsked] = useState(target as FlinkQuery | undefined);
    const annotation: AnnotationQuery<FlinkQuery> = { ...base, ...(asked && { target: asked }) };
    const onChange = (next: FlinkQuery) => {
      saved.push(next);
      setAsked(next);
    };
    // Grafana lays the defaults of new queries below what is saved.
    const query = { refId: 'Anno', queryType: 'application', signals: ['sourceRate'], ...asked } as FlinkQuery;
    return <AnnotationEditor {...{ query, annotation, onChange }} datasource={source} onRunQuery={() => undefined} />;
  }
  render(<Page />);
  await act(() => Promise.resolve());
  return { user: userEvent.setup(), saved };
}

test.each<[string, Partial<FlinkQuery> | undefined, string]>([
  ['a new annotation', undefined, 'restarts'],
  ['one without a kind', { refId: 'Anno', applications: ['orders'] }, 'restarts'],
])('%s shows what is asked, and opening saves nothing', async (_, target, signal) => {
  const { saved } = await open(target);
  expect(annotationQuery(target)).toMatchObject({ signals: [signal] });
  expect(screen.getByText(signal)).toBeInTheDocument();
  expect(saved).toEqual([]);
});

test('a kind without saved signals shows none of restarts', async () => {
  await open({ refId: 'Anno', queryType: 'checkpoint' });
  expect(screen.queryByText('restarts')).toBeNull();
});

test('an edit saves what was shown with it', async () => {
  const { user, saved } = await open(undefined);
  await user.click(screen.getByLabelText('Applications'));
  await user.click(await screen.findByRole('option', { name: /^orders/ }));
  // Several choices count when the list is left.
  await user.tab();
  expect(saved.at(-1)).toMatchObject({ refId: 'Anno', queryType: 'application', signals: ['restarts'] });
  expect(saved.at(-1)?.applications).toContain('orders');
});

test.each(['application', 'operator', 'checkpoint'] as const)(
  'a table, which has no points in time, cannot be chosen: %s',
  async (queryType) => {
    await open({ refId: 'Anno', queryType });
    expect(screen.queryByText('Show as')).toBeNull();
  }
);

test('a table that was saved can be left', async () => {
  const { user, saved } = await open({ refId: 'Anno', queryType: 'application', as: 'table' });
  await user.click(screen.getByRole('radio', { name: 'Series' }));
  expect(saved.at(-1)).not.toHaveProperty('as');
  expect(screen.queryByText('Show as')).toBeNull();
});
