import React from 'react';
import { PanelPlugin, type PanelProps } from '@grafana/data';
import { Table } from '@grafana/ui';
import { Message } from './message';

function TablePanel({ data, width, height }: PanelProps) {
  const [frame] = data.series;
  if (frame === undefined || frame.fields.length === 0) {
    return <Message data={data} />;
  }
  return <Table data={frame} width={width} height={height} ariaLabel="Rows of the answer" />;
}

export const table = new PanelPlugin(TablePanel).useFieldConfig();
