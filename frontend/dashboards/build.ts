// `npm run dashboards`: writes every dashboard.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DASHBOARDS } from './all.ts';

for (const [name, text] of DASHBOARDS) {
  const file = path.join(import.meta.dirname, '../..', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
