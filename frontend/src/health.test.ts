import { HealthStatus } from '@grafana/runtime';
import { describeTest, readHealth } from './health';

const MIXED = {
  status: HealthStatus.OK,
  message: 'Metrics can be read in eu-west-1.\ncloudwatch:ListMetrics: ok\nkinesisanalytics:ListApplications: denied',
  details: {
    identity: { arn: 'arn:aws:sts::123456789012:assumed-role/flink/i-1', account: '123456789012' },
    permissions: [
      { action: 'cloudwatch:ListMetrics', outcome: 'ok', reason: null, advice: null },
      { action: 'kinesisanalytics:ListApplications', outcome: 'denied', reason: null, advice: 'add it to the policy' },
      { action: 'kinesisanalytics:DescribeApplication', outcome: 'notTried', reason: 'there is no application' },
      { action: 'cloudwatch:GetMetricData', outcome: 'failed', reason: 'slow down', advice: 'try again' },
      { action: 'of:another-version', outcome: 'unheard of' },
      null,
    ],
  },
};

test('an answer becomes a verdict and the permissions that can be read', () => {
  const health = readHealth(MIXED);
  expect(health.isOk).toBe(true);
  expect(health.verdict).toBe('Metrics can be read in eu-west-1.');
  expect(health.permissions.map(({ outcome }) => outcome)).toEqual(['ok', 'denied', 'notTried', 'failed']);
});

test('Grafana shows identity and troubles at once, and every permission in a line when unfolded', () => {
  expect(describeTest(readHealth(MIXED))).toEqual({
    message: 'Metrics can be read in eu-west-1.',
    details: {
      message:
        'AWS knows this data source as arn:aws:sts::123456789012:assumed-role/flink/i-1 of account 123456789012. ' +
        'Not in order: kinesisanalytics:ListApplications (denied), kinesisanalytics:DescribeApplication (not tried), ' +
        'cloudwatch:GetMetricData (failed).',
      verboseMessage:
        'cloudwatch:ListMetrics: ok.\n' +
        'kinesisanalytics:ListApplications: denied. Add it to the policy.\n' +
        'kinesisanalytics:DescribeApplication: not tried. There is no application.\n' +
        'cloudwatch:GetMetricData: failed. Slow down. Try again.',
    },
  });
});

test('an error of Grafana, and no answer at all, are verdicts too', () => {
  expect(readHealth({ message: 'Plugin unavailable' })).toEqual({
    isOk: false,
    verdict: 'Plugin unavailable',
    permissions: [],
  });
  expect(readHealth(undefined).verdict).toContain('did not answer');
});
