// One value of a drop-down, also a typed one.
import React, { useId } from 'react';
import { Select } from '@grafana/ui';
import type { Choices } from '../../hooks/useChoices';
import { LabeledField } from './LabeledField';
import type { FieldProps } from './LabeledField';
import { optionOf } from './select_options';
import { useMenu } from './useMenu';

interface SingleSelectProps extends FieldProps, Choices {
  value: string | undefined;
  placeholder?: string;
  /** In units of the theme's spacing; without it as wide as there is room. */
  width?: number;
  emptyText?: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function SingleSelect({
  label,
  error,
  hint,
  value,
  placeholder = '',
  width,
  onChange,
  ...list
}: SingleSelectProps) {
  const inputId = useId();
  const menu = useMenu(list);
  return (
    <LabeledField {...{ label, error, inputId }} hint={hint ?? list.failure} isWide={width === undefined}>
      <Select<string, { 'aria-invalid': boolean }>
        {...menu}
        inputId={inputId}
        value={value === undefined ? null : optionOf(value, list.choices)}
        placeholder={placeholder}
        invalid={error !== undefined}
        aria-invalid={error !== undefined}
        width={width}
        onChange={(option) => {
          // Grafana's type knows no cleared value.
          onChange((option as typeof option | null)?.value);
        }}
      />
    </LabeledField>
  );
}
