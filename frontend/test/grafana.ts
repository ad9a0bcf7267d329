// Grafana's services for tests, each as small as what the plugin uses of it.
import type { AdHocVariableFilter, DataSourceInstanceSettings, ScopedVars, TypedVariableModel } from '@grafana/data';
import { setBackendSrv, setTemplateSrv } from '@grafana/runtime';
import type { BackendSrv, BackendSrvRequest, TemplateSrv } from '@grafana/runtime';
import { of, throwError } from 'rxjs';
import type { FlinkwatchSettings } from '../src/types';

/** Values of the dashboard's variables by name. `$__all` stands for all of `options`, unless `allValue` stands for it. */
export interface TestVariable {
  value: string | string[];
  options?: string[];
  allValue?: string;
  /** As Grafana calls it; `query` if it is not given. */
  type?: string;
  /** What only ad hoc filters have. */
  filters?: AdHocVariableFilter[];
  datasource?: { uid: string };
}

/** A variable of ad hoc filters for one data source. */
export function filtersOf(uid: string, ...filters: AdHocVariableFilter[]): TestVariable {
  return { value: '', type: 'adhoc', datasource: { uid }, filters };
}

type Formatter = (value: unknown, variable: { name: string; type: string }) => string;

/** Variables as Grafana replaces them: a formatter gets the values, the variable's name and type; "All" is the list of options. */
export function setVariables(variables: Record<string, TestVariable>) {
  const replaceOne = (match: string, name: string, format: unknown, scopedVars: ScopedVars): string => {
    const scoped = scopedVars[name];
    const variable = variables[name];
    if (scoped === undefined && variable === undefined) {
      return match;
    }
    const isAll = variable !== undefined && [variable.value].flat().includes('$__all');
    if (scoped === undefined && isAll && variable.allValue !== undefined) {
      return variable.allValue;
    }
    const value: unknown = scoped ? scoped.value : isAll ? (variable.options ?? []) : variable?.value;
    // The plugin passes a function or nothing.
    return typeof format === 'function'
      ? (format as Formatter)(value, { name, type: variable?.type ?? 'query' })
      : String(value);
  };
  const service: Partial<TemplateSrv> = {
    getVariables: () => Object.entries(variables).map(([name, variable]) => model(name, variable)),
    replace: (text = '', scopedVars = {}, format) =>
      text.replace(/\$(\w+)|\$\{(\w+)(:\w+)?\}/g, (match, bare?: string, braced?: string, own?: string) =>
        replaceOne(match, bare ?? braced ?? '', own === undefined ? format : undefined, scopedVars)
      ),
  };
  setTemplateSrv(service as TemplateSrv);
}

/** What the plugin reads of a variable. */
function model(name: string, { value, ...variable }: TestVariable): TypedVariableModel {
  const read = { name, type: 'query', includeAll: true, multi: true, ...variable, current: { value, text: value } };
  return read as unknown as TypedVariableModel;
}

/** Answers requests by their address; what `answer` throws is the answer's error. Returns the requests. */
export function serveBackend(answer: (request: BackendSrvRequest) => unknown): BackendSrvRequest[] {
  const requests: BackendSrvRequest[] = [];
  const fetch = (request: BackendSrvRequest) => {
    requests.push(request);
    try {
      return of({ data: answer(request), status: 200, ok: true });
    } catch (error) {
      return throwError(() => error);
    }
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  return requests;
}

/** A data source's settings as Grafana hands them to the plugin. */
export function instanceSettings(jsonData: FlinkwatchSettings = {}): DataSourceInstanceSettings<FlinkwatchSettings> {
  const settings = { uid: 'flink', name: 'Flink', type: 'flinkwatch-msf-datasource', access: 'proxy', readOnly: false };
  return { ...settings, meta: {}, jsonData } as unknown as DataSourceInstanceSettings<FlinkwatchSettings>;
}
