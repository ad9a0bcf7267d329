// Several values of a drop-down, also typed ones.
import React, { useCallback, useId, useMemo, useState } from 'react';
import { MultiCombobox } from '@grafana/ui';
import type { Choices } from '../../hooks/useChoices';
import { Labelled } from './Labelled';
import type { FieldProps } from './Labelled';
import { shownText, toOption } from './options';

interface ManyProps extends FieldProps, Choices {
  values: string[] | undefined;
  /** What stands for no value. */
  placeholder: string;
  onChange: (values: string[]) => void;
}

export function Many({
  label,
  error,
  hint,
  values = [],
  choices,
  isLoading,
  placeholder,
  onChange,
  failure,
}: ManyProps) {
  const { inputId, boxRef } = useInputId();
  const options = useMemo(() => choices.map(toOption), [choices]);
  const chosen = values
    .map(shownText)
    .map((value) => options.find((option) => option.value === value) ?? { value, label: value });
  return (
    <Labelled label={label} inputId={inputId} error={error} hint={hint ?? failure} isWide>
      <div ref={boxRef}>
        <MultiCombobox<string>
          id={inputId}
          options={options}
          value={chosen}
          placeholder={placeholder}
          loading={isLoading}
          invalid={error !== undefined}
          createCustomValue
          isClearable
          onChange={(options) => {
            onChange(options.map((option) => option.value));
          }}
        />
      </div>
    </Labelled>
  );
}

/** The id of the input. MultiCombobox of Grafana 11.6 does not take ours but has one of its own, which the label needs. */
function useInputId() {
  const wanted = useId();
  const [inputId, setInputId] = useState(wanted);
  const boxRef = useCallback((box: HTMLElement | null) => {
    const id = box?.querySelector('input')?.id;
    if (id) {
      setInputId(id);
    }
  }, []);
  return { inputId, boxRef };
}
