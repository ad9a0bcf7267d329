// Gives Grafana's packages the services that Grafana itself would.
import { EventBusSrv } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { initializeLoggersRegistry, reloadDataSourceInstanceSettings } from '@grafana/runtime/unstable';
import { loadResources } from '@grafana/scenes';
import { registerPanels } from '../panels/registry';
import { backend } from './backend';
import { runRequest } from './run_request';
import { loadSources, PLUGIN_ID, type Sources } from './sources';
import { templates } from './templates';

export async function start(): Promise<Sources> {
  initializeLoggersRegistry();
  setBackendSrv(backend);
  setTemplateSrv(templates);
  setRunRequest(runRequest);
  setAppEvents(new EventBusSrv());
  setEchoSrv({
    flush: () => undefined,
    addBackend: () => undefined,
    addEvent: () => undefined,
    onInteraction: () => () => undefined,
  });
  const panels = registerPanels();
  setPluginImportUtils({
    importPanelPlugin: (id) => {
      const found = panels.get(id);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`There is no panel "${id}" here.`));
    },
    getPanelPluginFromCache: (id) => panels.get(id),
  });
  await Promise.all([initPluginTranslations(PLUGIN_ID), initPluginTranslations('grafana-scenes', [loadResources])]);
  const sources = await loadSources();
  // Later packages look data sources up in a list of their own, which they read from the server.
  setBackendSrv({ ...backend, get: <T>() => Promise.resolve(sources.frontendSettings as T) });
  await reloadDataSourceInstanceSettings();
  setBackendSrv(backend);
  setDataSourceSrv(sources.service);
  return sources;
}
