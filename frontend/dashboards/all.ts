// Every dashboard that is checked in, by its path from the root of the repository.
import { application } from './application.ts';
import { checkpoints } from './checkpoints.ts';
import { cloudwatch } from './cloudwatch.ts';
import { cost } from './cost.ts';
import { fleet } from './fleet.ts';
import { flinkwatch } from './flinkwatch.ts';
import { operators } from './operators.ts';
import { render } from './render.ts';

const PAGES = [fleet, application, operators, checkpoints, cost];

/** The plugin brings the first folder along; the second is for Grafanas that cannot have the plugin. */
const FOLDERS = [
  { folder: 'frontend/dashboards/json', source: flinkwatch },
  { folder: 'provisioning/cloudwatch', source: cloudwatch },
];

export const DASHBOARDS: ReadonlyMap<string, string> = new Map(
  FOLDERS.flatMap(({ folder, source }) =>
    PAGES.map((page) => [`${folder}/${page.id}.json`, `${JSON.stringify(render(page, source), null, 2)}\n`] as const)
  )
);
