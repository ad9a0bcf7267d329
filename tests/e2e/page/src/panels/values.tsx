// What stat and bar gauge have in common: each series or row becomes one value, and the values share the panel.
import React, { type ReactNode } from 'react';
import {
  FieldType,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type DisplayValueAlignmentFactors,
  type FieldDisplay,
  type PanelProps,
  type ReduceDataOptions,
  type VizOrientation,
} from '@grafana/data';
import { VizRepeater, useTheme2, type VizRepeaterRenderValueProps } from '@grafana/ui';
import { Message } from './message';

export interface ValueOptions {
  reduceOptions?: ReduceDataOptions;
  orientation?: VizOrientation;
}

const NEWEST: ReduceDataOptions = { calcs: ['lastNotNull'], values: false };

export type Drawn = VizRepeaterRenderValueProps<FieldDisplay, DisplayValueAlignmentFactors>;

interface Props<Options extends ValueOptions> {
  panel: PanelProps<Options>;
  sparkline: boolean;
  orientation: VizOrientation;
  layout?: { autoGrid: true } | { minVizHeight: number; maxVizHeight: number };
  renderValue: (drawn: Drawn) => React.JSX.Element;
}

export function Values<Options extends ValueOptions>(props: Props<Options>): ReactNode {
  const { panel, sparkline, orientation, layout, renderValue } = props;
  const { data, width, height, options, fieldConfig, replaceVariables, timeZone } = panel;
  const theme = useTheme2();
  const isDrawable =
    data.series.some(({ fields, length }) => length > 0 && fields.some(({ type }) => type === FieldType.number)) ||
    options.reduceOptions?.fields !== undefined;
  if (!isDrawable && fieldConfig.defaults.noValue === undefined) {
    return <Message data={data} fieldConfig={fieldConfig} />;
  }
  const getValues = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions ?? NEWEST,
      replaceVariables,
      theme,
      data: data.series,
      sparkline,
      timeZone,
    });
  return (
    <VizRepeater<FieldDisplay, DisplayValueAlignmentFactors>
      {...layout}
      getValues={getValues}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={renderValue}
      source={data}
      renderCounter={panel.renderCounter}
      orientation={orientation}
      width={width}
      height={height}
    />
  );
}
