// A limit to the targets with the highest mean of a signal.
import React from 'react';
import { EditorFieldGroup } from '@grafana/plugin-ui';
import type { Choices } from '../../hooks/useChoices';
import { setTopBy, setTopCount } from '../../query/change';
import type { RankedQuery } from '../../query/change';
import { signalsOf, titleOf } from '../../query/describe';
import type { FlinkQuery } from '../../types';
import { SingleSelect } from './SingleSelect';
import { TextField } from './TextField';

interface TopFieldProps {
  query: RankedQuery;
  signals: Choices;
  error?: string;
  onEdit: (query: FlinkQuery) => void;
}

export function TopField({ query, signals, error, onEdit }: TopFieldProps) {
  const first = signalsOf(query)[0] ?? '';
  return (
    <EditorFieldGroup>
      <TextField
        label="Top"
        value={query.top?.count}
        placeholder="no limit"
        width={10}
        error={error}
        onChange={(count) => {
          onEdit(setTopCount(query, count));
        }}
      />
      {query.top && (
        <SingleSelect
          label="sorted by"
          {...signals}
          value={query.top.by}
          placeholder={titleOf(first, signals.choices)}
          width={22}
          onChange={(by) => {
            onEdit(setTopBy(query, by));
          }}
        />
      )}
    </EditorFieldGroup>
  );
}
