import React from 'react';
import { CoreApp } from '@grafana/data';
import { Button, Stack } from '@grafana/ui';
import type { Visualization } from '../panels/registry';
import type { Sources } from '../services/sources';
import { Editor } from './Editor';
import { useWorkbench } from './workbench';

const VIEWS: Visualization[] = ['timeseries', 'table'];

/** Stands for Explore: a query for the moment, shown as graph and table, with the plugin's help sheet. */
export function ExplorePage({ sources }: { sources: Sources }) {
  const workbench = useWorkbench(sources, CoreApp.Explore, VIEWS);
  const { source, scene, query, onChange, onRunQuery } = workbench;
  const Help = sources.plugin.components.QueryEditorHelp;
  return (
    <Stack direction="column" gap={2}>
      <h1>Explore</h1>
      <Editor plugin={sources.plugin} workbench={workbench} app={CoreApp.Explore} />
      <div>
        <Button onClick={onRunQuery}>Run query</Button>
      </div>
      <scene.Component model={scene} />
      {Help && (
        <section aria-label="Help">
          <Help
            datasource={source}
            query={query}
            onClickExample={(example) => {
              onChange(example);
              onRunQuery();
            }}
          />
        </section>
      )}
    </Stack>
  );
}
