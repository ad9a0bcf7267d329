// A number of the settings: its default as placeholder, its unit, and what is wrong with it beside it.
import { Field, Input } from '@grafana/ui';
import React, { useState } from 'react';
import { describeSaved, findSettingError, parseSetting } from '../settings';
import type { NumberSetting } from '../settings';

interface Props {
  setting: NumberSetting;
  /** As saved: files may hold anything. */
  value: unknown;
  onChange: (value: number | string | undefined) => void;
}

export function NumberField({ setting, value, onChange }: Props) {
  const [typed, setTyped] = useState('');
  // "0." and "0.10" stay as typed while they mean what is saved.
  const text = Object.is(parseSetting(typed), value) ? typed : describeSaved(value);
  const error = findSettingError(value, setting);
  return (
    <Field
      label={setting.label}
      description={setting.description}
      htmlFor={setting.key}
      invalid={error !== undefined}
      error={error}
    >
      <Input
        id={setting.key}
        width={40}
        inputMode="decimal"
        aria-invalid={error !== undefined}
        placeholder={String(setting.preset)}
        suffix={setting.unit}
        value={text}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          onChange(parseSetting(event.currentTarget.value));
        }}
      />
    </Field>
  );
}
