import React from 'react';
import { PanelPlugin, VizOrientation, type PanelProps } from '@grafana/data';
import {
  BarGaugeDisplayMode,
  type BarGaugeNamePlacement,
  type BarGaugeValueMode,
  type VizTextDisplayOptions,
} from '@grafana/schema';
import { BarGauge, useTheme2 } from '@grafana/ui';
import { Values, type Drawn, type ValueOptions } from './values';

interface Options extends ValueOptions {
  displayMode?: BarGaugeDisplayMode;
  valueMode?: BarGaugeValueMode;
  namePlacement?: BarGaugeNamePlacement;
  text?: VizTextDisplayOptions;
  showUnfilled?: boolean;
  minVizHeight?: number;
  maxVizHeight?: number;
}

function BarGaugePanel(panel: PanelProps<Options>) {
  const { options } = panel;
  const theme = useTheme2();
  const orientation = options.orientation ?? VizOrientation.Horizontal;
  const draw = ({ value, alignmentFactors, width, height }: Drawn) => {
    const { field, display, view, colIndex } = value;
    const processor = view?.getFieldDisplayProcessor(colIndex ?? 0);
    return (
      <BarGauge
        value={display}
        field={field}
        {...(processor && { display: processor })}
        alignmentFactors={alignmentFactors}
        displayMode={options.displayMode ?? BarGaugeDisplayMode.Gradient}
        {...(options.text && { text: options.text })}
        {...(options.valueMode && { valueDisplayMode: options.valueMode })}
        {...(options.namePlacement && { namePlacement: options.namePlacement })}
        showUnfilled={options.showUnfilled ?? true}
        orientation={orientation}
        width={width}
        height={height}
        theme={theme}
      />
    );
  };
  return (
    <Values
      panel={panel}
      sparkline={false}
      orientation={orientation}
      layout={{ minVizHeight: options.minVizHeight ?? 16, maxVizHeight: options.maxVizHeight ?? 300 }}
      renderValue={draw}
    />
  );
}

export const barGauge: PanelPlugin = new PanelPlugin(BarGaugePanel).useFieldConfig();
