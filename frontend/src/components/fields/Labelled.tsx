// A field: its label, its input, and beneath it what is wrong or worth knowing.
import React from 'react';
import type { ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import { useStyles2 } from '@grafana/ui';

/** What every field takes. */
export interface FieldProps {
  label: string;
  /** What is wrong with the value. */
  error?: string;
  /** What is worth knowing about the value. */
  hint?: ReactNode;
}

interface LabelledProps extends FieldProps {
  inputId: string;
  /** Takes the room that is left in its row; otherwise as wide as its input. */
  isWide?: boolean;
  children: ReactNode;
}

export function Labelled({ label, error, hint, inputId, isWide, children }: LabelledProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={isWide ? styles.wide : undefined}>
      <EditorField label={label} invalid={error !== undefined} error={error}>
        <Body id={inputId} hint={hint}>
          {children}
        </Body>
      </EditorField>
    </div>
  );
}

interface BodyProps {
  /** Read by the field, whose label points to it. */
  id: string;
  hint?: ReactNode;
  children: ReactNode;
}

/** Stands between the field and its input, which gets its properties from us and not from the field. */
function Body({ children, hint }: BodyProps) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {children}
      {hint !== undefined && hint !== '' && <div className={styles.hint}>{hint}</div>}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  wide: css({ flex: '1 1 240px', minWidth: 0, maxWidth: '100%' }),
  hint: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    marginTop: theme.spacing(0.5),
    maxWidth: 720,
  }),
});
