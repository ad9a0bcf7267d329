// The signals of a query, with what the query shows without any.
import React from 'react';
import type { Choices } from '../../hooks/useChoices';
import { setSignals } from '../../query/change';
import type { SignalQuery } from '../../query/change';
import { defaultSignals } from '../../query/defaults';
import { describeDefaults, describeDirection } from '../../query/describe';
import type { Choice, FlinkQuery, Level } from '../../types';
import { Many } from './Many';
import { variableChoices } from './options';

interface SignalsFieldProps {
  query: SignalQuery;
  signals: Choices;
  error?: string;
  hint?: string;
  onEdit: (query: FlinkQuery) => void;
}

export function SignalsField({ query, signals, error, hint, onEdit }: SignalsFieldProps) {
  const defaults = defaultSignals(query);
  const level = query.queryType === 'operator' ? (query.level ?? 'task') : undefined;
  return (
    <Many
      label="Signals"
      {...signals}
      choices={[...signals.choices.filter((choice) => existsPer(choice, level)).map(inShort), ...variableChoices()]}
      values={query.signals}
      placeholder={defaults.length === 0 ? 'all of them' : describeDefaults(defaults, signals.choices)}
      error={error}
      hint={hint}
      onChange={(values) => {
        onEdit(setSignals(query, values));
      }}
    />
  );
}

function existsPer({ signal }: Choice, level: Level | undefined): boolean {
  return level === undefined || signal === undefined || signal.levels.includes(level);
}

/** A row of the list has one line, so what is short comes first. */
function inShort(choice: Choice): Choice {
  const { description = '', signal } = choice;
  const facts = signal ? [signal.unit, describeDirection(signal.good)].filter((fact) => fact !== '').join(', ') : '';
  return { ...choice, description: [facts, description].filter((part) => part !== '').join(' · ') };
}
