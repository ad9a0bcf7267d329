import React, { useEffect, useMemo } from 'react';
import { useParams } from 'react-router-dom-v5-compat';
import type { DataSourceApi } from '@grafana/data';
import { DASHBOARDS } from '../dashboards/all';
import type { DashboardDefinition } from '../dashboards/definition';
import { buildDashboard } from '../dashboards/scene';
import { showVariablesOf } from '../services/templates';

export function DashboardPage({ source }: { source: DataSourceApi }) {
  const { id } = useParams();
  const definition = DASHBOARDS.find((one) => one.id === id) ?? DASHBOARDS[0];
  return <Dashboard key={definition.id} definition={definition} source={source} />;
}

function Dashboard({ definition, source }: { definition: DashboardDefinition; source: DataSourceApi }) {
  const scene = useMemo(() => buildDashboard(definition, source), [definition, source]);
  useEffect(() => showVariablesOf(scene), [scene]);
  return (
    <>
      <h1>{definition.title}</h1>
      <scene.Component model={scene} />
    </>
  );
}
