// The signals of a query, with what the query shows without any.
import React from 'react';
import type { Choices } from '../../hooks/useChoices';
import { setSignals } from '../../query/change';
import type { SignalQuery } from '../../query/change';
import { describeDefaults, describeTraits, signalsOf } from '../../query/describe';
import { hasField } from '../../query/kinds/registry';
import type { Choice, FlinkQuery, Level } from '../../types';
import { MultiSelectField } from './MultiSelectField';
import { variableChoices } from './select_options';

interface SignalsFieldProps {
  query: SignalQuery;
  signals: Choices;
  error?: string;
  hint?: string;
  onEdit: (query: FlinkQuery) => void;
}

export function SignalsField({ query, signals, error, hint, onEdit }: SignalsFieldProps) {
  const defaults = signalsOf({ ...query, signals: [] });
  const level = hasField(query, 'level') ? (query.level ?? 'task') : undefined;
  return (
    <MultiSelectField
      label="Signals"
      {...signals}
      choices={[...signals.choices.filter((choice) => existsPer(choice, level)).map(inShort), ...variableChoices()]}
      values={query.signals}
      placeholder={describeDefaults(defaults, signals.choices)}
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
  const parts = [...describeTraits(choice), choice.description ?? ''];
  return { ...choice, description: parts.filter((part) => part !== '').join(' · ') };
}
