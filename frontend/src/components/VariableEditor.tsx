// What a dashboard variable lists: a drop-down of the backend, narrowed down by what that list knows.
import { FieldValidationMessage, Stack } from '@grafana/ui';
import React, { useEffect, useRef } from 'react';
import { useChoices, useListAtOnce } from '../hooks/useChoices';
import type { SourceDefaults } from '../query/defaults';
import { KINDS, ROWS } from '../query/kinds/registry';
import { DEFAULT_VARIABLE, argumentsOf, fieldsOf, setField, setResource, variableLists } from '../query/variable';
import type { VariableField } from '../query/variable';
import type { ResourceArguments, ResourceSource } from '../resources';
import type { Choice, VariableQuery } from '../types';
import { SingleSelect } from './fields/SingleSelect';
import { variableChoices } from './fields/select_options';
import { TextField } from './fields/TextField';

interface Props {
  /** A new variable has no query yet: Grafana has an empty text for it. */
  query: Partial<VariableQuery> | '' | undefined;
  datasource: ResourceSource & SourceDefaults;
  onChange: (query: VariableQuery) => void;
}

const NEW_VARIABLE: VariableQuery = { refId: 'variable', ...DEFAULT_VARIABLE };

export function VariableEditor({ query: saved, datasource, onChange }: Props) {
  const query: VariableQuery = { ...NEW_VARIABLE, ...(saved || {}) };
  useNewVariable(!saved, onChange);
  // Of a list that fails Grafana shows nothing: the earlier values stay.
  const { failure } = useListAtOnce(datasource, query.resource, argumentsOf(query));
  return (
    <Stack direction="column" gap={1}>
      <Stack direction="row" gap={1} wrap="wrap">
        <SingleSelect
          label="List"
          {...KNOWN}
          choices={variableLists()}
          value={query.resource}
          width={30}
          onChange={(resource) => {
            onChange(setResource(query, resource));
          }}
        />
        {fieldsOf(query.resource).map((field) => (
          <Narrowing key={field} field={field} query={query} source={datasource} onChange={onChange} />
        ))}
        <TextField
          label="Match"
          value={query.match}
          placeholder="name, /regex/ or pay*"
          width={30}
          hint="Keeps only entries whose value or label matches."
          onChange={(match) => {
            onChange(setField(query, 'match', match.trim()));
          }}
        />
      </Stack>
      <div aria-live="polite">{failure && <FieldValidationMessage>{failure}</FieldValidationMessage>}</div>
    </Stack>
  );
}

/**
 * Saves the list that is shown for a new variable. Grafana asks no data source for an empty query, so the variable would list nothing until
 * another list is chosen. The only editor that saves by being opened, and only where nothing was saved before.
 */
function useNewVariable(isNew: boolean, onChange: (query: VariableQuery) => void) {
  const save = useRef(onChange);
  useEffect(() => {
    save.current = onChange;
  });
  useEffect(() => {
    if (isNew) {
      save.current(NEW_VARIABLE);
    }
  }, [isNew]);
}

interface NarrowingProps {
  field: VariableField;
  query: VariableQuery;
  source: ResourceSource & SourceDefaults;
  onChange: (query: VariableQuery) => void;
}

function Narrowing({ field, query, source, onChange }: NarrowingProps) {
  const change = (value: string | undefined) => {
    onChange(setField(query, field, value?.trim()));
  };
  const { label, placeholder } = LABELS[field];
  const shown = { label, placeholder, value: query[field], onChange: change };
  switch (field) {
    case 'region':
      return <Fetched {...shown} source={source} path="regions" args={{}} width={22} />;
    case 'accountId':
      return <Fetched {...shown} source={source} path="accounts" args={pick(query, 'region')} width={22} />;
    case 'application':
      return (
        <Fetched
          {...shown}
          placeholder={describeNoApplication(query, source)}
          source={source}
          path="applications"
          args={pick(query, 'region', 'accountId')}
          others={ALL_RUNNING}
        />
      );
    case 'task':
      return (
        <Fetched {...shown} source={source} path="tasks" args={pick(query, 'region', 'accountId', 'application')} />
      );
    case 'status':
      return <SingleSelect {...shown} {...KNOWN} choices={STATUSES} width={22} />;
    case 'queryType':
      return <SingleSelect {...shown} {...KNOWN} choices={KIND_CHOICES} width={22} />;
    case 'tag':
      return <TextField {...shown} width={30} hint="Needs the permission to list tags." />;
  }
}

const LABELS: Record<VariableField, { label: string; placeholder: string }> = {
  region: { label: 'Region', placeholder: 'default' },
  accountId: { label: 'Account', placeholder: 'this account' },
  application: { label: 'Application', placeholder: '' },
  task: { label: 'Task', placeholder: 'all tasks' },
  status: { label: 'Status', placeholder: 'all' },
  queryType: { label: 'Kind of query', placeholder: 'application' },
  tag: { label: 'Tag', placeholder: 'key or key:value' },
};

/** Whose entries are listed where the query names no application. */
function describeNoApplication({ resource }: VariableQuery, { defaultApplication }: SourceDefaults): string {
  return defaultApplication || (resource === 'log-groups' ? 'choose an application' : 'all running');
}

/** A list that nobody has to be asked for. */
const KNOWN = { isLoading: false };

const STATUSES: Choice[] = [
  { value: 'running', label: 'running' },
  { value: 'stopped', label: 'stopped' },
  { value: 'all', label: 'all' },
];

/** The kinds that show numbers. */
const KIND_CHOICES: Choice[] = KINDS.filter((kind) => ROWS[kind].numbersOf !== undefined).map((kind) => ({
  value: kind,
  label: kind,
}));

const ALL_RUNNING: Choice[] = [
  { value: '*', label: 'All running', description: 'every application that is not stopped' },
];

function pick(query: VariableQuery, ...fields: VariableField[]): ResourceArguments {
  return Object.fromEntries(fields.map((field) => [field, query[field]]));
}

interface FetchedProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  source: ResourceSource;
  path: 'regions' | 'accounts' | 'applications' | 'tasks';
  args: ResourceArguments;
  /** Offered before what is fetched. */
  others?: Choice[];
  width?: number;
}

function Fetched({ source, path, args, others = [], ...field }: FetchedProps) {
  const answer = useChoices(source, path, args);
  return <SingleSelect {...field} {...answer} choices={[...others, ...variableChoices(), ...answer.choices]} />;
}
