import { FieldType, toDataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { flinkAnnotations } from './annotations';

const frame = toDataFrame({
  fields: [
    { name: 'time', type: FieldType.time, values: [1000, 2000, 3000, 4000] },
    {
      name: 'restarts',
      type: FieldType.number,
      values: [0, 2, null, 0.5],
      labels: { application: 'orders', region: 'eu-west-1', signal: 'restarts' },
      config: { displayNameFromDS: 'orders' },
    },
  ],
});

const earlier = toDataFrame({
  fields: [
    { name: 'time', type: FieldType.time, values: [1500] },
    { name: 'x', type: FieldType.number, values: [1], labels: { application: 'payments', task: 'Map' } },
    { name: 'text', type: FieldType.string, values: ['?'] },
  ],
});

async function events(frames = [frame, earlier]) {
  const annotation = {
    name: 'Restarts',
    enable: true,
    iconColor: 'red',
    target: { refId: 'Anno', queryType: 'application' as const },
  };
  const read = flinkAnnotations.processEvents?.(annotation, frames);
  return read && (await lastValueFrom(read));
}

test('every point above 0 is an event of whom its labels name', async () => {
  expect(await events()).toEqual([
    expect.objectContaining({ time: 1500, text: 'x: 1, application payments, task Map', tags: ['payments', 'Map'] }),
    { time: 2000, title: 'orders', text: 'restarts: 2, application orders', tags: ['orders'] },
    { time: 4000, title: 'orders', text: 'restarts: 0.500, application orders', tags: ['orders'] },
  ]);
});

test('a table without time has no events', async () => {
  expect(await events([toDataFrame({ fields: [{ name: 'a', type: FieldType.number, values: [1] }] })])).toEqual([]);
});

test('a new annotation asks for restarts, an older one what it says', () => {
  const base = { name: 'x', enable: true, iconColor: 'red' };
  const restarts = { queryType: 'application', schema: 1, signals: ['restarts'] };
  expect(flinkAnnotations.getDefaultQuery?.()).toEqual(restarts);
  expect(flinkAnnotations.prepareQuery?.(base)).toEqual({ refId: 'Anno', ...restarts });
  const target = { refId: 'Anno', queryType: 'checkpoint' as const };
  expect(flinkAnnotations.prepareQuery?.({ ...base, target })).toBe(target);
});
