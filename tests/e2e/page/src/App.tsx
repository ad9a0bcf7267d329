// The host page: Grafana's theme and services around the plugin's editors, on a few pages that stand for Grafana's own.
import React, { useEffect, useState } from 'react';
import { Router } from 'react-router-dom';
import { CompatRouter, Navigate, Route, Routes, useLocation } from 'react-router-dom-v5-compat';
import { DataSourcePluginContextProvider, ThemeContext, createTheme } from '@grafana/data';
import { LocationServiceProvider, locationService } from '@grafana/runtime';
import { Alert, GlobalStyles, LoadingPlaceholder, PortalContainer } from '@grafana/ui';
import { THEME } from './boot';
import { Frame } from './Frame';
import { AnnotationPage } from './pages/AnnotationPage';
import { ConfigPage } from './pages/ConfigPage';
import { DashboardPage } from './pages/DashboardPage';
import { ExplorePage } from './pages/ExplorePage';
import { PanelPage } from './pages/PanelPage';
import { VariablePage } from './pages/VariablePage';
import type { Sources } from './services/sources';
import { start } from './services/start';

const theme = createTheme({ colors: { mode: THEME } });

export function App() {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Router history={locationService.getHistory()}>
        <CompatRouter>
          <LocationServiceProvider service={locationService}>
            <Loader />
          </LocationServiceProvider>
        </CompatRouter>
      </Router>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

type State = { kind: 'loading' } | { kind: 'failed'; reason: string } | { kind: 'ready'; sources: Sources };

function Loader() {
  const [state, setState] = useState<State>({ kind: 'loading' });
  useEffect(() => {
    start().then(
      (sources) => {
        setState({ kind: 'ready', sources });
      },
      (error: unknown) => {
        setState({ kind: 'failed', reason: String(error) });
      }
    );
  }, []);
  switch (state.kind) {
    case 'loading':
      return <LoadingPlaceholder text="Loading the plugin" />;
    case 'failed':
      return <Alert title="The plugin cannot be shown">{state.reason}</Alert>;
    case 'ready':
      return <Pages sources={state.sources} />;
  }
}

function Pages({ sources }: { sources: Sources }) {
  // Another address is another panel, also with another query only.
  const { search } = useLocation();
  const [first] = sources.all;
  const settings = sources.service.getInstanceSettings(first.uid);
  if (settings === undefined) {
    return null;
  }
  const home = sources.dashboards[0]?.uid ?? '';
  return (
    <DataSourcePluginContextProvider instanceSettings={settings}>
      <Frame dashboards={sources.dashboards}>
        <Routes>
          <Route path="/d/:uid" element={<DashboardPage dashboards={sources.dashboards} />} />
          <Route path="/panel" element={<PanelPage key={search} sources={sources} />} />
          <Route path="/explore" element={<ExplorePage key={search} sources={sources} />} />
          <Route path="/variable" element={<VariablePage source={first} />} />
          <Route path="/annotation" element={<AnnotationPage key={search} source={first} />} />
          <Route path="/config" element={<ConfigPage sources={sources} />} />
          <Route path="*" element={<Navigate to={`/d/${home}`} replace />} />
        </Routes>
      </Frame>
    </DataSourcePluginContextProvider>
  );
}
