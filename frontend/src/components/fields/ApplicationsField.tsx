// The applications of a query, each with its status, runtime and metrics level.
import React from 'react';
import { Button } from '@grafana/ui';
import { onlyOne } from '../../choose_application';
import { useListAtOnce } from '../../hooks/useChoices';
import type { Choices } from '../../hooks/useChoices';
import { ALL, setApplications } from '../../query/change';
import { hasApplications } from '../../query/defaults';
import type { Choice, FlinkQuery } from '../../types';
import { placeOf } from '../editor';
import type { EditorSource } from '../editor';
import { MultiSelectField } from './MultiSelectField';
import { variableChoices } from './select_options';

interface ApplicationsFieldProps {
  query: FlinkQuery;
  source: EditorSource;
  applications: Choices;
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

export function ApplicationsField({ query, source, applications, error, hint, onEdit }: ApplicationsFieldProps) {
  const isOpen = !hasApplications(query, source);
  // What the panel asks for as well, to know whether there is something to choose.
  const running = useListAtOnce(source, 'applications', isOpen ? { ...placeOf(query), status: 'running' } : null);
  const only = onlyOne(running.choices);
  const isEmpty = applications.isKnown && applications.choices.length === 0;
  const preset = source.defaultApplication ?? only;
  return (
    <MultiSelectField
      label="Applications"
      {...applications}
      choices={[ALL_RUNNING, ...variableChoices(), ...applications.choices]}
      values={query.applications}
      placeholder={preset ?? (running.isLoading ? 'Loading…' : 'choose an application')}
      error={error}
      hint={hint ?? (isEmpty ? 'There is no Flink application in this region: choose another one.' : undefined)}
      action={
        isOpen && !running.isLoading && only === undefined ? (
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
