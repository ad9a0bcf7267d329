import React, { useMemo } from 'react';
import { PanelPlugin, cacheFieldDisplayNames, type PanelProps } from '@grafana/data';
import { Table } from '@grafana/ui';
import { TableNG } from '../services/versions';
import { customFields } from './fields';
import { Message } from './message';

interface Options {
  showHeader?: boolean;
  sortBy?: Array<{ displayName: string; desc?: boolean }>;
}

function TablePanel({ data, width, height, options, fieldConfig, renderCounter }: PanelProps<Options>) {
  // The newer table reads names only where they are kept; else columns would keep those that a transformation replaced.
  useMemo(() => {
    cacheFieldDisplayNames(data.series);
  }, [data.series]);
  const [frame] = data.series;
  if (frame === undefined || frame.length === 0) {
    return <Message data={data} fieldConfig={fieldConfig} />;
  }
  const shared = {
    data: frame,
    width,
    height,
    noHeader: options.showHeader === false,
    ...(options.sortBy && { initialSortBy: options.sortBy, sortBy: options.sortBy }),
    fieldConfig,
  };
  // Before 12.2 Grafana drew with the older of its tables.
  if (TableNG === undefined) {
    return <Table {...shared} />;
  }
  return (
    <TableNG
      {...shared}
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
