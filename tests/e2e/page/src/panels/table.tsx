import React from 'react';
import { PanelPlugin, type PanelProps } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { customFields } from './fields';
import { Message } from './message';

interface Options {
  showHeader?: boolean;
  sortBy?: Array<{ displayName: string; desc?: boolean }>;
}

function TablePanel({ data, width, height, options, fieldConfig, renderCounter }: PanelProps<Options>) {
  const [frame] = data.series;
  if (frame === undefined || frame.length === 0) {
    return <Message data={data} />;
  }
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={options.showHeader === false}
      {...(options.sortBy && { sortBy: options.sortBy })}
      fieldConfig={fieldConfig}
      structureRev={data.structureRev ?? renderCounter}
      // All cells are there, also those that one scrolls to.
      enableVirtualization={false}
    />
  );
}

export const table: PanelPlugin = new PanelPlugin(TablePanel).useFieldConfig({
  useCustomConfig: customFields({
    cellOptions: { type: 'auto' },
    align: 'auto',
    width: undefined,
    minWidth: undefined,
    inspect: false,
    filterable: undefined,
    wrapHeaderText: false,
    wrapText: false,
    hideFrom: undefined,
  }),
});
