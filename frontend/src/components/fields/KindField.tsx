// What a query asks for.
import React, { useId } from 'react';
import type { SelectableValue } from '@grafana/data';
import { Select } from '@grafana/ui';
import type { Kind } from '../../types';
import { LabeledField } from './LabeledField';

const KIND_OPTIONS: SelectableValue<Kind>[] = [
  { value: 'application', label: 'Application', description: 'throughput, lag, restarts, resources, cost' },
  { value: 'operator', label: 'Operator', description: 'signals per task, operator or subtask' },
  { value: 'checkpoint', label: 'Checkpoint', description: 'duration, size, failures' },
  { value: 'metric', label: 'Metric', description: 'any CloudWatch metric by name' },
];

interface KindFieldProps {
  kind: Kind;
  error?: string | undefined;
  onChange: (kind: Kind) => void;
}

export function KindField({ kind, error, onChange }: KindFieldProps) {
  const inputId = useId();
  return (
    <LabeledField label="Query" inputId={inputId} error={error}>
      <Select<Kind>
        inputId={inputId}
        options={KIND_OPTIONS}
        value={KIND_OPTIONS.find(({ value }) => value === kind) ?? { value: kind, label: kind }}
        width={20}
        onChange={({ value }) => {
          if (value !== undefined) {
            onChange(value);
          }
        }}
      />
    </LabeledField>
  );
}
