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
import { LegendDisplayMode, type VizLegendOptions } from '@grafana/schema';
import { SeriesTable, TimeSeries, TooltipPlugin2 } from '@grafana/ui';
import { Message } from './message';

const LEGEND: VizLegendOptions = {
  displayMode: LegendDisplayMode.List,
  placement: 'bottom',
  showLegend: true,
  calcs: [],
};
/** One point in time, all series: the value of an enum that exists at compile time only. */
const ONE_TIME_ALL_SERIES = 1;

function isDrawable({ fields, length }: DataFrame): boolean {
  const has = (type: FieldType) => fields.some((field) => field.type === type);
  return length > 0 && has(FieldType.time) && has(FieldType.number);
}

function TimeSeriesPanel({ data, width, height, timeRange, timeZone }: PanelProps) {
  const frames = data.series.filter(isDrawable);
  if (frames.length === 0) {
    return <Message data={data} />;
  }
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev ?? 0}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone={timeZone}
      legend={LEGEND}
    >
      {(config, aligned) => (
        <TooltipPlugin2
          config={config}
          hoverMode={ONE_TIME_ALL_SERIES}
          render={(_plot, indices) => <Values aligned={aligned} indices={indices} timeZone={timeZone} />}
        />
      )}
    </TimeSeries>
  );
}

interface ValuesProps {
  aligned: DataFrame;
  /** Which point of each field is under the pointer. */
  indices: Array<number | null>;
  timeZone: string;
}

function Values({ aligned, indices, timeZone }: ValuesProps) {
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
    return [{ label: getFieldDisplayName(field, aligned), value, ...(shown.color && { color: shown.color }) }];
  });
  const timestamp = moment === undefined ? '' : dateTimeFormat(moment, { timeZone });
  return <SeriesTable timestamp={timestamp} series={series} />;
}

export const timeSeries = new PanelPlugin(TimeSeriesPanel).useFieldConfig({
  standardOptions: { [FieldConfigProperty.Color]: { defaultValue: { mode: FieldColorModeId.PaletteClassic } } },
});
