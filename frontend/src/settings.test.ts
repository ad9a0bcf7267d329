import { AwsAuthType } from '@grafana/aws-sdk';
import { dataSourceOptions } from '../test/data_source_options';
import {
  CALL_SETTINGS,
  COST_SETTINGS,
  describeSaved,
  findSettingError,
  keepConnectionEdit,
  parseSetting,
  PRICE,
  REQUEST_SETTINGS,
  showProvider,
  withoutSessionToken,
  withSessionToken,
  withSetting,
} from './settings';
import type { Options } from './settings';
import type { FlinkwatchSettings } from './types';

/** Edits one of the shared fields, as those do it: on top of what is shown. */
function editShared(saved: Options, edit: FlinkwatchSettings): FlinkwatchSettings {
  const shown = showProvider(saved);
  return keepConnectionEdit(saved, { ...shown, jsonData: { ...shown.jsonData, ...edit } }).jsonData;
}

test.each([
  ['', undefined],
  ['  ', undefined],
  ['0', 0],
  ['0.10', 0.1],
  ['12.', 12],
  ['1,5', '1,5'],
  ['Infinity', 'Infinity'],
])('the typed text %j is saved as %j', (text, saved) => {
  expect(parseSetting(text)).toBe(saved);
});

test.each([
  [0, undefined],
  [1000, undefined],
  ['0.25', undefined],
  [' ', undefined],
  [undefined, undefined],
  [null, undefined],
  [-0.1, 'Enter a number from 0 to 1000.'],
  [1000.5, 'Enter a number from 0 to 1000.'],
  ['cheap', 'Enter a number from 0 to 1000.'],
  [true, 'Enter a number from 0 to 1000.'],
])('a saved price of %j: %j', (value, error) => {
  expect(findSettingError(value, PRICE)).toBe(error);
});

test('what is counted is a whole number', () => {
  const calls = CALL_SETTINGS.filter(({ key }) => key === 'maxConcurrentCalls');
  expect(calls.map((setting) => findSettingError('1.5', setting))).toEqual(['Enter a whole number from 1 to 100.']);
  expect(calls.map((setting) => findSettingError(2, setting))).toEqual([undefined]);
});

test('every default is in its range', () => {
  for (const setting of [PRICE, ...REQUEST_SETTINGS, ...COST_SETTINGS, ...CALL_SETTINGS]) {
    expect(findSettingError(setting.preset, setting)).toBeUndefined();
  }
});

test('a saved value is shown as it stands, and what cannot be typed is not', () => {
  expect([0, '0.10', undefined, null, true].map(describeSaved)).toEqual(['0', '0.10', '', '', '']);
});

test('no value removes the key and leaves the others', () => {
  const options = dataSourceOptions({ cacheMegabytes: 8, defaultRegion: 'eu-west-1' });
  expect(withSetting(options, 'cacheMegabytes', undefined).jsonData).toEqual({ defaultRegion: 'eu-west-1' });
  expect(withSetting(options, 'cacheMegabytes', 0).jsonData).toEqual({ cacheMegabytes: 0, defaultRegion: 'eu-west-1' });
});

test.each([
  [undefined, 'default'],
  ['arn', 'default'],
  ['sharedCreds', 'credentials'],
  ['keys', 'keys'],
  ['ec2_iam_role', 'ec2_iam_role'],
  ['grafana_assume_role', 'grafana_assume_role'],
  ['nonsense', 'default'],
])('the provider %j is shown as %j, and an edit of another field keeps it', (authType, shown) => {
  const saved = dataSourceOptions(JSON.parse(JSON.stringify({ authType })) as FlinkwatchSettings);
  expect(showProvider(saved).jsonData.authType).toBe(shown);
  expect(editShared(saved, { defaultRegion: 'eu-west-1' })).toEqual({
    ...saved.jsonData,
    defaultRegion: 'eu-west-1',
  });
});

test('a chosen provider is saved, also the one that was shown', () => {
  const saved = dataSourceOptions({ endpoint: 'http://host' });
  expect(editShared(saved, { authType: AwsAuthType.Keys })).toEqual({ authType: 'keys', endpoint: 'http://host' });
  expect(editShared(saved, { authType: AwsAuthType.Default })).toEqual({
    authType: 'default',
    endpoint: 'http://host',
  });
});

test('a shared field that is emptied leaves no key', () => {
  const saved = dataSourceOptions({ authType: AwsAuthType.Keys, endpoint: 'http://host' });
  expect(editShared(saved, { endpoint: '' })).toEqual({ authType: 'keys' });
});

test('a session token is typed and forgotten', () => {
  const typed = withSessionToken(dataSourceOptions({}), 'token');
  expect(typed.secureJsonData).toEqual({ sessionToken: 'token' });
  const forgotten = withoutSessionToken({ ...typed, secureJsonFields: { sessionToken: true, accessKey: true } });
  expect(forgotten.secureJsonData).toEqual({ sessionToken: '' });
  expect(forgotten.secureJsonFields).toEqual({ sessionToken: false, accessKey: true });
});
