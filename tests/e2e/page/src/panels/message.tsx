import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, PanelData } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

/** What a panel says instead of drawing; the reason is a notice of the answer or an error. */
export function Message({ data }: { data: PanelData }) {
  const styles = useStyles2(messageStyles);
  const isDrawnElsewhere = data.series.some(({ length }) => length > 0);
  const notices = data.series.flatMap((frame) => frame.meta?.notices ?? []);
  const reason = isDrawnElsewhere ? 'This answer is a table: choose that panel.' : notices[0]?.text;
  return (
    <p className={styles} data-testid="no-value">
      {data.error?.message ?? reason ?? 'No data'}
    </p>
  );
}

const messageStyles = (theme: GrafanaTheme2) =>
  css({ padding: theme.spacing(2), color: theme.colors.text.secondary, textAlign: 'center', margin: 'auto' });
