// A field: its label, its input, and beneath it what is wrong or worth knowing. It looks like the EditorField of
// @grafana/plugin-ui, which would say nothing beneath the input but errors, and names no group of radio buttons.
import React, { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FieldValidationMessage, useStyles2 } from '@grafana/ui';

/** What every field takes. */
export interface FieldProps {
  label: string;
  /** What is wrong with the value. */
  error?: string | undefined;
  /** What is worth knowing about the value. */
  hint?: string | undefined;
}

interface LabeledFieldProps extends FieldProps {
  /** The input that the label names; a group of inputs names itself. */
  inputId?: string;
  /** Takes the room that is left in its row; otherwise as wide as its input. */
  isWide?: boolean;
  children: ReactNode;
}

export function LabeledField({ label, error, hint, inputId, isWide, children }: LabeledFieldProps) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const [errorId, hintId] = [`${id}-error`, `${id}-hint`];
  const boxRef = useDescription([error && errorId, hint && hintId].filter(Boolean).join(' '));
  return (
    <div className={isWide ? styles.wide : styles.field}>
      {inputId === undefined ? (
        <div className={styles.label} aria-hidden>
          {label}
        </div>
      ) : (
        <label className={styles.label} htmlFor={inputId}>
          {label}
        </label>
      )}
      <div ref={boxRef}>{children}</div>
      {error && (
        <div id={errorId}>
          <FieldValidationMessage className={styles.error}>{error}</FieldValidationMessage>
        </div>
      )}
      {/* It is there before it says something, else its first words would not be read out. */}
      <div id={hintId} aria-live="polite">
        {hint && <div className={cx(styles.hint, !isWide && styles.narrowHint)}>{hint}</div>}
      </div>
    </div>
  );
}

/** Ties the texts of these ids to the input. Grafana's Select has descriptions of its own, sets them anew, and takes no others. */
function useDescription(ids: string) {
  const boxRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = boxRef.current;
    const input = box?.querySelector('[role="radiogroup"]') ?? box?.querySelector('input');
    const wanted = ids.split(' ').filter((id) => id !== '');
    if (!input || wanted.length === 0) {
      return undefined;
    }
    const present = () => (input.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '');
    const tie = () => {
      const missing = wanted.filter((id) => !present().includes(id));
      if (missing.length > 0) {
        input.setAttribute('aria-describedby', [...present(), ...missing].join(' '));
      }
    };
    tie();
    const observer = new MutationObserver(tie);
    observer.observe(input, { attributeFilter: ['aria-describedby'] });
    return () => {
      observer.disconnect();
      input.setAttribute(
        'aria-describedby',
        present()
          .filter((id) => !wanted.includes(id))
          .join(' ')
      );
    };
  }, [ids]);
  return boxRef;
}

const getStyles = (theme: GrafanaTheme2) => ({
  field: css({ maxWidth: '100%' }),
  wide: css({ flex: '1 1 240px', minWidth: 0, maxWidth: '100%' }),
  label: css({
    display: 'block',
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    lineHeight: theme.typography.bodySmall.lineHeight,
    marginBottom: theme.spacing(0.5),
  }),
  error: css({ marginTop: theme.spacing(0.5) }),
  hint: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    marginTop: theme.spacing(0.5),
    // Hints are sentences: longer lines are hard to read.
    maxWidth: 480,
  }),
  // Beside a narrow input they would make the row too wide.
  narrowHint: css({ maxWidth: 280 }),
});
