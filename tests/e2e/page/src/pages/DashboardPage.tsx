import React, { useEffect, useMemo } from 'react';
import { useParams, useSearchParams } from 'react-router-dom-v5-compat';
import { UrlSyncContextProvider } from '@grafana/scenes';
import type { Dashboard } from '../dashboards/saved';
import { buildDashboard } from '../dashboards/scene';
import { showVariablesOf } from '../services/templates';

/** One of the dashboards that are there, or the one that the address holds. */
export function DashboardPage({ dashboards }: { dashboards: readonly Dashboard[] }) {
  const { uid } = useParams();
  const [search] = useSearchParams();
  const given = search.get('dashboard');
  const saved = useMemo(
    () => (given === null ? dashboards.find((one) => one.uid === uid) : (JSON.parse(given) as Dashboard)),
    [dashboards, given, uid]
  );
  return saved === undefined ? (
    <h1>There is no dashboard here</h1>
  ) : (
    <Shown key={saved.uid} saved={saved} dashboards={dashboards} />
  );
}

function Shown({ saved, dashboards }: { saved: Dashboard; dashboards: readonly Dashboard[] }) {
  const scene = useMemo(() => buildDashboard(saved, dashboards), [saved, dashboards]);
  useEffect(() => showVariablesOf(scene), [scene]);
  return (
    <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
      <h1>{saved.title}</h1>
      <scene.Component model={scene} />
    </UrlSyncContextProvider>
  );
}
