// A text that counts when it is complete: when the input is left or Enter is pressed.
import React, { useId, useState } from 'react';
import { Input } from '@grafana/ui';
import { LabeledField } from './LabeledField';
import type { FieldProps } from './LabeledField';
import { shownText } from './select_options';

interface TextFieldProps extends FieldProps {
  value: string | number | undefined;
  placeholder: string;
  width: number;
  /** What a text that is being typed may become; the browser offers it. */
  suggest?: (typed: string) => string[];
  onChange: (text: string) => void;
}

export function TextField({ label, error, hint, value, placeholder, width, suggest, onChange }: TextFieldProps) {
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
  const listId = `${inputId}-suggestions`;
  return (
    <LabeledField label={label} inputId={inputId} error={error} hint={hint}>
      <Input
        id={inputId}
        value={typed ?? saved}
        placeholder={placeholder}
        invalid={error !== undefined}
        width={width}
        {...(suggest && { list: listId, autoComplete: 'off' })}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onBlur={complete}
        onKeyDown={(event) => {
          // With Shift it runs the query, for which the field is left.
          if (event.key === 'Enter' && !event.shiftKey) {
            complete();
          }
        }}
      />
      {suggest && (
        <datalist id={listId}>
          {suggest(typed ?? saved).map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </LabeledField>
  );
}
