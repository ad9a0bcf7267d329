// Variables in a query. A variable with several values becomes several names where a list stands, and a pattern of alternatives where one
// name stands; "All" is what the variable lists. Where a field is nothing but variables without a value, nothing can be asked: left out, the
// field would mean everything.
import { escapeRegExp } from 'lodash';
import type { FlinkQuery } from '../types';
import type { FieldShape } from './fields';
import { fieldsOf, isKind } from './kinds/registry';
import { asQuery, isCloudWatchTarget } from './migrate';
import { isObject } from './read';
import type { SavedFields } from './read';
import { MissingValue, QueryError } from './query_error';

/** What stands in place of a variable. */
export interface Values {
  /** Of the variable, for who reads an error. */
  name: string;
  /** None where the variable lists nothing. */
  values: string[];
  /** "All" is chosen, and the variable has no value of its own for it. */
  isAll: boolean;
}

/** Grafana's "All" where it does not know what a variable lists. */
export const EVERYTHING = '$__all';

/** In place of an account's digits: the data source's own and all that are linked. */
const ALL_ACCOUNTS = 'all';

/** A text in pieces: what the author wrote, and the values of variables. */
export type Piece = string | Values;

/** The texts of a query of the CloudWatch data source that are read. */
const CLOUDWATCH_TEXTS = ['region', 'accountId', 'metricName', 'statistic', 'period', 'alias', 'label'];

/** Takes a text apart; a text without variables is one piece. */
export type Parse = (text: string) => Piece[];

/** The query with values in place of variables; it is a new object. */
export function interpolate(query: FlinkQuery, parse: Parse): FlinkQuery {
  const after: SavedFields = { ...query };
  if (isKind(query.queryType)) {
    for (const [field, shape] of fieldsOf(query.queryType)) {
      if (field in after) {
        after[field] = interpolateField(shape, after[field], parse);
      }
    }
  }
  if (isCloudWatchTarget(query)) {
    const texts = Object.keys(after).filter((field) => CLOUDWATCH_TEXTS.includes(field));
    for (const field of texts) {
      after[field] = mapText(after[field], (text) => interpolateText(parse(text)));
    }
    if (isObject(after.dimensions)) {
      after.dimensions = interpolateLists(after.dimensions, (text) => interpolateName(mustHaveValue(parse(text))));
    }
  }
  return asQuery(after);
}

function interpolateField(shape: FieldShape, value: unknown, parse: Parse): unknown {
  switch (shape) {
    case 'names':
      return interpolateList(value, parse, interpolateName);
    case 'ids':
      return interpolateList(value, parse, expand);
    case 'filters':
      return isObject(value) ? mapValues(value, (text) => interpolateFilter(parse(text))) : value;
    case 'exclude':
      return interpolateLists(value, (text) => interpolateName(parse(text)));
    case 'only':
      return interpolateLists(value, (text) => interpolateName(mustHaveValue(parse(text))));
    case 'top':
      return isObject(value) ? mapValues(value, (text) => expand(mustHaveValue(parse(text)))[0] ?? '') : value;
    case 'account':
      return mapText(value, (text) => interpolateAccount(parse(text)));
    case 'required':
      return mapText(value, (text) => interpolateText(mustHaveValue(parse(text))));
    case 'legend':
      return mapText(value, (text) => interpolateText(parse(text), 'All'));
    case 'version':
    case 'word':
    case 'text':
      return mapText(value, (text) => interpolateText(parse(text)));
  }
}

/** Lists of names, also in objects. A variable without a value leaves nothing out, and lets nothing through. */
function interpolateLists(value: unknown, names: (text: string) => string[]): unknown {
  if (!isObject(value)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((each) =>
      typeof each === 'string' ? names(each) : [isObject(each) ? interpolateLists(each, names) : each]
    );
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, interpolateLists(inner, names)]));
}

function mapText(value: unknown, change: (text: string) => unknown): unknown {
  return typeof value === 'string' ? change(value) : value;
}

function mapValues(fields: SavedFields, change: (text: string) => unknown): SavedFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, mapText(value, change)]));
}

/** The names of all texts. A variable without a value is none of them, as long as there are others. */
function interpolateList(value: unknown, parse: Parse, change: (pieces: Piece[]) => string[]): unknown {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const names = values.flatMap((each) => (typeof each === 'string' ? change(parse(each)) : [each]));
  if (names.length === 0) {
    values.forEach((each) => typeof each === 'string' && mustHaveValue(parse(each)));
  }
  return names;
}

/** One text. Several values stand behind each other; `all` is what "All" is called here. */
export function interpolateText(pieces: Piece[], all?: string): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : describeValues(piece, all))).join('');
}

function describeValues({ values, isAll }: Values, all?: string): string {
  return isAll && all !== undefined ? all : values.join(',');
}

