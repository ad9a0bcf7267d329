import React from 'react';
import { PanelPlugin, VizOrientation, type PanelProps } from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueTextMode, useTheme2 } from '@grafana/ui';
import { Values, type Drawn, type ValueOptions } from './values';

interface Options extends ValueOptions {
  graphMode?: BigValueGraphMode;
  colorMode?: BigValueColorMode;
  textMode?: BigValueTextMode;
}

function StatPanel(panel: PanelProps<Options>) {
  const { options } = panel;
  const theme = useTheme2();
  const graphMode = options.graphMode ?? BigValueGraphMode.Area;
  const draw = ({ value, alignmentFactors, width, height, count }: Drawn) => (
    <BigValue
      value={value.display}
      count={count}
      {...(value.sparkline && { sparkline: value.sparkline })}
      colorMode={options.colorMode ?? BigValueColorMode.Value}
      graphMode={graphMode}
      textMode={options.textMode ?? BigValueTextMode.Auto}
      alignmentFactors={alignmentFactors}
      width={width}
      height={height}
      theme={theme}
    />
  );
  return (
    <Values
      panel={panel}
      sparkline={graphMode !== BigValueGraphMode.None}
      orientation={options.orientation ?? VizOrientation.Auto}
      layout={{ autoGrid: true }}
      renderValue={draw}
    />
  );
}

export const stat: PanelPlugin = new PanelPlugin(StatPanel).useFieldConfig();
