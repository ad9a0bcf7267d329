// The links above a dashboard: to those with the same tags, with what is chosen here.
import React from 'react';
import { Link, useLocation } from 'react-router-dom-v5-compat';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { SceneObjectBase, sceneUtils, type SceneComponentProps, type SceneObjectState } from '@grafana/scenes';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Dashboard } from './saved';

type DashboardLink = NonNullable<Dashboard['links']>[number];

interface State extends SceneObjectState {
  links: DashboardLink[];
  /** The dashboard that is shown. */
  uid: string;
  dashboards: readonly Dashboard[];
}

export class DashboardLinks extends SceneObjectBase<State> {
  static Component = Links;
}

function Links({ model }: SceneComponentProps<DashboardLinks>) {
  const { links, uid, dashboards } = model.useState();
  const styles = useStyles2(linkStyles);
  // The address says what is chosen, so another choice is another address.
  useLocation();
  return (
    <nav aria-label="Links" className={styles.links}>
      {links.flatMap((link) =>
        dashboards
          .filter((one) => one.uid !== uid && link.tags.every((tag) => one.tags?.includes(tag)))
          .map((one) => (
            <Link
              key={one.uid}
              className={styles.link}
              to={{ pathname: `/d/${one.uid ?? ''}`, search: searchOf(model, link) }}
            >
              <Icon name="apps" /> {one.title}
            </Link>
          ))
      )}
    </nav>
  );
}

function searchOf(model: DashboardLinks, { includeVars, keepTime }: DashboardLink): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(sceneUtils.getUrlState(model.getRoot()))) {
    const isVariable = name.startsWith('var-');
    const isTime = ['from', 'to', 'timezone'].includes(name);
    if ((isVariable && includeVars) || (isTime && keepTime)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        search.append(name, one ?? '');
      }
    }
  }
  return search.toString();
}

const linkStyles = (theme: GrafanaTheme2) => ({
  links: css({ display: 'flex', flexWrap: 'wrap', flexBasis: '100%', gap: theme.spacing(1), alignItems: 'center' }),
  link: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    height: theme.spacing(theme.components.height.md),
    padding: theme.spacing(0, 1),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    fontSize: theme.typography.bodySmall.fontSize,
    '&:hover': { background: theme.colors.action.hover },
  }),
});
