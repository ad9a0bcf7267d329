// Panels as this plugin answers them: the query is the ask, and the frames bring units and lines.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { CustomVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnnotationQuery, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { FlinkQuery, VariableQuery } from '../src/types';
import type { Ask, Choice, Page } from './model.ts';
import { asQuery, listed, severalOf } from './source.ts';
import type { Source, Target } from './source.ts';

const TYPE = 'flinkwatch-msf-datasource';

export const flinkwatch: Source = {
  id: 'flinkwatch',
  type: TYPE,
  application: '${__field.labels.application}',
  // The variable may say `default`, which means another region in another data source.
  region: { line: '${__field.labels.region}', row: '${__data.fields.region}' },
  suffix: '',
  variables: ({ choices, top }) => [
    choose('region', 'Region', { resource: 'regions' }),
    ...choices.map((choice) => variableOf(choice, top)),
  ],
  hasTables: true,
  annotations: (page) => [restarts(page)],
  targets: (ask, page, index): Target[] => [{ query: built({ ...queryOf(ask, page), refId: REF_IDS[index] ?? '' }) }],
};

const REF_IDS = ['A', 'B'];

/** A mark where an application restarted. */
function restarts(page: Page): AnnotationQuery {
  const ask: Ask = { signals: ['restarts'], of: 'application', as: 'series' };
  return {
    name: 'Restarts',
    datasource: { type: TYPE, uid: '${datasource}' },
    enable: page.marksRestarts,
    iconColor: 'orange',
    // Grafana's type of targets knows those of its own annotations only.
    target: { ...queryOf(ask, page), refId: 'Anno' } as unknown as NonNullable<AnnotationQuery['target']>,
  };
}

function queryOf(ask: Ask, page: Page): FlinkQuery {
  const signals = ask.signals.length > 0 ? { signals: [...ask.signals] } : {};
  const place = { refId: 'A', schema: 1, region: '$region', applications: [applicationsOf(page)] };
  const options = {
    ...(ask.period && { period: ask.period }),
    ...(ask.legend && ask.as === 'series' && { legend: ask.legend }),
  };
  if (ask.as === 'summary') {
    return { ...place, queryType: 'checkpoint', ...signals, as: ask.as };
  }
  const top = ask.top === undefined ? {} : { top: { count: '$top', by: ask.top } };
  if (ask.of === 'application') {
    return { ...place, queryType: 'application', ...signals, ...top, as: ask.as, ...options };
  }
  return {
    ...place,
    queryType: 'operator',
    level: ask.of,
    tasks: [page.choices.includes('task') ? '$task' : '*'],
    ...signals,
    ...top,
    as: ask.as,
    ...options,
  };
}

function applicationsOf({ choices }: Page): string {
  return choices.includes('applications') ? '$applications' : '$application';
}

function variableOf(choice: Choice, top: string): Builder<VariableModel> {
  const region = '$region';
  switch (choice) {
    case 'application':
      return choose(choice, 'Application', { resource: 'applications', region, status: 'running' });
    case 'applications':
      return severalOf(choose(choice, 'Applications', { resource: 'applications', region, status: 'running' }), '*');
    case 'task':
      return severalOf(choose(choice, 'Tasks', { resource: 'tasks', region, application: '$application' }), '*');
    case 'top':
      return new CustomVariableBuilder(choice).label('Top').values('5,10,20').current({ text: top, value: top });
  }
}

function choose(name: string, label: string, query: Omit<VariableQuery, 'refId'>): ReturnType<typeof listed> {
  return listed(name, label, { refId: 'variable', ...query }, TYPE);
}

function built(query: FlinkQuery): Builder<Dataquery> {
  const { refId, ...fields } = query;
  return { build: () => asQuery({ refId, ...fields, datasource: { type: TYPE, uid: '${datasource}' } }) };
}
