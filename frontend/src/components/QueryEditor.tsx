// The query editor: what all kinds have, and between it the editor of one kind. Edits are pure functions of the query;
// nothing is changed by being opened.
import React from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import { Alert, Stack } from '@grafana/ui';
import { useApplication, useChoices } from '../hooks/useChoices';
import { setKind } from '../query/change';
import { isKind } from '../query/fields';
import { migrate } from '../query/migrate';
import { describeErrors, describeGaps, exactNames, explainSignals, signalsOf } from '../query/describe';
import type { FlinkQuery, FlinkwatchSettings, Kind } from '../types';
import { ApplicationEditor } from './ApplicationEditor';
import { CheckpointEditor } from './CheckpointEditor';
import { placeOf } from './editor';
import type { EditorProps, EditorSource } from './editor';
import { Explanations } from './Explanations';
import { ApplicationsField } from './fields/ApplicationsField';
import { KindField } from './fields/KindField';
import { Options } from './fields/Options';
import { PlaceFields } from './fields/PlaceFields';
import { MetricEditor } from './MetricEditor';
import { OperatorEditor } from './OperatorEditor';

type Props<Source extends EditorSource> = QueryEditorProps<Source, FlinkQuery, FlinkwatchSettings>;

export function QueryEditor<Source extends EditorSource>({
  query: saved,
  datasource: source,
  data,
  onChange,
  onRunQuery,
}: Props<Source>) {
  // Older shapes are read as they are, and written as they are today with the first edit.
  const query = migrate(saved);
  const kind = query.queryType;
  const names = exactNames(query);
  const applications = useChoices(source, 'applications', placeOf(query));
  const signals = useChoices(source, 'signals', hasSignals(kind) ? { queryType: kind } : null);
  const state = useApplication(source, names.length === 1 ? { ...placeOf(query), application: names[0] } : null);
  const { fields: errors, others } = describeErrors(data?.errors, query.refId);
  const gaps = describeGaps(query, signals.choices, applications.choices, state);
  const onEdit = (next: FlinkQuery) => {
    onChange(next);
    if (isComplete(next)) {
      onRunQuery();
    }
  };
  const shared = { onEdit, source, signals, errors, gaps };
  // Not EditorRows: its column may wrap, for which browsers give every row the height that it has at its narrowest.
  return (
    <Stack direction="column" gap={0.5}>
      <EditorRow>
        <KindField
          kind={kind}
          error={errors.queryType}
          onChange={(kind) => {
            onEdit(setKind(query, kind, signals.choices));
          }}
        />
        <PlaceFields {...{ query, source, errors, onEdit }} />
        <ApplicationsField
          {...{ query, applications, onEdit }}
          defaultApplication={source.defaultApplication}
          error={errors.applications}
          hint={gaps.applications}
        />
      </EditorRow>
      <KindEditor query={query} {...shared} />
      <Options {...{ query, errors, onEdit }} />
      <Explanations explanations={explainSignals(signalsOf(query), signals.choices)} />
      {others.map((text) => (
        <Alert key={text} title={text} severity="error" />
      ))}
    </Stack>
  );
}

function KindEditor({ query, ...shared }: EditorProps<FlinkQuery>) {
  switch (query.queryType) {
    case 'application':
      return <ApplicationEditor query={query} {...shared} />;
    case 'operator':
      return <OperatorEditor query={query} {...shared} />;
    case 'checkpoint':
      return <CheckpointEditor query={query} {...shared} />;
    case 'metric':
      return <MetricEditor query={query} {...shared} />;
  }
}

/** A saved query may be of a kind that only a newer version knows. */
function hasSignals(kind: Kind): boolean {
  return isKind(kind) && kind !== 'metric';
}

/** A metric query without a metric would only be an error. */
function isComplete(query: FlinkQuery): boolean {
  return query.queryType !== 'metric' || query.metric !== undefined;
}
