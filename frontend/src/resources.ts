// The content of drop-downs, read from the backend.
import type { ApplicationState, Choice } from './types';

export type ResourcePath =
  | 'regions'
  | 'applications'
  | 'tasks'
  | 'operators'
  | 'signals'
  | 'metrics'
  | 'dimensions'
  | 'sources'
  | 'log-groups'
  | 'accounts';

export interface ResourceSource {
  getResource(path: string, params?: Record<string, string>): Promise<unknown>;
}

export async function fetchChoices(
  source: ResourceSource,
  path: ResourcePath,
  args: Record<string, string | undefined>
): Promise<Choice[]> {
  // The backend's answer, whose shape both sides' tests hold.
  return (await source.getResource(path, given(args))) as Choice[];
}

export async function fetchApplication(
  source: ResourceSource,
  place: { region?: string; accountId?: string },
  name: string
): Promise<ApplicationState> {
  // The backend's answer, whose shape both sides' tests hold.
  return (await source.getResource('application', given({ ...place, application: name }))) as ApplicationState;
}

function given(args: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(args).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
