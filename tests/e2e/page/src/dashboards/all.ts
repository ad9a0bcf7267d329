// The answer first (verdict, throughput), then the cause, then detail.
import type { DashboardDefinition, PanelDefinition, VariableDefinition } from './definition';

const ROW = { width: 12, height: 260 } as const;

export const APPLICATIONS: VariableDefinition = {
  name: 'application',
  label: 'Application',
  query: { resource: 'applications', status: 'running' },
  value: '$__all',
};

const ONE_APPLICATION: VariableDefinition = { ...APPLICATIONS, value: 'orders' };

function series(title: string, query: Record<string, unknown>): PanelDefinition {
  const saved = { refId: 'A', applications: ['$application'], as: 'series', schema: 1, ...query };
  return { title, visualization: 'timeseries', queries: [saved], ...ROW };
}

export const DASHBOARDS: [DashboardDefinition, ...DashboardDefinition[]] = [
  {
    id: 'fleet',
    title: 'Fleet',
    variables: [APPLICATIONS],
    panels: [
      {
        title: 'Applications',
        visualization: 'table',
        queries: [{ refId: 'A', queryType: 'application', applications: ['$application'], as: 'table', schema: 1 }],
        width: 24,
        height: 340,
      },
      series('Read by sources', { queryType: 'application', signals: ['sourceRate'] }),
      series('Consumer lag', { queryType: 'application', signals: ['consumerLagTime'] }),
      series('Five tasks with the most back pressure', {
        queryType: 'operator',
        signals: ['backPressure'],
        top: { count: 5, by: 'backPressure' },
      }),
      series('Restarts', { queryType: 'application', signals: ['restarts'] }),
    ],
  },
  {
    id: 'application',
    title: 'Application',
    variables: [ONE_APPLICATION],
    panels: [
      {
        title: 'Checkpoints of $application',
        visualization: 'stat',
        queries: [
          {
            refId: 'A',
            queryType: 'checkpoint',
            applications: ['$application'],
            signals: ['checkpointDuration', 'checkpointsFailed', 'checkpointInterval'],
            as: 'series',
            schema: 1,
          },
        ],
        width: 24,
        height: 130,
      },
      series('Source and sink rate', { queryType: 'application', signals: ['sourceRate', 'sinkRate'] }),
      series('Consumer lag', { queryType: 'application', signals: ['consumerLagTime'] }),
      series('Busy tasks', { queryType: 'operator', level: 'task', signals: ['busy'] }),
      series('Back pressure', { queryType: 'operator', level: 'task', signals: ['backPressure'] }),
      {
        title: 'Checkpoints: latest, least, mean, most',
        visualization: 'table',
        queries: [{ refId: 'A', queryType: 'checkpoint', applications: ['$application'], as: 'summary', schema: 1 }],
        width: 24,
        height: 260,
      },
    ],
  },
  {
    id: 'each-application',
    title: 'Each application',
    variables: [APPLICATIONS],
    panels: [
      { ...series('Source rate of $application', { queryType: 'application' }), width: 24, repeat: 'application' },
    ],
  },
];
