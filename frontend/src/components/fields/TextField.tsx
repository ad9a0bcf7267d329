// A text that counts when it is complete: when the input is left or Enter is pressed.
import React, { useId, useState } from 'react';
import { Input } from '@grafana/ui';
import { Labelled } from './Labelled';
import type { FieldProps } from './Labelled';
import { shownText } from './options';

interface TextFieldProps extends FieldProps {
  value: string | number | undefined;
  placeholder: string;
  width: number;
  onChange: (text: string) => void;
}

export function TextField({ label, error, hint, value, placeholder, width, onChange }: TextFieldProps) {
  const inputId = useId();
  const saved = value === undefined ? '' : shownText(value);
  /** What is being typed; without it the saved text shows, also when it changes from elsewhere. */
  const [typed, setTyped] = useState<string>();
  const complete = () => {
    if (typed !== undefined && typed !== saved) {
      onChange(typed);
    }
    setTyped(undefined);
  };
  return (
    <Labelled label={label} inputId={inputId} error={error} hint={hint}>
      <Input
        id={inputId}
        value={typed ?? saved}
        placeholder={placeholder}
        invalid={error !== undefined}
        width={width}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onBlur={complete}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            complete();
          }
        }}
      />
    </Labelled>
  );
}