/** The variable that leaves nothing of a text: it lists nothing, or stands alone and is an empty text. */
function findMissing(pieces: Piece[]): Values | undefined {
  const found = pieces.filter((piece) => typeof piece === 'object');
  const isAlone = found.length === pieces.length && found.every(({ values }) => values.every(isEmpty));
  return found.find(({ values }) => isAlone || values.length === 0);
}

const isEmpty = (text: string) => text.trim() === '';

/** Whether a variable in it has nothing to choose from. */
export function listsNothing(pieces: Piece[]): boolean {
  return pieces.some((piece) => typeof piece === 'object' && piece.values.length === 0);
}

/** The argument of a drop-down: a name, several with commas between them, or a pattern. */
export function interpolateArgument(pieces: Piece[]): string {
  if (isList(pieces)) {
    return interpolateText(pieces);
  }
  const names = isPattern(pieces) ? [interpolatePattern(pieces)] : expand(pieces);
  return names.length > 1 && names.some((name) => LIST_SIGNS.test(name)) ? anyOf(names) : names.join(',');
}

/** What makes a list of a text. */
const LIST_SIGNS = /[,{}|]/;

/** Whether the author wrote a list, in which several values of a variable are more of its entries. */
function isList(pieces: Piece[]): boolean {
  return !isPattern(pieces) && pieces.some((piece) => typeof piece === 'string' && LIST_SIGNS.test(piece));
}

/** One text that means all of the names. */
function anyOf(names: readonly string[]): string {
  return `/^(${names.map(escapeRegExp).join('|')})$/`;
}

/** The backend takes patterns of 1 KiB; what is escaped in them counts too, and some names are not ASCII. */
const LONGEST_PATTERN = 500;

/** What one name is replaced by: a pattern, which editors show as they show any, or the names where it would be too long. */
export function oneOf(names: readonly string[]): string | string[] {
  const [first = ''] = names;
  const pattern = anyOf(names);
  return names.length < 2 ? first : pattern.length > LONGEST_PATTERN ? [...names] : pattern;
}

function mustHaveValue(pieces: Piece[]): Piece[] {
  const missing = findMissing(pieces);
  if (missing !== undefined) {
    throw new MissingValue(missing.name);
  }
  return pieces;
}

/** Names in place of one name. */
function interpolateName(pieces: Piece[]): string[] {
  return isPattern(pieces) ? [interpolatePattern(mustHaveValue(pieces))] : expand(pieces);
}

/** One name, `*` or pattern in place of one name; several names where a pattern of them would be too long. */
function interpolateFilter(pieces: Piece[]): string | string[] {
  return isList(mustHaveValue(pieces)) ? interpolateText(pieces) : oneOf(interpolateName(pieces));
}

/** One account, or all that are linked where that is among the values. */
function interpolateAccount(pieces: Piece[]): string {
  const found = mustHaveValue(pieces).filter((piece) => typeof piece === 'object');
  if (found.some(({ values }) => values.includes(ALL_ACCOUNTS) || values.includes(EVERYTHING))) {
    return ALL_ACCOUNTS;
  }
  const several = found.find(({ values }) => values.length > 1);
  if (several === undefined) {
    return interpolateText(pieces);
  }
  throw new QueryError(
    `The variable $${several.name} has several values, and a query takes one account or "${ALL_ACCOUNTS}": choose one, or set "Custom all value" to ${ALL_ACCOUNTS}.`
  );
}

function isPattern(pieces: Piece[]): boolean {
  const [first, last] = [pieces.at(0), pieces.at(-1)];
  return (
    pieces.length > 1 &&
    typeof first === 'string' &&
    typeof last === 'string' &&
    first.startsWith('/') &&
    last.endsWith('/')
  );
}

/** Values inside `/…/`: each is taken as it is written. */
function interpolatePattern(pieces: Piece[]): string {
  const alternatives = ({ values }: Values) =>
    values.includes(EVERYTHING) ? '.*' : `(${values.map(escapeRegExp).join('|')})`;
  return pieces.map((piece) => (typeof piece === 'string' ? piece : alternatives(piece))).join('');
}

function valuesOf({ values }: Values): string[] {
  return values.includes(EVERYTHING) ? ['*'] : values;
}

/** A text for every combination of values, without empty ones. */
function expand(pieces: Piece[]): string[] {
  const grow = (texts: string[], piece: Piece) => {
    const ends = typeof piece === 'string' ? [piece] : valuesOf(piece);
    return texts.flatMap((text) => ends.map((end) => text + end));
  };
  const texts = pieces.reduce(grow, ['']);
  return pieces.every((piece) => typeof piece === 'string') ? texts : texts.filter((text) => !isEmpty(text));
}
