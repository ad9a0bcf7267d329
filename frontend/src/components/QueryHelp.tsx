// The help sheet of Explore and of an empty query: ready queries by task, each one click away.
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { ALL } from '../query/change';
import { hasApplications } from '../query/defaults';
import type { SourceDefaults } from '../query/defaults';
import { EXAMPLES } from '../query/examples';
import type { FlinkQuery } from '../types';

type Props = Pick<QueryEditorHelpProps<FlinkQuery>, 'onClickExample'> & {
  /** The query whose help this is, if there is one. */
  query?: FlinkQuery;
  /** Grafana's type does not know that it is ours. */
  datasource?: object;
};

export function QueryHelp({ onClickExample, query: open, datasource }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.sheet}>
      <h2 className={styles.title}>Ready queries</h2>
      <p className={styles.advice}>
        They use the applications of your query, or the default application of the data source, or all that are running.
        You can change them in the field Applications.
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
                    onClickExample(withApplicationsOf(query, open, datasource));
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

/** A click on an example is the wish to see it: without an application it would ask nothing. */
function withApplicationsOf(
  example: FlinkQuery,
  open: FlinkQuery | undefined,
  source: SourceDefaults = {}
): FlinkQuery {
  if (open?.applications?.length && example.applications === undefined) {
    return { ...example, applications: open.applications };
  }
  return hasApplications(example, source) ? example : { ...example, applications: [ALL] };
}

const getStyles = (theme: GrafanaTheme2) => ({
  sheet: css({ display: 'grid', gap: theme.spacing(2) }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  task: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  examples: css({ display: 'grid', gap: theme.spacing(1), listStyle: 'none', margin: 0, padding: 0 }),
  example: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1.5) }),
  advice: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, margin: 0 }),
});
