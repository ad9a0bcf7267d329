// The data sources of the host, as instances of the plugin's class.
import type {
  DataQuery,
  DataSourceApi,
  DataSourceInstanceSettings,
  DataSourceJsonData,
  DataSourcePlugin,
  DataSourcePluginMeta,
  DataSourceRef,
  ScopedVars,
} from '@grafana/data';
import { config, type DataSourceSrv, type GetDataSourceListFilters } from '@grafana/runtime';
import { loadDashboards, type Dashboard } from '../dashboards/saved';
import { loadModule } from './amd';
import { backend } from './backend';
import { cloudWatch } from './cloudwatch';
import { templates } from './templates';

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
  dashboards: Dashboard[];
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
  const [first, ...others] = settings.map((one) => instantiate(plugin, one));
  if (first === undefined || settings[0] === undefined) {
    throw new Error('The host has no data source.');
  }
  const all: Sources['all'] = [first, ...others];
  const beside = cloudWatch(settings[0]);
  const known = [...settings, beside.settings];
  const datasources = Object.fromEntries(known.map((one) => [one.name, one]));
  config.datasources = datasources;
  const frontendSettings = { datasources, defaultDatasource: first.name };
  const dashboards = await loadDashboards(PLUGIN_ROOT, meta.includes);
  return { plugin, all, service: service([...all, beside], known), dashboards, frontendSettings };
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

type Ref = DataSourceRef | string | null | undefined;

function service(all: DataSourceApi[], settings: DataSourceInstanceSettings[]): DataSourceSrv {
  /** A variable may stand for the data source. */
  const find = <T extends { uid: string; name: string }>(those: T[], ref: Ref, scoped?: ScopedVars) => {
    const name = templates.replace(typeof ref === 'string' ? ref : ref?.uid, scoped);
    return name === '' ? those[0] : those.find((one) => [one.uid, one.name].includes(name));
  };
  return {
    get: (ref, scoped) => {
      const found = find(all, ref, scoped);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`No data source is ${JSON.stringify(ref)}.`));
    },
    getList: (filters) => settings.filter(({ meta }) => isWanted(meta, filters)),
    getInstanceSettings: (ref, scoped) => find(settings, ref, scoped),
    reload: () => Promise.resolve(),
    registerRuntimeDataSource: () => undefined,
  };
}

/** What Grafana's pickers ask for is a flag of plugin.json. */
const FLAGS = ['annotations', 'metrics', 'alerting', 'logs', 'tracing'] as const;

function isWanted(meta: DataSourcePluginMeta, filters: GetDataSourceListFilters = {}): boolean {
  const { pluginId = PLUGIN_ID } = filters;
  return meta.id === pluginId && FLAGS.every((flag) => filters[flag] !== true || meta[flag] === true);
}

/** A query that names its data source, as Grafana saves it. */
export function asSaved(query: DataQuery, source: DataSourceApi): DataQuery {
  return { ...query, datasource: { type: source.type, uid: source.uid } };
}
