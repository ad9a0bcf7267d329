import { setTemplateSrv } from '@grafana/runtime';
import type { TemplateSrv } from '@grafana/runtime';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { ANSWERS } from '../../test/editor';
import type { VariableQuery } from '../types';
import { VariableEditor } from './VariableEditor';

beforeEach(() => {
  const variables = [
    { name: 'app', label: 'Application', type: 'query' },
    ...['datasource', 'adhoc', 'interval', 'groupby', 'system'].map((type) => ({ name: type, type })),
  ];
  setTemplateSrv({ getVariables: () => variables } as unknown as TemplateSrv);
});

async function open(query: Partial<VariableQuery> | '' | undefined, answers: Record<string, Error> = {}) {
  const saved: VariableQuery[] = [];
  const asked: string[] = [];
  const source = {
    getResource: (path: string, params: Record<string, string> = {}) => {
      asked.push([path, ...Object.values(params)].join(' '));
      const answer = answers[path] ?? ANSWERS[path];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  function Page() {
    const [edited, setEdited] = useState(query);
    const change = (next: VariableQuery) => {
      saved.push(next);
      setEdited(next);
    };
    return <VariableEditor query={edited} datasource={source} onChange={change} />;
  }
  render(<Page />);
  await act(async () => {
    await Promise.resolve();
  });
  return { user: userEvent.setup(), saved, asked };
}

test.each([{ refId: 'A' }, { refId: 'A', resource: 'operators', application: 'orders' } as const])(
  'opening changes nothing that is saved: %j',
  async (query) => {
    const { saved } = await open(query);
    expect(saved).toEqual([]);
  }
);

const NEW = { refId: 'variable', resource: 'applications' };

test.each([undefined, '' as const])('a new variable (%j) is saved with the list that is shown, once', async (query) => {
  const { user, saved } = await open(query);
  expect(screen.getByText('Applications')).toBeInTheDocument();
  expect(saved).toEqual([NEW]);
  await user.click(screen.getByLabelText('Status'));
  await user.click(await screen.findByRole('option', { name: 'running' }));
  expect(saved).toEqual([NEW, { ...NEW, status: 'running' }]);
});

test('the tasks of operators are those of the application', async () => {
  const { user, saved, asked } = await open({ refId: 'A', resource: 'operators', application: 'orders' });
  await user.click(screen.getByLabelText('Task'));
  expect(asked).toContain('tasks orders');
  await user.click(await screen.findByRole('option', { name: 'Window' }));
  expect(saved).toEqual([{ refId: 'A', resource: 'operators', application: 'orders', task: 'Window' }]);
});

// As the backend does for the query of an application that names none.
test('without an application the tasks are those of the default one, else of all that run', async () => {
  const { user, asked } = await open({ refId: 'A', resource: 'operators' });
  expect(screen.getByLabelText('Application')).toHaveAccessibleDescription(/all running/);
  await user.click(screen.getByLabelText('Task'));
  expect(asked).toContain('tasks');
  expect(await screen.findByRole('option', { name: 'Window' })).toBeInTheDocument();
});

test('a variable of the dashboard is offered, if its value is a text', async () => {
  const { user, saved } = await open({ refId: 'A', resource: 'tasks' });
  await user.click(screen.getByLabelText('Application'));
  await screen.findByRole('option', { name: /\$app/ });
  const offered = screen.getAllByRole('option').map(({ textContent }) => textContent);
  expect(offered.filter((text) => text.includes('$'))).toHaveLength(1);
  await user.click(await screen.findByRole('option', { name: /\$app/ }));
  expect(saved.at(-1)).toEqual({ refId: 'A', resource: 'tasks', application: '$app' });
});

test('a name can be typed that no list has', async () => {
  const { user, saved } = await open({ refId: 'A', resource: 'tasks' });
  await user.type(screen.getByLabelText('Application'), 'payments');
  await user.click(await screen.findByRole('option', { name: /payments/ }));
  expect(saved).toEqual([{ refId: 'A', resource: 'tasks', application: 'payments' }]);
});

test('another list drops what does not narrow it down', async () => {
  const { user, saved } = await open({ refId: 'A', resource: 'tasks', application: 'orders' });
  await user.click(screen.getByLabelText('List'));
  await user.click(await screen.findByRole('option', { name: /^Regions/ }));
  expect(saved).toEqual([{ refId: 'A', resource: 'regions' }]);
  expect(screen.queryByLabelText('Application')).toBeNull();
});

test('a pattern and a tag count when they are complete', async () => {
  const { user, saved } = await open({ refId: 'A', resource: 'applications' });
  await user.type(screen.getByLabelText('Tag'), 'team:pay{Enter}');
  await user.type(screen.getByLabelText('Match'), '/^pay/');
  await user.tab();
  expect(saved).toEqual([
    { refId: 'A', resource: 'applications', tag: 'team:pay' },
    { refId: 'A', resource: 'applications', tag: 'team:pay', match: '/^pay/' },
  ]);
});

// Grafana keeps the earlier values and says nothing.
test.each<Partial<VariableQuery>>([
  { refId: 'A', resource: 'applications', match: '((' },
  { refId: 'A', resource: 'signals' },
  { refId: 'A', resource: 'operators', application: 'orders' },
])('why a list cannot be had is said: %j', async (query) => {
  const { asked } = await open(query, { [query.resource ?? '']: new Error('It cannot be listed.') });
  expect(screen.getByText('It cannot be listed.')).toBeInTheDocument();
  expect(asked).toEqual([[query.resource, query.application ?? query.match].filter(Boolean).join(' ')]);
});

test('of a list that can be had nothing is said', async () => {
  await open({ refId: 'A', resource: 'applications' });
  expect(screen.queryByRole('alert')).toBeNull();
});
