// An editor as Grafana shows it: with a data source whose drop-downs answer from a table, keeping what it saves.
import React, { useState } from 'react';
import { CoreApp } from '@grafana/data';
import type { PanelData } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import type { TemplateSrv } from '@grafana/runtime';
import { act, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryEditor } from '../src/components/QueryEditor';
import type { EditorSource } from '../src/components/editor';
import { interpolate } from '../src/query/interpolate';
import type { Choice, FlinkQuery } from '../src/types';

const SIGNALS: Choice[] = [
  {
    value: 'sourceRate',
    label: 'Source rate',
    description: 'Records per second that leave all source tasks.',
    group: 'Throughput',
    signal: {
      unit: 'per second',
      formula: 'Sum / 4 of numRecordsOutPerSecond',
      good: 'up',
      levels: ['application'],
      aliases: [],
    },
  },
  {
    value: 'sinkRate',
    label: 'Sink rate',
    description: 'Records per second that reach all sinks.',
    group: 'Throughput',
    signal: {
      unit: 'per second',
      formula: 'Sum / 4 of numRecordsInPerSecond',
      good: 'up',
      levels: ['application'],
      aliases: [],
    },
  },
  {
    value: 'busy',
    label: 'Busy',
    description: 'Share of time in which the busiest subtask works.',
    group: 'Back pressure',
    signal: {
      unit: 'ratio',
      formula: 'busyTime / 1000',
      good: 'down',
      levels: ['application', 'task', 'subtask'],
      aliases: [],
    },
  },
  {
    value: 'recordsInRate',
    label: 'Records in rate',
    group: 'Throughput',
    signal: {
      unit: 'per second',
      formula: 'Sum / 4 of numRecordsInPerSecond',
      good: 'up',
      levels: ['application', 'task', 'operator', 'subtask'],
      aliases: [],
    },
  },
];

const APPLICATIONS: Choice[] = [
  {
    value: 'orders',
    label: 'orders',
    description: 'running · Flink 1.20 · operator metrics',
    group: 'Running',
    application: { status: 'RUNNING', metricsLevel: 'OPERATOR', levels: ['application', 'task', 'operator'] },
  },
  {
    value: 'billing',
    label: 'billing',
    description: 'stopped · Flink 1.20',
    group: 'Stopped',
    application: { status: 'READY', levels: ['application'] },
  },
];

/** The answers of the backend by path. */
export const ANSWERS: Record<string, unknown> = {
  regions: [
    { value: 'default', label: 'default', description: 'eu-west-1' },
    { value: 'us-east-1', label: 'us-east-1', description: 'US East (N. Virginia)' },
  ],
  accounts: [],
  applications: APPLICATIONS,
  application: { name: 'orders', status: 'RUNNING', levels: ['application', 'task', 'operator'], notices: [] },
  signals: SIGNALS,
  tasks: [
    { value: 'Source:_orders', label: 'Source: orders' },
    { value: 'Window', label: 'Window' },
  ],
  operators: [{ value: 'Split_lines', label: 'Split lines', group: 'Window' }],
  metrics: [{ value: 'cpuUtilization', label: 'cpuUtilization', group: 'Resources' }],
  dimensions: [
    { value: 'Application', label: 'Application' },
    { value: 'Task', label: 'Task' },
  ],
};

interface Shown {
  answers?: Record<string, unknown>;
  data?: Partial<PanelData>;
  /** By their text in the query; a variable of an empty text has no value. */
  variables?: Record<string, string>;
  app?: CoreApp;
}

/** Shows the editor of a query and tells what it saves, runs and asks. */
export async function showEditor(
  query: FlinkQuery,
  { answers = {}, data, variables = {}, app = CoreApp.PanelEditor }: Shown = {}
) {
  const saved: FlinkQuery[] = [];
  const run = jest.fn();
  const asked: { path: string; params: unknown }[] = [];
  setVariables(variables);
  const source = {
    getResource: (path: string, params: unknown) => {
      asked.push({ path, params });
      const answer = path in answers ? answers[path] : ANSWERS[path];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    postResource: (path: string, body: unknown) => {
      asked.push({ path, params: body });
      const answer = answers[path];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    resolve: (text: string) => variables[text] ?? text,
    applyTemplateVariables: (asked: FlinkQuery) =>
      interpolate(asked, (text) => {
        const value = variables[text];
        return [
          value === undefined ? text : { name: text.slice(1), values: value === '' ? [] : [value], isAll: false },
        ];
      }),
    uid: 'flink',
    type: 'flinkwatch-msf-datasource',
  } as unknown as EditorSource;

  function Panel({ data }: Pick<Shown, 'data'>) {
    const [shown, setShown] = useState(query);
    const onChange = (next: FlinkQuery) => {
      saved.push(next);
      setShown(next);
    };
    return (
      <QueryEditor
        app={app}
        query={shown}
        datasource={source}
        data={data as PanelData | undefined}
        onChange={onChange}
        onRunQuery={run}
      />
    );
  }
  const { rerender } = render(<Panel data={data} />);
  // The answers of the drop-downs.
  await act(() => Promise.resolve());
  const show = (changed: Pick<Shown, 'data'>) => {
    rerender(<Panel {...changed} />);
  };
  return { user: userEvent.setup(), saved, run, asked, show };
}

function setVariables(variables: Record<string, string>) {
  setTemplateSrv({
    getVariables: () => Object.keys(variables).map((name) => ({ name: name.slice(1), type: 'custom' })),
    replace: (text = '') => text,
  } as unknown as TemplateSrv);
}
