// What a dashboard variable lists: a drop-down of the backend, narrowed down by what that list knows.
import { FieldValidationMessage, Stack } from '@grafana/ui';
import React, { useEffect, useRef } from 'react';
import { useChoices, useListAtOnce } from '../hooks/useChoices';
import type { SourceDefaults } from '../query/defaults';
import { ARGUMENTS, LISTS } from '../query/lists';
import type { ListArgument } from '../query/lists';
import {
  DEFAULT_VARIABLE,
  argumentsOf,
  argumentsOfList,
  setField,
  setResource,
  variableLists,
} from '../query/variable';
import type { ResourceArguments, ResourceSource } from '../resources';
import type { Choice, ResourcePath, VariableQuery } from '../types';
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
        {LISTS[query.resource].arguments.map((name) => (
          <Narrowing key={name} name={name} query={query} source={datasource} onChange={onChange} />
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
  name: ListArgument;
  query: VariableQuery;
  source: ResourceSource & SourceDefaults;
  onChange: (query: VariableQuery) => void;
}

function Narrowing({ name, query, source, onChange }: NarrowingProps) {
  const { list, hint, choices = [], ...field } = ARGUMENTS[name];
  const shown = {
    ...field,
    placeholder: name === 'application' ? describeNoApplication(query, source, field.placeholder) : field.placeholder,
    value: query[name],
    onChange: (value: string | undefined) => {
      onChange(setField(query, name, value?.trim()));
    },
  };
  if (list !== undefined) {
    return <Fetched {...shown} source={source} path={list} args={argumentsOfList(list, query)} others={choices} />;
  }
  return choices.length > 0 ? (
    <SingleSelect {...shown} {...KNOWN} choices={[...choices]} />
  ) : (
    <TextField {...shown} width={30} hint={hint} />
  );
}

/** Whose entries are listed where the query names no application. */
function describeNoApplication({ resource }: VariableQuery, source: SourceDefaults, otherwise: string): string {
  return source.defaultApplication || (resource === 'log-groups' ? 'choose an application' : otherwise);
}

/** A list that nobody has to be asked for. */
const KNOWN = { isLoading: false };

interface FetchedProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  source: ResourceSource;
  path: ResourcePath;
  args: ResourceArguments;
  /** Offered before what is fetched. */
  others: readonly Choice[];
  width?: number;
}

function Fetched({ source, path, args, others, ...field }: FetchedProps) {
  const answer = useChoices(source, path, args);
  return <SingleSelect {...field} {...answer} choices={[...others, ...variableChoices(), ...answer.choices]} />;
}
