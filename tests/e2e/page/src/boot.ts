// What Grafana's server writes into its page. It must stand before the first of Grafana's packages is loaded, so this
// module is imported first and imports only types.

/** The build puts it here. */
declare const GRAFANA_VERSION: string;
export const GRAFANA = GRAFANA_VERSION;

export const BASE = import.meta.env.BASE_URL;
/** Links between dashboards do not carry the theme, so the browser's tab keeps it. */
const CHOSEN = new URLSearchParams(window.location.search).get('theme') ?? sessionStorage.getItem('theme');
export const THEME = CHOSEN === 'light' ? 'light' : 'dark';
sessionStorage.setItem('theme', THEME);

declare global {
  interface Window {
    __grafana_public_path__?: string;
    /** Of the real data only what the packages read. */
    grafanaBootData?: unknown;
  }
}

const bootData = {
  settings: {
    appUrl: window.location.origin + BASE,
    appSubUrl: BASE.replace(/\/$/, ''),
    buildInfo: { version: GRAFANA, env: 'development' },
    featureToggles: {},
    datasources: {},
    panels: {},
    apps: {},
    awsAllowedAuthProviders: ['default', 'keys', 'credentials', 'ec2_iam_role'],
    awsAssumeRoleEnabled: true,
  },
  user: {
    orgRole: 'Admin',
    timezone: 'utc',
    locale: 'en-US',
    language: 'en-US',
    lightTheme: THEME === 'light',
    theme: THEME,
  },
  navTree: [],
};

window.__grafana_public_path__ = `${BASE}public/`;
window.grafanaBootData = bootData;
