// Dashboard variables: the choices of a drop-down as the values of a variable.
import type { ComponentType } from 'react';
import { CustomVariableSupport } from '@grafana/data';
import type {
  DataQueryRequest,
  DataQueryResponse,
  DataSourceApi,
  MetricFindValue,
  QueryEditorProps,
  ScopedVars,
} from '@grafana/data';
import { from, map } from 'rxjs';
import type { Observable } from 'rxjs';
import { listsNothing } from './query/interpolate';
import { DEFAULT_VARIABLE, argumentsOf } from './query/variable';
import { fetchChoices } from './resources';
import type { ResourceSource } from './resources';
import type { FlinkQuery, FlinkwatchSettings, VariableQuery } from './types';
import { parseVariables } from './variable_values';

/** As much of the data source as variables need. */
export type VariableSource = DataSourceApi<FlinkQuery, FlinkwatchSettings> &
  ResourceSource & { resolve: (text: string, scopedVars?: ScopedVars) => string };

export type VariableEditorProps = QueryEditorProps<VariableSource, FlinkQuery, FlinkwatchSettings, VariableQuery>;

export class FlinkVariables extends CustomVariableSupport<
  VariableSource,
  VariableQuery,
  FlinkQuery,
  FlinkwatchSettings
> {
  constructor(
    private readonly source: VariableSource,
    readonly editor: ComponentType<VariableEditorProps>
  ) {
    super();
  }

  query({ targets, scopedVars }: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    const lists = Promise.all(targets.map((target) => fetchValues(this.source, target, scopedVars)));
    return from(lists).pipe(map((values) => ({ data: values.flat() })));
  }
}

/** The values of one variable. What is not there yet, because a variable is new, takes its default. */
async function fetchValues(
  source: VariableSource,
  query: VariableQuery,
  scopedVars: ScopedVars
): Promise<MetricFindValue[]> {
  const { resource } = { ...DEFAULT_VARIABLE, ...query };
  const texts = Object.entries(argumentsOf(query));
  // Without an argument the list would be that of everything.
  if (texts.some(([, text]) => listsNothing(parseVariables(text, scopedVars)))) {
    return [];
  }
  const args = texts.map(([name, text]) => [name, source.resolve(text, scopedVars)] as const);
  const choices = await fetchChoices(source, resource, Object.fromEntries(args));
  return choices.map(({ value, label, group }) => ({ text: label, value, ...(group !== undefined && { group }) }));
}
