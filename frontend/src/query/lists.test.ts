// The rows of lists, against what the backend lists: the table of paths in docs/resources.md.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LISTS, listOfDimension, PATHS } from './lists';

/** Paths with their arguments; `application` is no list. */
function documented(): Record<string, string[]> {
  const page = readFileSync(path.join(__dirname, '../../../docs/resources.md'), 'utf8');
  const [, table = ''] = /\n\| path \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(page) ?? [];
  const rows = table.trim().split('\n');
  const named = rows.map((row) => {
    const [, name = '', names = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    return [name, names === '' ? [] : names.split(', ')] as const;
  });
  return Object.fromEntries(named.filter(([name]) => name !== 'application'));
}

test('each list has the arguments that the documentation says, and none is missing on either side', () => {
  const sorted = (lists: [string, readonly string[]][]) =>
    Object.fromEntries(lists.map(([name, names]) => [name, [...names].sort()]));
  expect(sorted(PATHS.map((name) => [name, LISTS[name].arguments]))).toEqual(sorted(Object.entries(documented())));
});

test('values of a dimension are looked up in the list that has them', () => {
  expect(['Task', 'TaskOperator', 'Topic', 'Zone'].map(listOfDimension)).toEqual([
    'tasks',
    'operators',
    'sources',
    undefined,
  ]);
});
