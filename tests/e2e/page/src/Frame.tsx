// What stands around every page: where one is, and that this is not Grafana.
import React, { type ReactNode } from 'react';
import { Link, useLocation } from 'react-router-dom-v5-compat';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { LinkButton, useStyles2 } from '@grafana/ui';
import { BASE, THEME } from './boot';
import type { Dashboard } from './dashboards/saved';

const PAGES = [
  { path: '/panel', title: 'Panel editor' },
  { path: '/explore', title: 'Explore' },
  { path: '/variable', title: 'Variable' },
  { path: '/annotation', title: 'Annotations' },
  { path: '/config', title: 'Data source' },
];

export function Frame({ dashboards, children }: { dashboards: readonly Dashboard[]; children: ReactNode }) {
  const styles = useStyles2(frameStyles);
  const { pathname } = useLocation();
  const pages = [...dashboards.map(({ uid = '', title = '' }) => ({ path: `/d/${uid}`, title })), ...PAGES];
  const other = THEME === 'light' ? 'dark' : 'light';
  return (
    <div className={styles.frame}>
      <aside className={styles.menu}>
        <strong className={styles.link}>Flinkwatch</strong>
        <nav aria-label="Pages" className={styles.nav}>
          {pages.map(({ path, title }) => (
            <Link
              key={path}
              to={path}
              className={cx(styles.link, path === pathname && styles.current)}
              aria-current={path === pathname ? 'page' : undefined}
            >
              {title}
            </Link>
          ))}
        </nav>
        <LinkButton
          size="sm"
          variant="secondary"
          fill="text"
          href={`${BASE.replace(/\/$/, '')}${pathname}?theme=${other}`}
        >
          {`Switch to ${other}`}
        </LinkButton>
        <p className={styles.note}>
          This page stands in for Grafana: the plugin&apos;s own editors and backend, drawn with Grafana&apos;s
          components, over a simulated AWS. For Grafana itself install the plugin there, as the section
          &ldquo;Install&rdquo; of the README says.
        </p>
      </aside>
      <main className={styles.main}>{children}</main>
    </div>
  );
}

/** Grafana's side menu where it is open, with its border, so that pages have the width that they have there. */
const MENU_WIDTH = 257;

const frameStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    display: 'flex',
    minHeight: '100vh',
    background: theme.colors.background.canvas,
    color: theme.colors.text.primary,
  }),
  menu: css({
    flex: `0 0 ${MENU_WIDTH}px`,
    padding: theme.spacing(1),
    background: theme.colors.background.primary,
    borderRight: `1px solid ${theme.colors.border.weak}`,
    // On a phone Grafana's menu lies over the page, and is closed.
    [theme.breakpoints.down('md')]: { display: 'none' },
  }),
  nav: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5) }),
  link: css({
    display: 'block',
    padding: theme.spacing(0.5, 1.5),
    borderRadius: theme.shape.radius.default,
    color: theme.colors.text.secondary,
    '&:hover': { background: theme.colors.action.hover, color: theme.colors.text.primary },
  }),
  current: css({ background: theme.colors.action.selected, color: theme.colors.text.primary }),
  note: css({
    margin: 0,
    padding: theme.spacing(0.75, 1.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  main: css({ flexGrow: 1, minWidth: 0, padding: theme.spacing(2) }),
});
