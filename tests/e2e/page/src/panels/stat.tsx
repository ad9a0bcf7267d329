import React from 'react';
import {
  FieldType,
  PanelPlugin,
  VizOrientation,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type DisplayValueAlignmentFactors,
  type FieldDisplay,
  type PanelProps,
} from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, VizRepeater, useTheme2 } from '@grafana/ui';
import { Message } from './message';

function StatPanel({ data, width, height, fieldConfig, replaceVariables, timeZone }: PanelProps) {
  const theme = useTheme2();
  if (!data.series.some(({ fields }) => fields.some(({ type }) => type === FieldType.number))) {
    return <Message data={data} />;
  }
  const getValues = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: { calcs: ['lastNotNull'], values: false },
      replaceVariables,
      theme,
      data: data.series,
      sparkline: true,
      timeZone,
    });
  return (
    <VizRepeater<FieldDisplay, DisplayValueAlignmentFactors>
      getValues={getValues}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width, height, count }) => (
        <BigValue
          value={value.display}
          count={count}
          {...(value.sparkline && { sparkline: value.sparkline })}
          colorMode={BigValueColorMode.Value}
          graphMode={BigValueGraphMode.Area}
          alignmentFactors={alignmentFactors}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      source={data}
      renderCounter={data.structureRev ?? 0}
      autoGrid
      orientation={VizOrientation.Auto}
      width={width}
      height={height}
    />
  );
}

export const stat = new PanelPlugin(StatPanel).useFieldConfig();
