// Variables in a query. A variable with several values becomes several names where a list stands, and a pattern of alternatives where one
// name stands; "All" becomes everything.
import { escapeRegExp } from 'lodash';
import type { FlinkQuery } from '../types';
import { fieldsOf, isKind } from './fields';
import type { FieldShape } from './fields';
import { asQuery, isObject } from './migrate';
import type { SavedFields } from './migrate';

/** What stands in place of a variable. */
export interface Values {
  values: string[];
  /** "All" is chosen, and the variable has no value of its own for it. */
  isAll: boolean;
}

/** A text in pieces: what the author wrote, and the values of variables. */
export type Piece = string | Values;

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
  return asQuery(after);
}

function interpolateField(shape: FieldShape, value: unknown, parse: Parse): unknown {
  switch (shape) {
    case 'names':
      return mapTexts(value, (text) => interpolateName(parse(text)));
    case 'ids':
      return mapTexts(value, (text) => expand(parse(text)));
    case 'filters':
      return isObject(value) ? mapValues(value, (text) => interpolateFilter(parse(text))) : value;
    case 'top':
      return isObject(value) ? mapValues(value, (text) => expand(parse(text))[0] ?? '') : value;
    case 'account':
      return mapText(value, (text) => interpolateText(parse(text), 'all'));
    case 'legend':
      return mapText(value, (text) => interpolateText(parse(text), 'All'));
    case 'version':
    case 'word':
    case 'text':
      return mapText(value, (text) => interpolateText(parse(text)));
  }
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  return typeof value === 'string' ? change(value) : value;
}

function mapTexts(value: unknown, change: (text: string) => string[]): unknown {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((each) => (typeof each === 'string' ? change(each) : [each]));
}

function mapValues(fields: SavedFields, change: (text: string) => string): SavedFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, mapText(value, change)]));
}

/** One text. Several values stand behind each other; `all` is what "All" is called here. */
export function interpolateText(pieces: Piece[], all?: string): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : describeValues(piece, all))).join('');
}

function describeValues({ values, isAll }: Values, all?: string): string {
  return isAll && all !== undefined ? all : values.join(',');
}

/** Names in place of one name. */
function interpolateName(pieces: Piece[]): string[] {
  const [first] = pieces;
  if (pieces.length === 1 && typeof first === 'object' && first.isAll) {
    return ['*'];
  }
  return isPattern(pieces) ? [interpolatePattern(pieces)] : expand(pieces);
}

/** One name, `*` or pattern in place of one name. */
function interpolateFilter(pieces: Piece[]): string {
  const names = interpolateName(pieces);
  const [first = ''] = names;
  return names.length > 1 ? `/^(${names.map(escapeRegExp).join('|')})$/` : first;
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
  const alternatives = ({ values, isAll }: Values) => (isAll ? '.*' : `(${values.map(escapeRegExp).join('|')})`);
  return pieces.map((piece) => (typeof piece === 'string' ? piece : alternatives(piece))).join('');
}

/** A text for every combination of values. */
function expand(pieces: Piece[]): string[] {
  const grow = (texts: string[], piece: Piece) => {
    const ends = typeof piece === 'string' ? [piece] : piece.values;
    return texts.flatMap((text) => ends.map((end) => text + end));
  };
  return pieces.reduce(grow, ['']);
}
