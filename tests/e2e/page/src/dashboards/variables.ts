// The variables of a saved dashboard, as Grafana's engine has them.
import type { AdHocVariableFilter } from '@grafana/data';
import {
  AdHocFiltersVariable,
  CustomVariable,
  DataSourceVariable,
  QueryVariable,
  TextBoxVariable,
  type SceneVariable,
} from '@grafana/scenes';
import type { VariableModel } from './saved';

export function buildVariable(saved: VariableModel): SceneVariable {
  const { type, name, query } = saved;
  if (type === 'datasource') {
    return new DataSourceVariable({ ...common(saved), ...chosen(saved), pluginId: textOf(query) });
  }
  if (type === 'custom') {
    return new CustomVariable({ ...common(saved), ...several(saved), ...chosen(saved), query: textOf(query) });
  }
  if (type === 'query') {
    return buildQueryVariable(saved);
  }
  if (type === 'adhoc') {
    return buildFilters(saved);
  }
  if (type === 'textbox') {
    return new TextBoxVariable({ ...common(saved), value: textOf(query) });
  }
  throw new Error(`The variable "${name}" is of the type "${type}", which this page does not know.`);
}

export function buildQueryVariable(saved: VariableModel): QueryVariable {
  const { datasource, query = '', refresh, sort } = saved;
  return new QueryVariable({
    ...common(saved),
    ...several(saved),
    ...chosen(saved),
    // Scenes wants a query of its own type, and gives it to the data source as it is.
    query: query as QueryVariable['state']['query'],
    ...(datasource && { datasource }),
    ...(refresh !== undefined && { refresh }),
    ...(sort !== undefined && { sort }),
  });
}

/** Grafana's type of saved variables lacks their filters. */
function buildFilters(saved: VariableModel & { filters?: AdHocVariableFilter[] }): AdHocFiltersVariable {
  const { datasource, filters = [] } = saved;
  return new AdHocFiltersVariable({ ...common(saved), datasource: datasource ?? null, filters });
}

function common({ name, label, description, hide, regex, skipUrlSync, allowCustomValue }: VariableModel) {
  return {
    name,
    label: label ?? name,
    ...(description && { description }),
    ...(hide !== undefined && { hide }),
    ...(regex && { regex }),
    ...(skipUrlSync !== undefined && { skipUrlSync }),
    ...(allowCustomValue !== undefined && { allowCustomValue }),
  };
}

function several({ multi = false, includeAll = false, allValue }: VariableModel) {
  return { isMulti: multi, includeAll, ...(allValue && { allValue }) };
}

function chosen({ current }: VariableModel) {
  return current?.value === undefined ? {} : { value: current.value, text: current.text };
}

function textOf(query: VariableModel['query']): string {
  return typeof query === 'string' ? query : '';
}
