// The query editor: what all kinds have, and between it the editor of one kind. Edits are pure functions of the query; nothing is changed by
// being opened. Errors that belong to no field are shown by Grafana's row itself.
import React, { useRef } from 'react';
import type { FunctionComponent, KeyboardEvent } from 'react';
import { CoreApp } from '@grafana/data';
import type { DataFrame, QueryEditorProps } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import { Button, Stack } from '@grafana/ui';
import { useApplication, useChoices, useListAtOnce } from '../hooks/useChoices';
import { useImpliedApplication } from '../hooks/useImpliedApplication';
import { useStoredSwitch } from '../hooks/useStoredSwitch';
import { setKind } from '../query/change';
import { hasField, isKind, rowOf } from '../query/kinds/registry';
import { dropCloudWatch, migrate } from '../query/migrate';
import { describeErrors, describeGaps, exactNames, explainSignals, signalsOf } from '../query/describe';
import type { Explanation } from '../query/kinds/kind';
import type { Choice, FlinkQuery, FlinkwatchSettings, Kind } from '../types';
import { placeOf, withApplications } from './editor';
import type { EditorProps, EditorSource } from './editor';
import { CopyButtons } from './CopyButtons';
import { Explanations, ExplainSwitch } from './Explanations';
import { ApplicationsField } from './fields/ApplicationsField';
import { KindField } from './fields/KindField';
import { Options } from './fields/Options';
import { RegionField } from './fields/PlaceFields';
import { EDITORS } from './kinds/editors';
import { Price } from './Price';

type Props<Source extends EditorSource> = QueryEditorProps<Source, FlinkQuery, FlinkwatchSettings> & {
  /** Of an annotation, which Grafana does not tell by `app`. */
  isOfAnnotation?: boolean;
};

export function QueryEditor<Source extends EditorSource>({
  query: saved,
  datasource: source,
  data,
  range = data?.timeRange,
  app,
  isOfAnnotation = false,
  onChange,
  onRunQuery,
}: Props<Source>) {
  // Older shapes are read as they are, and written as they are today with the first edit.
  const query = migrate(saved);
  const resolved = withApplications(query, source);
  const names = exactNames(resolved);
  const applications = useChoices(source, 'applications', placeOf(query));
  const signals = useListAtOnce(source, 'signals', hasSignals(query) ? { queryType: query.queryType } : null);
  const state = useApplication(source, names.length === 1 ? { ...placeOf(query), application: names[0] } : null);
  const isOfAlert = app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
  const place = isOfAnnotation ? 'annotation' : isOfAlert ? 'alert rule' : 'panel';
  const implied = useImpliedApplication(source, query, place);
  const errors = describeErrors(data?.errors, query.refId);
  const gaps = describeGaps(resolved, signals.choices, applications.choices, state);
  const { onEdit, run, keys } = useRuns(onChange, onRunQuery);
  const [isExplained, setExplained] = useStoredSwitch('explain');
  /** The last query of each kind that was left: who comes back finds what he had. */
  const left = useRef<Partial<Record<Kind, FlinkQuery>>>({});
  const onKind = (kind: Kind) => {
    left.current = { ...left.current, [query.queryType]: query };
    onEdit(setKind(query, kind, signals.choices, left.current[kind]));
  };
  const shared = { onEdit, source, signals, errors, gaps, isOfAnnotation };
  // Not EditorRows: its column may wrap, for which browsers give every row the height that it has at its narrowest.
  return (
    <div {...keys}>
      <Stack direction="column" gap={0.5}>
        <EditorRow>
          <KindField kind={query.queryType} place={place} error={errors.queryType} onChange={onKind} />
          <RegionField {...{ query, source, errors, onEdit }} />
          <ApplicationsField
            {...{ query, source, applications, implied, onEdit }}
            error={errors.applications}
            hint={gaps.applications}
          />
        </EditorRow>
        <KindEditor query={query} {...shared} />
        <Options
          {...{ query, source, errors, onEdit }}
          series={data?.series}
          action={
            <>
              <RunButton query={query} onClick={run} />
              {rowOf(query).numbersOf && <ExplainSwitch isOn={isExplained} onChange={setExplained} />}
            </>
          }
        >
          {range && <Price {...{ query, source, implied, range, data }} />}
          <CopyButtons {...{ query, source, implied }} signals={signals.choices} />
        </Options>
        {isExplained && <Explanations explanations={explain(query, signals.choices, data?.series)} />}
      </Stack>
    </div>
  );
}

/** A saved query may be of a kind that only a newer version knows. */
function hasSignals(query: FlinkQuery): boolean {
  return isKind(query.queryType) && hasField(query, 'signals');
}

/** What the signals mean, and what was done beside them. */
function explain(query: FlinkQuery, signals: Choice[], frames: DataFrame[] = []): Explanation[] {
  return [...explainSignals(signalsOf(query), signals), ...(rowOf(query).explain?.(query, frames) ?? [])];
}

/** The fields of the query's kind. */
function KindEditor(props: EditorProps<FlinkQuery>) {
  // It is the editor of this kind, which the compiler does not see; a saved query may be of a kind that only a newer version knows.
  const Editor = EDITORS[props.query.queryType] as FunctionComponent<EditorProps<FlinkQuery>> | undefined;
  return Editor === undefined ? null : <Editor {...props} />;
}

/** For the kinds that wait for it. */
function RunButton({ query, onClick }: { query: FlinkQuery; onClick: () => void }) {
  return rowOf(query).runs === 'on demand' ? (
    <Button size="sm" icon="play" onClick={onClick}>
      Run query
    </Button>
  ) : null;
}

/** Saves at each edit and runs: then, unless the kind runs on demand, and with Shift+Enter, which first completes what is being typed or picked. */
function useRuns(onChange: (query: FlinkQuery) => void, onRunQuery: () => void) {
  const hasRun = useRef(false);
  // Also what has nothing to ask yet, for the panel must not go on showing the answer of another query.
  const run = () => {
    hasRun.current = true;
    onRunQuery();
  };
  const onEdit = (next: FlinkQuery) => {
    onChange(dropCloudWatch(next));
    if (rowOf(next).runs === 'on change') {
      run();
    }
  };
  const keys = {
    onKeyDownCapture: () => {
      hasRun.current = false;
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !event.shiftKey) {
        return;
      }
      event.preventDefault();
      if (event.target instanceof HTMLElement) {
        // What is left is complete.
        event.target.blur();
        event.target.focus();
      }
      if (!hasRun.current) {
        run();
      }
    },
  };
  return { onEdit, run, keys };
}
