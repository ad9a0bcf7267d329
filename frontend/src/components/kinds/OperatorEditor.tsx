// Signals per task, operator or subtask.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import { useChoices } from '../../hooks/useChoices';
import type { Choices } from '../../hooks/useChoices';
import { ALL, setLevel, setOperators, setTasks } from '../../query/change';
import type { Choice, OperatorQuery } from '../../types';
import { applicationsAsked, placeOf } from '../editor';
import type { EditorProps } from '../editor';
import { MultiSelectField } from '../fields/MultiSelectField';
import { variableChoices } from '../fields/select_options';
import { Radio } from '../fields/Radio';
import { SignalsEditor } from './SignalsEditor';

const LEVELS = [
  { value: 'task', label: 'Task', description: 'operators chained together, as the job graph shows them' },
  { value: 'operator', label: 'Operator', description: 'single operators; records only, as they have no thread' },
  { value: 'subtask', label: 'Subtask', description: 'parallel instances; many lines, so limit them' },
] as const;

export function OperatorEditor(props: EditorProps<OperatorQuery>) {
  const { query, onEdit, source, errors, gaps } = props;
  const level = query.level ?? 'task';
  return (
    <>
      <EditorRow>
        <Radio
          label="Level"
          options={LEVELS}
          value={level}
          error={errors.level}
          onChange={(level) => {
            onEdit(setLevel(query, level));
          }}
        />
        <Targets query={query} onEdit={onEdit} source={source} errors={errors} gaps={gaps} />
      </EditorRow>
      <SignalsEditor {...props} />
    </>
  );
}

/** Which tasks and operators. At the level of tasks operators restrict nothing, so they are not asked for. */
function Targets({
  query,
  onEdit,
  source,
  errors,
  gaps,
}: Omit<EditorProps<OperatorQuery>, 'signals' | 'isOfAnnotation'>) {
  const application = applicationsAsked(query, source);
  const place = placeOf(query);
  const hasOperators = query.level === 'operator' || query.level === 'subtask';
  const tasks = useChoices(source, 'tasks', { ...place, application });
  const task = query.tasks?.join(',');
  const operators = useChoices(source, 'operators', hasOperators ? { ...place, application, task } : null);
  return (
    <>
      <MultiSelectField
        label="Tasks"
        {...targets(tasks, 'All tasks')}
        values={query.tasks}
        placeholder="all tasks"
        error={errors.tasks}
        hint={gaps.level ?? emptyReason(tasks, 'tasks')}
        onChange={(names) => {
          onEdit(setTasks(query, names));
        }}
      />
      {(hasOperators || query.operators !== undefined) && (
        <MultiSelectField
          label="Operators"
          {...targets(operators, 'All operators')}
          values={query.operators}
          placeholder="all operators"
          error={errors.operators}
          hint={hasOperators ? emptyReason(operators, 'operators') : 'The level of tasks does not look at operators.'}
          onChange={(names) => {
            onEdit(setOperators(query, names));
          }}
        />
      )}
    </>
  );
}

function targets(found: Choices, all: string): Choices {
  const everything: Choice = { value: ALL, label: all, description: 'or a pattern such as /window/', group: 'Several' };
  const choices = found.choices.map((choice) => ({ ...choice, group: choice.group ?? 'Current job' }));
  return { ...found, choices: [everything, ...variableChoices(), ...choices] };
}

/** Of a list that failed, is on its way or was never asked for nothing is known. */
function emptyReason({ choices, isKnown }: Choices, names: string): string | undefined {
  return isKnown && choices.length === 0
    ? `There are no ${names}: the application has published none lately, or its metrics level is too low.`
    : undefined;
}
