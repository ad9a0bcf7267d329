// A field: its label, its input, and beneath it what is wrong or worth knowing. It looks like the EditorField of
// @grafana/plugin-ui, which would say nothing beneath the input but errors, and names no group of radio buttons.
import React from 'react';
import type { ReactNode } from 'react';
import { css } from '@emotion/css';
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

interface LabelledProps extends FieldProps {
  /** The input that the label names; a group of inputs names itself. */
  inputId?: string;
  /** Takes the room that is left in its row; otherwise as wide as its input. */
  isWide?: boolean;
  children: ReactNode;
}

export function Labelled({ label, error, hint, inputId, isWide, children }: LabelledProps) {
  const styles = useStyles2(getStyles);
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
      {children}
      {error !== undefined && <FieldValidationMessage className={styles.error}>{error}</FieldValidationMessage>}
      {hint !== undefined && <div className={styles.hint}>{hint}</div>}
    </div>
  );
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
    // Hints are sentences: longer lines are hard to read, and beside a narrow input they make the row too wide.
    maxWidth: 480,
  }),
});
