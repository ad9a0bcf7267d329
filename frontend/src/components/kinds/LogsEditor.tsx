// What to look for in logs.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import { setFind, setLogLevel, setLogText } from '../../query/change';
import { findOf, FIND_TEXTS } from '../../query/kinds/logs';
import { FINDS, LOG_LEVELS } from '../../types';
import type { LogsQuery } from '../../types';
import type { EditorProps } from '../editor';
import { ShapeField } from '../fields/ShapeField';
import { SingleSelect } from '../fields/SingleSelect';
import { TextField } from '../fields/TextField';

type LogsEditorProps = Omit<EditorProps<LogsQuery>, 'signals' | 'gaps'>;

const FIND_CHOICES = FINDS.map((value) => ({ value, ...FIND_TEXTS[value] }));
const LEVEL_CHOICES = LOG_LEVELS.map((value) => ({ value, label: value === 'all' ? 'All' : `${value} or worse` }));

/** Nothing of these lists has to be asked for. */
const KNOWN = { isLoading: false } as const;

export function LogsEditor({ query, onEdit, errors, isOfAnnotation }: LogsEditorProps) {
  const find = findOf(query);
  return (
    <EditorRow>
      <SingleSelect
        label="Find"
        {...KNOWN}
        choices={FIND_CHOICES}
        value={find}
        width={26}
        error={errors.find}
        onChange={(found) => {
          onEdit(setFind(query, found));
        }}
      />
      <TextField
        label="With the text"
        value={query.text}
        placeholder={find === 'text' ? 'words or a filter pattern' : 'any'}
        width={40}
        error={errors.text}
        hint={find === 'text' && query.text === undefined ? 'A text must be given, such as AccessDenied.' : undefined}
        onChange={(text) => {
          onEdit(setLogText(query, text));
        }}
      />
      <SingleSelect
        label="Level"
        {...KNOWN}
        choices={LEVEL_CHOICES}
        value={query.level ?? 'all'}
        width={20}
        error={errors.level}
        onChange={(level) => {
          onEdit(setLogLevel(query, level));
        }}
      />
      <ShapeField query={query} isOfAnnotation={isOfAnnotation} error={errors.as} onEdit={onEdit} />
    </EditorRow>
  );
}
