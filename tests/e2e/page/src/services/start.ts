// Gives Grafana's packages the services that Grafana itself would.
import {
  EventBusSrv,
  locationUtil,
  standardTransformers,
  standardTransformersRegistry,
  type GrafanaConfig,
  type TransformerRegistryItem,
} from '@grafana/data';
import {
  config,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { registerPanels } from '../panels/registry';
import { backend } from './backend';
import { runRequest } from './run_request';
import { loadSources, PLUGIN_ID, type Sources } from './sources';
import { templates } from './templates';
import {
  LOADS_TRANSFORMATIONS,
  initializeLoggersRegistry,
  initPluginTranslations,
  loadResources,
  reloadDataSourceInstanceSettings,
} from './versions';

export async function start(): Promise<Sources> {
  initializeLoggersRegistry?.();
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
  // Data links get the base of the page; variables and times they name themselves.
  locationUtil.initialize({
    config: config as unknown as GrafanaConfig,
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => ({ from: '', to: '' }),
  });
  standardTransformersRegistry.setInit(transformers);
  const panels = registerPanels();
  setPluginImportUtils({
    importPanelPlugin: (id) => {
      const found = panels.get(id);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`There is no panel "${id}" here.`));
    },
    getPanelPluginFromCache: (id) => panels.get(id),
  });
  await initPluginTranslations?.(PLUGIN_ID);
  if (loadResources) {
    await initPluginTranslations?.('grafana-scenes', [loadResources]);
  }
  const sources = await loadSources();
  // Later packages look data sources up in a list of their own, which they read from the server.
  setBackendSrv({ ...backend, get: <T>() => Promise.resolve(sources.frontendSettings as T) });
  await reloadDataSourceInstanceSettings?.();
  setBackendSrv(backend);
  setDataSourceSrv(sources.service);
  return sources;
}

/** Grafana registers them with their editors; here they only work. */
function transformers(): TransformerRegistryItem[] {
  // Some stand there under two names.
  const byId = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
  return [...byId.values()].map((transformation) => {
    const load = () => Promise.resolve(transformation);
    const registered = LOADS_TRANSFORMATIONS ? load : (transformation as unknown as typeof load);
    return { ...transformation, transformation: registered, editor: () => null, imageDark: '', imageLight: '' };
  });
}
