// The data sources of the host, as instances of the plugin's class.
import type {
  DataQuery,
  DataSourceApi,
  DataSourceInstanceSettings,
  DataSourceJsonData,
  DataSourcePlugin,
  DataSourcePluginMeta,
  DataSourceRef,
} from '@grafana/data';
import { config, type DataSourceSrv } from '@grafana/runtime';
import { loadModule } from './amd';
import { backend } from './backend';

export const PLUGIN_ID = 'flinkwatch-msf-datasource';
const PLUGIN_ROOT = `public/plugins/${PLUGIN_ID}`;

export type Plugin = DataSourcePlugin<DataSourceApi>;

/** A data source as Grafana's HTTP API lists it. */
export interface ListedSource {
  id: number;
  uid: string;
  name: string;
  type: string;
  url: string;
  jsonData: DataSourceJsonData;
  secureJsonFields: Record<string, boolean>;
}

export interface Sources {
  plugin: Plugin;
  /** The first one is the default. */
  all: [DataSourceApi, ...DataSourceApi[]];
  service: DataSourceSrv;
  /** What Grafana's server tells of its data sources. */
  frontendSettings: { datasources: Record<string, DataSourceInstanceSettings>; defaultDatasource: string };
}

export async function loadSources(): Promise<Sources> {
  const meta = await backend.get<DataSourcePluginMeta>(`/${PLUGIN_ROOT}/plugin.json`);
  const loaded = (await loadModule(`/${PLUGIN_ROOT}/module.js`)) as { plugin: Plugin };
  const { plugin } = loaded;
  plugin.meta = { ...meta, module: `${PLUGIN_ROOT}/module.js`, baseUrl: PLUGIN_ROOT };
  const listed = await backend.get<ListedSource[]>('/api/datasources');
  const settings = listed.map((source, index) => settingsOf(source, plugin.meta, index === 0));
  const datasources = Object.fromEntries(settings.map((one) => [one.name, one]));
  config.datasources = datasources;
  const [first, ...others] = settings.map((one) => instantiate(plugin, one));
  if (first === undefined) {
    throw new Error('The host has no data source.');
  }
  const all: Sources['all'] = [first, ...others];
  const frontendSettings = { datasources, defaultDatasource: first.name };
  return { plugin, all, service: service(all, settings), frontendSettings };
}

function settingsOf(source: ListedSource, meta: DataSourcePluginMeta, isDefault: boolean): DataSourceInstanceSettings {
  const { id, uid, name, type, url, jsonData } = source;
  return { id, uid, name, type, url, jsonData, meta, isDefault, access: 'proxy', readOnly: false };
}

function instantiate(plugin: Plugin, settings: DataSourceInstanceSettings): DataSourceApi {
  const source = new plugin.DataSourceClass(settings);
  source.meta = settings.meta;
  return source;
}

function service(all: Sources['all'], settings: DataSourceInstanceSettings[]): DataSourceSrv {
  const is = (one: { uid: string; name: string }, ref: DataSourceRef | string) =>
    typeof ref === 'string' ? [one.uid, one.name].includes(ref) : one.uid === ref.uid;
  return {
    get: (ref) => {
      const found = ref ? all.find((one) => is(one, ref)) : all[0];
      return found ? Promise.resolve(found) : Promise.reject(new Error(`No data source is ${JSON.stringify(ref)}.`));
    },
    getList: () => settings,
    getInstanceSettings: (ref) => (ref ? settings.find((one) => is(one, ref)) : settings[0]),
    reload: () => Promise.resolve(),
    registerRuntimeDataSource: () => undefined,
  };
}

/** A query that names its data source, as Grafana saves it. */
export function asSaved(query: DataQuery, source: DataSourceApi): DataQuery {
  return { ...query, datasource: { type: source.type, uid: source.uid } };
}
