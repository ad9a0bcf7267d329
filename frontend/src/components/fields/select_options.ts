// Entries of drop-downs, as Grafana's Select takes them.
import { getTemplateSrv } from '@grafana/runtime';
import type { Choice } from '../../types';
import { searchChoices } from './search';

/** One entry, the same object as long as list and search stay: the highlight is lost with the object. */
export interface SelectOption {
  value: string;
  label: string;
  description?: string;
  isDisabled?: boolean;
}

/** Entries under a heading. */
export interface OptionGroup {
  label: string;
  options: SelectOption[];
}

/** More entries than these make a menu slow, and nobody reads them: a search finds the others. */
export const MOST_SHOWN = 200;

/** What a menu shows while a text is typed, under the headings of the list, the heading of the best entry first. */
export function findOptions(choices: readonly Choice[], typed: string): (SelectOption | OptionGroup)[] {
  const found = searchChoices(choices, typed);
  const entries: (SelectOption | OptionGroup)[] = [];
  const groups = new Map<string, OptionGroup>();
  for (const choice of found.slice(0, MOST_SHOWN)) {
    const { group } = choice;
    const known = group === undefined ? undefined : groups.get(group);
    if (known !== undefined) {
      known.options.push(toOption(choice));
    } else if (group === undefined) {
      entries.push(toOption(choice));
    } else {
      const started = { label: group, options: [toOption(choice)] };
      groups.set(group, started);
      entries.push(started);
    }
  }
  const more = found.length - MOST_SHOWN;
  return more > 0
    ? [...entries, { value: '', label: `and ${more} more: type to find them`, isDisabled: true }]
    : entries;
}

/** A saved value as an entry, with its label where a list has it. */
export function optionOf(saved: unknown, choices: readonly Choice[]): SelectOption {
  const value = shownText(saved);
  return { value, label: choices.find((choice) => choice.value === value)?.label ?? value };
}

/** A key that is there without a value would make room for it in the menu. */
function toOption({ value, label, description }: Choice): SelectOption {
  return { value, label, ...(description ? { description } : {}) };
}

/** What holds a text that a field can take: no data source, filters or intervals. */
const TYPES_OF_VALUES = ['query', 'custom', 'textbox', 'constant'];

/** The variables of the dashboard, as entries of any field. */
export function variableChoices(): Choice[] {
  return getTemplateSrv()
    .getVariables()
    .filter(({ type }) => TYPES_OF_VALUES.includes(type))
    .map(({ name, label }) => ({
      value: `$${name}`,
      label: `$${name}`,
      description: label ?? undefined,
      group: 'Variables',
    }));
}

/** A saved value as text: a wrong one shows as JSON, so that it can be seen and replaced. */
export function shownText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
