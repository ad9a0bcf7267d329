import React, { useEffect, useMemo } from 'react';
import { CustomVariableSupport, type DataQuery, type DataSourceApi } from '@grafana/data';
import { EmbeddedScene, SceneReactObject, SceneTimeRange, SceneVariableSet } from '@grafana/scenes';
import { Stack } from '@grafana/ui';
import { APPLICATIONS } from '../dashboards/saved';
import { buildControls } from '../dashboards/scene';
import { buildQueryVariable } from '../dashboards/variables';
import { showVariablesOf } from '../services/templates';

/** Stands for the editor of a dashboard's variable. */
export function VariablePage({ source }: { source: DataSourceApi }) {
  const { scene, variable } = useMemo(() => buildParts(), []);
  useEffect(() => showVariablesOf(scene), [scene]);
  const { query, options, loading } = variable.useState();
  const support = source.variables;
  if (!(support instanceof CustomVariableSupport) || typeof query === 'string') {
    return <p>The plugin has no variable editor.</p>;
  }
  const VariableEditor = support.editor;
  const onChange = (changed: DataQuery) => {
    variable.setState({ query: changed });
    variable.refreshOptions();
  };
  return (
    <Stack direction="column" gap={2}>
      <h1>Variable</h1>
      <scene.Component model={scene} />
      <section aria-label="Variable editor">
        <VariableEditor datasource={source} query={query} onChange={onChange} onRunQuery={() => undefined} />
      </section>
      <section aria-label="Values" aria-busy={loading === true}>
        <h2>{`${options.length} values`}</h2>
        <ul>
          {options.map(({ label }) => (
            <li key={label}>{label}</li>
          ))}
        </ul>
      </section>
      <section aria-label="Saved query">
        <h2>What a dashboard saves</h2>
        <pre>{JSON.stringify(query, null, 2)}</pre>
      </section>
    </Stack>
  );
}

function buildParts() {
  const variable = buildQueryVariable(APPLICATIONS);
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-1h', to: 'now' }),
    $variables: new SceneVariableSet({ variables: [variable] }),
    controls: buildControls(),
    body: new SceneReactObject({ reactNode: null }),
  });
  return { scene, variable };
}
