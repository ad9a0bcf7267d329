// Any metric of an application by name and dimensions.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import { useChoices } from '../../hooks/useChoices';
import { ALL, setDimension, setMetric } from '../../query/change';
import { listOfDimension } from '../../query/lists';
import type { Choice, MetricQuery } from '../../types';
import { applicationsAsked, placeOf } from '../editor';
import type { EditorProps } from '../editor';
import { SingleSelect } from '../fields/SingleSelect';
import { variableChoices } from '../fields/select_options';

type MetricEditorProps = Omit<EditorProps<MetricQuery>, 'signals' | 'gaps'>;

export function MetricEditor({ query, onEdit, source, errors }: MetricEditorProps) {
  const application = applicationsAsked(query, source);
  // With an application its own metrics are offered too, without one the catalogue.
  const named = query.applications === undefined && source.defaultApplication === undefined ? undefined : application;
  const metrics = useChoices(source, 'metrics', { ...placeOf(query), application: named });
  const dimensions = useChoices(source, 'dimensions', { ...placeOf(query), application });
  const chosen = Object.entries(query.dimensions ?? {});
  const free = dimensions.choices.filter(({ value }) => query.dimensions?.[value] === undefined);
  return (
    <EditorRow>
      <SingleSelect
        label="Metric"
        {...metrics}
        choices={[...metrics.choices, ...variableChoices()]}
        value={query.metric}
        placeholder="choose a metric"
        // Not as wide as there is room: the menus of dimensions hold long names, and would not fit beside the edge of the page.
        width={60}
        error={errors.metric}
        hint={query.metric === undefined ? 'A metric must be chosen, such as cpuUtilization.' : undefined}
        onChange={(metric) => {
          onEdit(setMetric(query, metric));
        }}
      />
      {chosen.map(([name, value]) => (
        <Dimension key={name} {...{ name, value, query, onEdit, source }} />
      ))}
      <SingleSelect
        // A drop-down of its own for each dimension that is added: nothing of the last one stays in it.
        key={chosen.length}
        label="Add dimension"
        {...dimensions}
        choices={free.filter(({ value }) => value !== 'Application')}
        value={undefined}
        placeholder="name"
        width={22}
        error={errors.dimensions}
        onChange={(name) => {
          onEdit(name === undefined ? query : setDimension(query, name, ALL));
        }}
      />
    </EditorRow>
  );
}

const EVERY_VALUE: Choice = {
  value: ALL,
  label: 'All',
  description: 'or a pattern such as /^Source/',
  group: 'Several',
};

/** A dimension that is cleared goes away. */
interface DimensionProps extends Pick<MetricEditorProps, 'query' | 'onEdit' | 'source'> {
  name: string;
  value: string;
}

function Dimension({ name, value, query, onEdit, source }: DimensionProps) {
  const path = listOfDimension(name);
  const asked = { ...placeOf(query), application: applicationsAsked(query, source) };
  const values = useChoices(source, path ?? 'tasks', path === undefined ? null : asked);
  return (
    <SingleSelect
      label={name}
      {...values}
      choices={[EVERY_VALUE, ...variableChoices(), ...values.choices]}
      value={value}
      width={28}
      onChange={(value) => {
        onEdit(setDimension(query, name, value));
      }}
    />
  );
}
