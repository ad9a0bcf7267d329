// The applications of a query, each with its status, runtime and metrics level.
import React from 'react';
import { Button } from '@grafana/ui';
import type { Choices } from '../../hooks/useChoices';
import type { Implied } from '../../hooks/useImpliedApplication';
import { ALL, setApplications } from '../../query/change';
import { allOf, rowOf } from '../../query/kinds/registry';
import type { Choice, FlinkQuery } from '../../types';
import type { EditorSource } from '../editor';
import { MultiSelectField } from './MultiSelectField';
import { variableChoices } from './select_options';

interface ApplicationsFieldProps {
  query: FlinkQuery;
  source: EditorSource;
  applications: Choices;
  implied: Implied;
  error?: string;
  hint?: string;
  onEdit: (query: FlinkQuery) => void;
}

/** All in one entry, as the kind of query understands it. */
function allChoice(query: FlinkQuery): Choice {
  const meaning = rowOf(query).includesStopped
    ? 'every Flink application, stopped ones too'
    : 'every Flink application that is not stopped; panels also show those that ran in the time range';
  const description = `${meaning}. Type a pattern such as /^pay/ to select some of them`;
  return { value: ALL, label: allOf(query), description, group: 'Several' };
}

export function ApplicationsField({
  query,
  source,
  applications,
  implied: { isOpen, isLoading, application },
  error,
  hint,
  onEdit,
}: ApplicationsFieldProps) {
  const isEmpty = applications.isKnown && applications.choices.length === 0;
  const all = allChoice(query);
  const preset = source.defaultApplication ?? (application === ALL ? all.label.toLowerCase() : application);
  return (
    <MultiSelectField
      label="Applications"
      {...applications}
      choices={[all, ...variableChoices(), ...applications.choices]}
      values={query.applications}
      placeholder={preset ?? (isLoading ? 'Loading…' : 'choose an application')}
      error={error}
      hint={hint ?? (isEmpty ? 'There is no Flink application in this region: choose another one.' : undefined)}
      action={
        isOpen && !isLoading && application === undefined ? (
          <Button
            variant="secondary"
            onClick={() => {
              onEdit(setApplications(query, [ALL]));
            }}
          >
            {all.label}
          </Button>
        ) : undefined
      }
      onChange={(values) => {
        onEdit(setApplications(query, values));
      }}
    />
  );
}
