// One value of a drop-down, also a typed one unless the list is complete.
import React, { useId, useMemo } from 'react';
import { Combobox } from '@grafana/ui';
import type { Choices } from '../../hooks/useChoices';
import { Labelled } from './Labelled';
import type { FieldProps } from './Labelled';
import { shownText, toOption } from './options';

interface OneProps extends FieldProps, Choices {
  value: string | undefined;
  placeholder?: string;
  /** In units of the theme's spacing; without it as wide as there is room. */
  width?: number;
  onChange: (value: string | undefined) => void;
}

export function One({
  label,
  error,
  hint,
  value,
  choices,
  isLoading,
  placeholder,
  width,
  onChange,
  failure,
}: OneProps) {
  const inputId = useId();
  const options = useMemo(() => choices.map(toOption), [choices]);
  return (
    <Labelled label={label} inputId={inputId} error={error} hint={hint ?? failure} isWide={width === undefined}>
      <Combobox
        id={inputId}
        options={options}
        value={value === undefined ? null : shownText(value)}
        placeholder={placeholder}
        loading={isLoading}
        invalid={error !== undefined}
        width={width}
        createCustomValue
        isClearable
        onChange={(option) => {
          onChange(option?.value);
        }}
      />
    </Labelled>
  );
}
