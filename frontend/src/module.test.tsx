import React from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { instanceSettings, serveBackend, setVariables } from '../test/grafana';
import { FlinkwatchDataSource } from './datasource';
import { plugin } from './module';
import type { FlinkQuery, FlinkwatchSettings } from './types';

jest.mock('./public_path', () => ({}));

// Compiling the editor for the first time takes longer than a test waits.
beforeAll(() => import('./components/QueryEditor'), 120_000);

test('the editor is fetched when it is shown, reads old queries, and changes nothing by being opened', async () => {
  setVariables({});
  serveBackend(() => []);
  const Editor = plugin.components.QueryEditor as React.ComponentType<
    QueryEditorProps<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings>
  >;
  const onChange = jest.fn();
  const old = { refId: 'A', queryType: 'application', schema: 0, applications: 'orders' } as unknown as FlinkQuery;
  const datasource = new FlinkwatchDataSource(instanceSettings());
  render(<Editor datasource={datasource} query={old} onChange={onChange} onRunQuery={onChange} />);
  // Showing it takes a second on a busy machine.
  expect(await screen.findByText('orders', {}, { timeout: 30_000 })).toBeInTheDocument();
  expect(onChange).not.toHaveBeenCalled();
});

test('all editors are there', () => {
  expect(plugin.components.ConfigEditor).toBeDefined();
  expect(plugin.components.QueryEditorHelp).toBeDefined();
  expect(new FlinkwatchDataSource(instanceSettings()).variables.editor).toBeDefined();
});
