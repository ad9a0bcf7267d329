import React from 'react';
import { css } from '@emotion/css';
import type { FieldConfigSource, GrafanaTheme2, PanelData } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

interface Props {
  data: PanelData;
  fieldConfig: FieldConfigSource;
}

/** What Grafana's panels say instead of drawing: what the panel has for that, and never a word of the answer. */
export function Message({ data, fieldConfig }: Props) {
  const styles = useStyles2(messageStyles);
  const isDrawnElsewhere = data.series.some(({ length }) => length > 0);
  return (
    <p className={styles} data-testid="no-value">
      {isDrawnElsewhere
        ? 'This answer is a table: choose that panel.'
        : (fieldConfig.defaults.noValue ?? data.error?.message ?? 'No data')}
    </p>
  );
}

const messageStyles = (theme: GrafanaTheme2) =>
  css({ padding: theme.spacing(2), color: theme.colors.text.secondary, textAlign: 'center', margin: 'auto' });
