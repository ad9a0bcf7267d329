// Account, and statistic, period and legend where the kind has them: right by default, so they are folded away behind a line that says what they are.
import React, { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { css } from '@emotion/css';
import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import { Icon, useStyles2 } from '@grafana/ui';
import { setLegend, setPeriod, setStatistic } from '../../query/change';
import { describeOptions } from '../../query/describe';
import { hasField } from '../../query/kinds/registry';
import { completeLegend, legendWords } from '../../query/legend';
import type { Problems } from '../../query/fields';
import type { Choice, FlinkQuery } from '../../types';
import type { EditorSource } from '../editor';
import { AccountField } from './PlaceFields';
import { SingleSelect } from './SingleSelect';
import { variableChoices } from './select_options';
import { TextField } from './TextField';

interface OptionsProps {
  query: FlinkQuery;
  /** The last answer of the panel. */
  series: DataFrame[] | undefined;
  source: EditorSource;
  errors: Problems;
  onEdit: (query: FlinkQuery) => void;
  /** Beside the line. */
  action: ReactNode;
  /** What stands under the fields when they are open. */
  children: ReactNode;
}

const STATISTICS: Choice[] = [
  { value: 'Average', label: 'Average', description: 'the mean of all samples, so of one subtask or TaskManager' },
  { value: 'Minimum', label: 'Minimum', description: 'the lowest sample' },
  { value: 'Maximum', label: 'Maximum', description: 'the highest sample, so the hottest subtask or TaskManager' },
  { value: 'Sum', label: 'Sum', description: 'four samples a minute of every subtask added up' },
  { value: 'SampleCount', label: 'SampleCount', description: 'how many samples there are' },
  { value: 'p50', label: 'p50', description: 'the median' },
  { value: 'p90', label: 'p90', description: 'a percentile; type any other, such as p99.9' },
  { value: 'p95', label: 'p95' },
  { value: 'p99', label: 'p99' },
];

export function Options({ query, series, source, errors, onEdit, action, children }: OptionsProps) {
  const styles = useStyles2(getStyles);
  const contentId = useId();
  const [isUnfolded, setUnfolded] = useState(false);
  /** An error must not hide. */
  const isOpen = isUnfolded || Boolean(errors.accountId ?? errors.statistic ?? errors.period ?? errors.legend);
  return (
    <EditorRow>
      <div className={styles.box}>
        <div className={styles.line}>
          <button
            type="button"
            className={styles.header}
            aria-expanded={isOpen}
            aria-controls={contentId}
            onClick={() => {
              setUnfolded(!isOpen);
            }}
          >
            <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
            <span className={styles.title}>Options</span>
            <span className={styles.summary}>{describeOptions(query).join(' · ')}</span>
          </button>
          {action}
        </div>
        <div id={contentId} hidden={!isOpen}>
          {isOpen && (
            <>
              <OptionFields {...{ query, series, source, errors, onEdit }} />
              <div className={styles.below}>{children}</div>
            </>
          )}
        </div>
      </div>
    </EditorRow>
  );
}

function OptionFields({ query, series, source, errors, onEdit }: Omit<OptionsProps, 'action' | 'children'>) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.fields}>
      <AccountField {...{ query, source, errors, onEdit }} />
      {hasField(query, 'statistic') && (
        <SingleSelect
          label="Statistic"
          choices={[...STATISTICS, ...variableChoices()]}
          isLoading={false}
          value={query.statistic}
          placeholder="auto"
          width={24}
          error={errors.statistic}
          hint="Auto uses the right one for each signal."
          onChange={(statistic) => {
            onEdit(setStatistic(query, statistic));
          }}
        />
      )}
      {hasField(query, 'period') && (
        <TextField
          label="Period"
          value={query.period}
          placeholder="auto"
          width={24}
          error={errors.period}
          hint="Auto follows the time range and the width of the panel. Or enter seconds or a duration such as 5m."
          onChange={(period) => {
            onEdit(setPeriod(query, period));
          }}
        />
      )}
      {hasField(query, 'legend') && (
        <TextField
          label="Legend"
          value={query.legend}
          placeholder="auto"
          width={36}
          error={errors.legend}
          hint="Auto names what the lines differ in. Or enter a text with labels such as {{application}} or {{task}}; type {{ to see all of them."
          suggest={(typed) => completeLegend(typed, legendWords(query, series))}
          onChange={(legend) => {
            onEdit(setLegend(query, legend));
          }}
        />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({ width: '100%' }),
  line: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
  below: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1, 2),
    marginTop: theme.spacing(1),
  }),
  header: css({
    ...theme.typography.bodySmall,
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    columnGap: theme.spacing(1),
    width: '100%',
    padding: 0,
    border: 'none',
    background: 'none',
    color: theme.colors.text.primary,
    textAlign: 'left',
  }),
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  summary: css({ color: theme.colors.text.secondary }),
  fields: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 2), marginTop: theme.spacing(1) }),
});
