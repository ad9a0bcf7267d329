// The applications of a query, each with its status, runtime and metrics level.
import React from 'react';
import type { Choices } from '../../hooks/useChoices';
import { ALL, setApplications } from '../../query/change';
import type { Choice, FlinkQuery } from '../../types';
import { MultiSelectField } from './MultiSelectField';
import { variableChoices } from './select_options';

interface ApplicationsFieldProps {
  query: FlinkQuery;
  applications: Choices;
  /** What the data source reads where a query names none. */
  defaultApplication?: string;
  error?: string;
  hint?: string;
  onEdit: (query: FlinkQuery) => void;
}

const ALL_RUNNING: Choice = {
  value: ALL,
  label: 'All running',
  description: 'every Flink application that is not stopped; a pattern such as /^pay/ selects from them',
  group: 'Several',
};

export function ApplicationsField(props: ApplicationsFieldProps) {
  const { query, applications, defaultApplication, error, hint, onEdit } = props;
  const isEmpty = applications.isKnown && applications.choices.length === 0;
  return (
    <MultiSelectField
      label="Applications"
      {...applications}
      choices={[ALL_RUNNING, ...variableChoices(), ...applications.choices]}
      values={query.applications}
      placeholder={defaultApplication ?? 'all running'}
      error={error}
      hint={hint ?? (isEmpty ? 'There is no Flink application in this region: choose another one.' : undefined)}
      onChange={(values) => {
        onEdit(setApplications(query, values));
      }}
    />
  );
}
