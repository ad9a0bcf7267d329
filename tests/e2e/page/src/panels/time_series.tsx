import React from 'react';
import {
  FieldColorModeId,
  FieldConfigProperty,
  FieldType,
  PanelPlugin,
  dateTimeFormat,
  getFieldDisplayName,
  type DataFrame,
  type PanelProps,
} from '@grafana/data';
import {
  DashboardCursorSync,
  LegendDisplayMode,
  SortOrder,
  type VizLegendOptions,
  type VizTooltipOptions,
} from '@grafana/schema';
import { SeriesTable, TimeSeries, TooltipPlugin2, usePanelContext } from '@grafana/ui';
import { readEvents } from '../services/annotations';
import { customFields } from './fields';
import { Marks } from './marks';
import { Message } from './message';

const LEGEND: VizLegendOptions = {
  displayMode: LegendDisplayMode.List,
  placement: 'bottom',
  showLegend: true,
  calcs: [],
};
/** The scope under which TimeSeries shares the pointer. */
const EVERY_PANEL = '__global_';
/** One point in time, all series: the value of an enum that exists at compile time only. */
const ONE_TIME_ALL_SERIES = 1;

function isDrawable({ fields, length }: DataFrame): boolean {
  const has = (type: FieldType) => fields.some((field) => field.type === type);
  return length > 0 && has(FieldType.time) && has(FieldType.number);
}

interface Options {
  legend?: VizLegendOptions;
  tooltip?: VizTooltipOptions;
}

function TimeSeriesPanel({ data, width, height, options, fieldConfig, timeRange, timeZone }: PanelProps<Options>) {
  const { sync } = usePanelContext();
  const frames = data.series.filter(isDrawable);
  if (frames.length === 0) {
    return <Message data={data} fieldConfig={fieldConfig} />;
  }
  const events = readEvents(data.annotations ?? []);
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev ?? 0}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone={timeZone}
      legend={options.legend ?? LEGEND}
    >
      {(config, aligned) => (
        <>
          <TooltipPlugin2
            config={config}
            hoverMode={ONE_TIME_ALL_SERIES}
            syncMode={sync?.() ?? DashboardCursorSync.Off}
            syncScope={EVERY_PANEL}
            render={(_plot, indices) => (
              <Values
                aligned={aligned}
                indices={indices}
                timeZone={timeZone}
                order={options.tooltip?.sort ?? SortOrder.None}
              />
            )}
          />
          <Marks config={config} events={events} />
        </>
      )}
    </TimeSeries>
  );
}

interface ValuesProps {
  aligned: DataFrame;
  /** Which point of each field is under the pointer. */
  indices: Array<number | null>;
  timeZone: string;
  order: SortOrder;
}

function Values({ aligned, indices, timeZone, order }: ValuesProps) {
  const [time, ...fields] = aligned.fields;
  const timeIndex = indices[0];
  const moment = typeof timeIndex === 'number' ? (time?.values[timeIndex] as number | undefined) : undefined;
  const series = fields.flatMap((field, position) => {
    const index = indices[position + 1];
    const shown = typeof index === 'number' ? field.display?.(field.values[index]) : undefined;
    if (shown === undefined) {
      return [];
    }
    const value = `${shown.text}${shown.suffix ?? ''}`;
    const { numeric, color } = shown;
    return [{ label: getFieldDisplayName(field, aligned), value, numeric, ...(color && { color }) }];
  });
  if (order !== SortOrder.None) {
    const sign = order === SortOrder.Ascending ? 1 : -1;
    series.sort((one, other) => sign * (one.numeric - other.numeric));
  }
  const timestamp = moment === undefined ? '' : dateTimeFormat(moment, { timeZone });
  return <SeriesTable timestamp={timestamp} series={series} />;
}

export const timeSeries: PanelPlugin = new PanelPlugin(TimeSeriesPanel)
  .setDataSupport({ annotations: true, alertStates: false })
  .useFieldConfig({
    standardOptions: { [FieldConfigProperty.Color]: { defaultValue: { mode: FieldColorModeId.PaletteClassic } } },
    useCustomConfig: customFields({
      drawStyle: 'line',
      lineInterpolation: 'linear',
      lineWidth: 1,
      fillOpacity: 0,
      gradientMode: 'none',
      barAlignment: 0,
      barWidthFactor: 0.6,
      barMaxWidth: undefined,
      spanNulls: false,
      showPoints: 'auto',
      pointSize: 5,
      stacking: { mode: 'none', group: 'A' },
      axisPlacement: 'auto',
      axisLabel: '',
      axisSoftMin: undefined,
      axisSoftMax: undefined,
      axisGridShow: undefined,
      hideFrom: { tooltip: false, viz: false, legend: false },
      thresholdsStyle: { mode: 'off' },
    }),
  });
