// A query in words for people: what its signals mean, what its options are, what is wrong with it and what it cannot
// be answered, with the way to mend it.
import type { DataQueryError } from '@grafana/data';
import { LEVELS } from '../types';
import type { ApplicationState, Choice, Estimate, Exclude, FlinkQuery } from '../types';
import { numbersOf, withDefaults } from './defaults';
import type { Problems } from './fields';
import type { Explanation, KnownApplication } from './kinds/kind';
import { isAboutLevel } from './kinds/operator';
import { hasField, isFieldName, rowOf } from './kinds/registry';

/** The errors of one query that are about a field, each at the one that the backend's sentence names. */
export function describeErrors(errors: DataQueryError[] | undefined, refId: string): Problems {
  const problems: Problems = {};
  for (const error of errors ?? []) {
    const text = error.data?.message ?? error.message;
    if (text === undefined || (error.refId !== undefined && error.refId !== refId)) {
      continue;
    }
    const field = /Field "(\w+)/.exec(text)?.[1];
    if (isFieldName(field)) {
      problems[field] = text;
    }
  }
  return problems;
}

/** The options in the words of a closed header, with the lists that have no field of their own. */
export function describeOptions(query: FlinkQuery): string[] {
  const { accountId } = query;
  const { exclude, only } = withDefaults(query);
  const options = optionsOf(query).map(([name, value]) => [name, isAuto(value) ? '' : describeOption(name, value)]);
  const automatic = options.flatMap(([name = '', text]) => (text === '' ? name : []));
  return [
    accountId ? `account ${accountId}` : '',
    ...options.map(([, text = '']) => text),
    ...[only].flat().map((lists) => describeLists('only', lists)),
    describeLists('without', exclude),
    automatic.length === 0 ? '' : `auto ${joinWords(automatic)}`,
  ].filter((text) => text !== '');
}

type Option = [name: string, value: string | number | undefined];

/** Those that the query's kind has. */
function optionsOf(query: FlinkQuery): Option[] {
  const options: (Option | false)[] = [
    hasField(query, 'statistic') && ['statistic', query.statistic],
    hasField(query, 'period') && ['period', query.period],
    hasField(query, 'legend') && ['legend', query.legend],
  ];
  return options.filter((option) => option !== false);
}

/** Such as "only applications orders, payments and tasks /^Sink/". */
function describeLists(word: string, { dimensions = {}, ...lists }: Exclude): string {
  const named = Object.entries<string[]>({ ...lists, ...dimensions }).map(([of, names]) => `${of} ${names.join(', ')}`);
  return named.length === 0 ? '' : `${word} ${joinWords(named)}`;
}

