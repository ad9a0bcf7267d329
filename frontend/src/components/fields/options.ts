// Entries of drop-downs, as Grafana's components take them.
import { getTemplateSrv } from '@grafana/runtime';
import type { ComboboxOption } from '@grafana/ui';
import type { Choice } from '../../types';

/** A key that is there without a value would make room for it in the list. */
export function toOption({ value, label, description, group }: Choice): ComboboxOption {
  return { value, label, ...(description ? { description } : {}), ...(group ? { group } : {}) };
}

/** The variables of the dashboard, as entries of any field. */
export function variableChoices(): Choice[] {
  return getTemplateSrv()
    .getVariables()
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
