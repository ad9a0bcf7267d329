// The help sheet of Explore and of an empty query: ready queries by task, each one click away.
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { EXAMPLES } from '../query/examples';
import type { FlinkQuery } from '../types';

export function QueryHelp({ onClickExample }: QueryEditorHelpProps<FlinkQuery>) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.sheet}>
      <h2 className={styles.title}>Ready queries</h2>
      <p className={styles.advice}>
        They read the default application of the data source, else all that run. Choose others in the field
        Applications.
      </p>
      {EXAMPLES.map(({ task, examples }) => (
        <section key={task} aria-label={task}>
          <h3 className={styles.task}>{task}</h3>
          <ul className={styles.examples}>
            {examples.map(({ title, advice, query }) => (
              <li key={title} className={styles.example}>
                <Button
                  variant="secondary"
                  size="sm"
                  onClick={() => {
                    onClickExample(query);
                  }}
                >
                  {title}
                </Button>
                <span className={styles.advice}>{advice}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  sheet: css({ display: 'grid', gap: theme.spacing(2) }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  task: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  examples: css({ display: 'grid', gap: theme.spacing(1), listStyle: 'none', margin: 0, padding: 0 }),
  example: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1.5) }),
  advice: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, margin: 0 }),
});