/** Such as "statistic, period and legend". */
function joinWords(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.slice(-1).join('')}`;
}

function isAuto(value: string | number | undefined): value is '' | undefined {
  return value === undefined || value === '' || value === 'auto';
}

function describeOption(name: string, value: string | number): string {
  const isSeconds = name === 'period' && /^\d+$/.test(String(value));
  return `${name} ${value}${isSeconds ? ' s' : ''}`;
}

/** The title of a signal, or its id where no list has it. */
export function titleOf(id: string, choices: Choice[]): string {
  return choices.find((choice) => choice.value === id)?.label ?? id;
}

/** Titles for the room of a placeholder. */
export function describeDefaults(ids: string[], choices: Choice[]): string {
  const shown = ids.slice(0, 3).map((id) => titleOf(id, choices));
  const more = ids.length - shown.length;
  return shown.join(', ') + (more === 0 ? '' : ` and ${more} more`);
}

/** What a query would cost, in a sentence or two. */
export function describeEstimate({ series, billedMetrics, ...estimate }: Estimate, refreshSeconds: number): string {
  const { dollarsPerRefresh, dollarsPerDay, isComplete, reason } = estimate;
  if (!isComplete && series === 0 && reason) {
    return `No price. ${reason}`;
  }
  if (isComplete && billedMetrics === 0) {
    return ['It asks CloudWatch for nothing that is billed.', ...(reason ? [reason] : [])].join(' ');
  }
  const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
  const told = [
    isComplete ? '' : 'At least ',
    `${count(series, 'series', 'series')} of CloudWatch, ${count(billedMetrics, 'billed metric', 'billed metrics')}: `,
    `${describeDollars(dollarsPerRefresh)} for the first answer`,
    typeof dollarsPerDay === 'number'
      ? `, ${describeDollars(dollarsPerDay)} a day when refreshed every ${refreshSeconds} s`
      : '',
    reason ? `. ${reason}` : '.',
  ];
  return told.join('');
}

/** Two digits that count, for prices of metrics are small. */
function describeDollars(dollars: number): string {
  return `$${dollars >= 1 ? dollars.toFixed(2) : String(Number(dollars.toPrecision(2)))}`;
}

/** The signals that a query shows: those that were chosen, else the default ones. */
export function signalsOf(query: FlinkQuery): string[] {
  return hasField(query, 'signals') ? numbersOf(query) : [];
}

/** What the signals mean, in their order; those that no list has explain nothing. */
export function explainSignals(ids: string[], choices: Choice[]): Explanation[] {
  return ids.flatMap((id) => {
    const choice = choices.find(({ value }) => value === id);
    return choice ? [explain(choice)] : [];
  });
}

function explain(choice: Choice): Explanation {
  const { label, description = '', signal } = choice;
  const formula = signal?.formula ?? '';
  // A description may hold the formula already.
  const isTold = formula === '' || description.includes(formula);
  return { title: label, meaning: description, facts: isTold ? [] : [formula, ...describeTraits(choice)] };
}

/** The unit of a signal and the direction that is good news, as far as they are known. */
export function describeTraits({ signal }: Choice): string[] {
  const directions = { up: 'more is better', down: 'less is better' };
  const parts = [signal?.unit, signal?.good && directions[signal.good]];
  return parts.filter((part) => typeof part === 'string');
}

/**
 * What a query asks that cannot be answered, each at its field, with the way to mend it. `applications` is the content of
 * the drop-down, empty while it is not known; `state` is known where the query names one application.
 */
export function describeGaps(
  query: FlinkQuery,
  signals: Choice[],
  applications: Choice[],
  state: ApplicationState | undefined
): Problems {
  const known = knownApplications(query, applications, state);
  // The backend has looked at one application closely; of several there is only the list.
  const notices = state?.notices.filter((notice) => !LEVELS.some((level) => isAboutLevel(level, notice)));
  const sentences = notices ?? [...describeUnknown(query, applications), ...describeStopped(known)];
  return {
    applications: sentences.join(' ') || undefined,
    ...rowOf(query).describeGaps?.(query, { signals, applications: known, state }),
  };
}

/** What is known of the applications that the query names; the state of one knows more than the list. */
function knownApplications(
  query: FlinkQuery,
  applications: Choice[],
  state: ApplicationState | undefined
): KnownApplication[] {
  return exactNames(query).flatMap((name) => {
    const listed = applications.find((choice) => choice.value === name)?.application;
    const facts = state?.name === name ? { ...listed, ...state } : listed;
    return facts ? [{ ...facts, name }] : [];
  });
}

/** The applications of a query that are neither variables nor patterns: AWS allows no other signs in a name. */
export function exactNames(query: FlinkQuery): string[] {
  return query.applications === undefined
    ? []
    : withDefaults(query).applications.filter((name) => /^[a-zA-Z0-9_.-]+$/.test(name));
}

function describeUnknown(query: FlinkQuery, applications: Choice[]): string[] {
  const unknown = exactNames(query).filter((name) => !applications.some((choice) => choice.value === name));
  return applications.length === 0
    ? []
    : unknown.map((name) => `There is no application "${name}" in the list of this region: check name and region.`);
}

function describeStopped(applications: KnownApplication[]): string[] {
  return applications
    .filter(({ status }) => status === 'READY')
    .map(({ name }) => `"${name}" is stopped: it publishes nothing, and has only what it published before.`);
}
