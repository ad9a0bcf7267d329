import React, { useState } from 'react';
import { CoreApp } from '@grafana/data';
import { RadioButtonGroup, Stack } from '@grafana/ui';
import type { Visualization } from '../panels/registry';
import type { Sources } from '../services/sources';
import { Editor } from './Editor';
import { useWorkbench } from './workbench';

const OPTIONS: Array<{ label: string; value: Visualization }> = [
  { label: 'Time series', value: 'timeseries' },
  { label: 'Stat', value: 'stat' },
  { label: 'Table', value: 'table' },
];

/** Stands for the panel editor of a dashboard. */
export function PanelPage({ sources }: { sources: Sources }) {
  const [visualization, setVisualization] = useState<Visualization>('timeseries');
  const workbench = useWorkbench(sources, CoreApp.PanelEditor, ['timeseries']);
  const { scene, panels, query } = workbench;
  const onChange = (chosen: Visualization) => {
    setVisualization(chosen);
    panels.forEach((panel) => void panel.changePluginType(chosen));
  };
  return (
    <Stack direction="column" gap={2}>
      <h1>Panel editor</h1>
      <div>
        <RadioButtonGroup aria-label="Visualization" options={OPTIONS} value={visualization} onChange={onChange} />
      </div>
      <scene.Component model={scene} />
      <Editor plugin={sources.plugin} workbench={workbench} app={CoreApp.PanelEditor} />
      <section aria-label="Saved query">
        <h2>What a dashboard saves</h2>
        <pre>{JSON.stringify(query, null, 2)}</pre>
      </section>
    </Stack>
  );
}
