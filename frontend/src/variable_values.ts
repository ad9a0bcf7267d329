// Grafana's variables as values: what `replace` would write into a text, but piece by piece.
import { getTemplateSrv } from '@grafana/runtime';
import type { AdHocVariableFilter, ScopedVars, TypedVariableModel } from '@grafana/data';
import { isObject } from './query/read';
import { EVERYTHING } from './query/interpolate';
import type { Piece, Values } from './query/interpolate';

/** Marks where a variable stood; no text that people write holds it. */
const MARK = '\u0000';

/** Takes a text apart where variables stand. A variable with a format of its own, such as `${name:csv}`, is text. */
export function parseVariables(text: string, scopedVars: ScopedVars = {}): Piece[] {
  const found: Values[] = [];
  const mark = (value: unknown, variable: unknown): string => {
    found.push(readValues(value, variable));
    return `${MARK}${found.length - 1}${MARK}`;
  };
  const marked = getTemplateSrv().replace(text, scopedVars, mark);
  // Every other part is the number of what was found.
  const pieces = marked.split(MARK).map((part, index) => (index % 2 === 0 ? part : (found[Number(part)] ?? '')));
  const written = pieces.filter((piece) => piece !== '');
  return written.length === 0 ? [''] : written;
}

function readValues(value: unknown, variable: unknown): Values {
  const { name, type }: Record<string, unknown> = isObject(variable) ? variable : {};
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((each) => each !== undefined && each !== null).map(String);
  // A variable of a list is empty when its list is. What somebody types may be meant to be empty.
  const given = type === 'textbox' || type === 'constant' ? texts : texts.filter((text) => text.trim() !== '');
  // A repeated panel has one value of a variable that shows "All" on its dashboard: a list it is only without repeating.
  const isAll = texts.includes(EVERYTHING) || (Array.isArray(value) && showsAll(name));
  return { name: typeof name === 'string' ? name : '', values: given, isAll };
}

/** Whether "All" is chosen on the dashboard, where it has no value of its own. */
function showsAll(name: unknown): boolean {
  const variable = getTemplateSrv()
    .getVariables()
    .find((each) => each.name === name);
  return variable !== undefined && isAllChosen(variable);
}

function isAllChosen(variable: TypedVariableModel): boolean {
  if (variable.type !== 'query' && variable.type !== 'custom' && variable.type !== 'datasource') {
    return false;
  }
  const { value } = variable.current;
  return !variable.allValue && (Array.isArray(value) ? value.includes(EVERYTHING) : value === EVERYTHING);
}

/** The ad hoc filters of the dashboard for a data source; one that somebody is just adding has no value yet. */
export function adHocFiltersOf(uid: string): AdHocVariableFilter[] {
  const service = getTemplateSrv();
  return service.getVariables().flatMap((variable) => {
    const isOurs = variable.type === 'adhoc' && service.replace(variable.datasource?.uid ?? '') === uid;
    return isOurs ? variable.filters.filter(({ key, operator, value }) => key && operator && value) : [];
  });
}
