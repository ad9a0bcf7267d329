// One of a few words, all in sight.
import React, { useId } from 'react';
import { RadioButtonGroup } from '@grafana/ui';
import { LabeledField } from './LabeledField';

interface RadioProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string; description?: string }[];
  value: T;
  error?: string | undefined;
  onChange: (value: T) => void;
}

export function Radio<T extends string>({ label, options, value, error, onChange }: RadioProps<T>) {
  const id = useId();
  return (
    <LabeledField label={label} error={error}>
      <RadioButtonGroup id={id} aria-label={label} options={[...options]} value={value} onChange={onChange} />
    </LabeledField>
  );
}
