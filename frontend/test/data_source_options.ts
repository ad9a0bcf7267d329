// A saved data source, as Grafana hands it to the page on which it is edited.
import type { Options } from '../src/settings';
import type { FlinkwatchSettings } from '../src/types';

// Required by the type, although it says that nobody should use it.
const LEGACY = { database: '' };

export function dataSourceOptions(jsonData: FlinkwatchSettings, changes: Partial<Options> = {}): Options {
  return {
    ...LEGACY,
    id: 1,
    uid: 'flinkwatch',
    orgId: 1,
    name: 'Flinkwatch',
    typeLogoUrl: '',
    type: 'flinkwatch-msf-datasource',
    typeName: 'Flinkwatch',
    access: 'proxy',
    url: '',
    user: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: false,
    jsonData,
    secureJsonFields: {},
    readOnly: false,
    withCredentials: false,
    version: 3,
    ...changes,
  };
}
