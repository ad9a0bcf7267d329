// Several values of a drop-down, also typed ones. What is picked in an open menu counts when the menu is closed: each change of a query is
// a run, and each run is billed.
import type { ReactNode } from 'react';
import React, { useId, useRef, useState } from 'react';
import { MultiSelect, Stack } from '@grafana/ui';
import { isEqual } from 'lodash';
import type { Choices } from '../../hooks/useChoices';
import { withoutContradiction } from '../../query/change';
import { LabeledField } from './LabeledField';
import type { FieldProps } from './LabeledField';
import { optionOf } from './select_options';
import { useMenu } from './useMenu';

interface MultiSelectFieldProps extends FieldProps, Choices {
  values: string[] | undefined;
  /** What stands for no value. */
  placeholder: string;
  emptyText?: string | undefined;
  /** Beside the input: what is chosen with one click. */
  action?: ReactNode;
  onChange: (values: string[]) => void;
}

export function MultiSelectField(props: MultiSelectFieldProps) {
  const { label, error, hint, values: saved = [], placeholder, action, onChange, ...list } = props;
  const inputId = useId();
  /** What has been picked in the open menu. */
  const [picked, setPicked] = useState<string[]>();
  /** The same at once: one key may pick and close. */
  const latest = useRef<string[]>(undefined);
  const pick = (values: string[] | undefined) => {
    latest.current = values;
    setPicked(values);
  };
  const menu = useMenu({
    ...list,
    onOpenMenu: () => {
      pick(saved);
    },
    onCloseMenu: () => {
      const values = latest.current;
      pick(undefined);
      if (values !== undefined && !isEqual(values, saved)) {
        onChange(values);
      }
    },
  });
  const values = picked ?? saved;
  return (
    <LabeledField {...{ label, error, inputId }} hint={hint ?? list.failure} isWide>
      <Stack gap={1}>
        <MultiSelect<string, { 'aria-invalid': boolean }>
          {...menu}
          inputId={inputId}
          value={values.map((value) => optionOf(value, list.choices))}
          placeholder={placeholder}
          invalid={error !== undefined}
          aria-invalid={error !== undefined}
          closeMenuOnSelect={false}
          // On touch screens it would close the menu.
          blurInputOnSelect={false}
          hideSelectedOptions={false}
          onChange={(options: { value?: string }[]) => {
            const texts = options.flatMap(({ value }) => value?.trim() || []);
            const wanted = withoutContradiction(values, texts);
            if (latest.current === undefined) {
              onChange(wanted);
            } else {
              pick(wanted);
            }
          }}
        />
        {action}
      </Stack>
    </LabeledField>
  );
}
