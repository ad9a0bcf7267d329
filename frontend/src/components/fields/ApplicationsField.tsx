// The applications of a query, each with its status, runtime and metrics level.
import React from 'react';
import { Button } from '@grafana/ui';
import type { Choices } from '../../hooks/useChoices';
import type { Implied } from '../../hooks/useImpliedApplication';
import { ALL, setApplications } from '../../query/change';
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

const ALL_RUNNING: Choice = {
  value: ALL,
  label: 'All running',
  description:
    'every Flink application that is not stopped; panels also show those that ran in the time range. Type a pattern such as /^pay/ to select some of them',
  group: 'Several',
};

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
  const preset = source.defaultApplication ?? (application === ALL ? 'all running' : application);
  return (
    <MultiSelectField
      label="Applications"
      {...applications}
      choices={[ALL_RUNNING, ...variableChoices(), ...applications.choices]}
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
            All running
          </Button>
        ) : undefined
      }
      onChange={(values) => {
        onEdit(setApplications(query, values));
      }}
    />
  );
}
