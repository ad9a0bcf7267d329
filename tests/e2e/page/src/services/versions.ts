// What the packages of Grafana's versions do not all have. `undefined` is what a version lacks.
import * as i18n from '@grafana/i18n';
import * as runtime from '@grafana/runtime/unstable';
import * as scenes from '@grafana/scenes';
import * as ui from '@grafana/ui/unstable';
import { GRAFANA } from '../boot';

const [MAJOR = 0, MINOR = 0] = GRAFANA.split('.').map(Number);

/** Since 12.3 Grafana gives plugins the JSX runtime. */
export const SHARES_JSX_RUNTIME = MAJOR > 12 || (MAJOR === 12 && MINOR >= 3);

/** Since 13 Grafana loads transformations when they are used. */
export const LOADS_TRANSFORMATIONS = MAJOR >= 13;

export const { initPluginTranslations }: Partial<typeof i18n> = i18n;
export const { initializeLoggersRegistry, reloadDataSourceInstanceSettings }: Partial<typeof runtime> = runtime;
export const { loadResources }: Partial<typeof scenes> = scenes;
/** The newer of Grafana's two tables. */
export const { TableNG }: Partial<typeof ui> = ui;
