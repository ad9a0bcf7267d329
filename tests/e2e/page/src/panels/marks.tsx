// Events of annotations on a graph: a dashed line where one is, and a shade between two over the time that one lasts.
// Grafana's own panel draws them so, but its packages have no part for it.
import React, { useLayoutEffect, useReducer, useState } from 'react';
import { createPortal } from 'react-dom';
import { css } from '@emotion/css';
import { colorManipulator, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, type UPlotConfigBuilder } from '@grafana/ui';
import type uPlot from 'uplot';
import type { AnnotationRow } from '../services/annotations';

export function Marks({ config, events }: { config: UPlotConfigBuilder; events: AnnotationRow[] }) {
  const styles = useStyles2(markStyles);
  const [plot, setPlot] = useState<uPlot>();
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  useLayoutEffect(() => {
    config.addHook('init', setPlot);
    config.addHook('draw', redraw);
  }, [config]);
  const { min, max } = plot?.scales.x ?? {};
  if (plot === undefined || typeof min !== 'number' || typeof max !== 'number') {
    return null;
  }
  const marks = events.flatMap(({ time, timeEnd = time, title }, index) => {
    if (timeEnd < min || time > max) {
      return [];
    }
    const [left, right] = [Math.max(time, min), Math.min(timeEnd, max)].map((at) => plot.valToPos(at, 'x'));
    const place = { left, width: Math.max(1, (right ?? 0) - (left ?? 0)) };
    return [<div key={index} className={styles} style={place} title={title} data-testid="annotation-mark" />];
  });
  return createPortal(marks, plot.over);
}

const markStyles = (theme: GrafanaTheme2) =>
  css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxSizing: 'border-box',
    borderInline: `1px dashed ${theme.colors.warning.main}`,
    background: colorManipulator.alpha(theme.colors.warning.main, 0.1),
  });
