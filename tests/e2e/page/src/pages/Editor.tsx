import React from 'react';
import type { CoreApp } from '@grafana/data';
import type { Plugin } from '../services/sources';
import type { Workbench } from './workbench';

interface Props {
  plugin: Plugin;
  workbench: Workbench;
  app: CoreApp;
}

/** The plugin's query editor in its frame. */
export function Editor({ plugin, workbench, app }: Props) {
  const { QueryEditor } = plugin.components;
  if (QueryEditor === undefined) {
    return <p>The plugin has no query editor.</p>;
  }
  const { source, query, data, range, onChange, onRunQuery } = workbench;
  return (
    <section aria-label="Query editor">
      <QueryEditor
        key={source.uid}
        datasource={source}
        query={query}
        queries={[query]}
        range={range}
        app={app}
        onChange={onChange}
        onRunQuery={onRunQuery}
        {...(data && { data })}
      />
    </section>
  );
}
