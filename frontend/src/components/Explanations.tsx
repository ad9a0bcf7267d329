// The last lines of the editor, where they are wanted: what the chosen signals mean, in words and formula.
import React, { useId } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Switch, useStyles2 } from '@grafana/ui';
import type { Explanation } from '../query/kinds/kind';

/** More explanations than these are folded: a fleet table has twelve columns. */
const FEW = 3;

/** Whether they are shown: who knows the signals has no use for six lines in each row. */
export function ExplainSwitch({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  const id = useId();
  const styles = useStyles2(getStyles);
  // The label is not the switch's own: up to Grafana 12 that one is an `aria-label` where none may be.
  return (
    <span className={styles.toggle}>
      <label htmlFor={id}>Explain</label>
      <Switch
        id={id}
        value={isOn}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
    </span>
  );
}

export function Explanations({ explanations }: { explanations: Explanation[] }) {
  const styles = useStyles2(getStyles);
  if (explanations.length === 0) {
    return null;
  }
  const list = (
    <dl className={styles.list}>
      {explanations.map(({ title, meaning, facts }) => (
        <div key={title}>
          <dt className={styles.title}>{title}</dt>
          <dd className={styles.meaning}>
            {meaning} {facts.length > 0 && <span className={styles.facts}>{facts.join(' · ')}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
  if (explanations.length <= FEW) {
    return list;
  }
  return (
    <details>
      <summary className={styles.summary}>What these {explanations.length} signals mean</summary>
      {list}
    </details>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    ...theme.typography.bodySmall,
    margin: 0,
    padding: theme.spacing(0.5, 1),
    display: 'grid',
    gap: theme.spacing(0.5),
    maxWidth: 960,
  }),
  toggle: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  summary: css({ ...theme.typography.bodySmall, padding: theme.spacing(0.5, 1), cursor: 'pointer' }),
  title: css({ display: 'inline', fontWeight: theme.typography.fontWeightMedium, marginRight: theme.spacing(1) }),
  meaning: css({ display: 'inline', margin: 0, color: theme.colors.text.secondary }),
  facts: css({ color: theme.colors.text.secondary, fontStyle: 'italic' }),
});
