// The only way to the content of drop-downs.
import { useCallback, useEffect, useState } from 'react';
import { getTemplateSrv } from '@grafana/runtime';
import { fetchApplication, fetchChoices } from '../resources';
import type { ResourcePath, ResourceSource } from '../resources';
import type { ApplicationState, Choice } from '../types';

type Arguments = Record<string, string | undefined>;

export interface Choices {
  choices: Choice[];
  isLoading: boolean;
  /** Why there are none, in the backend's words. */
  failure?: string;
}

/** The entries of one drop-down. They are asked for again when the arguments change; `null` asks for nothing. */
export function useChoices(source: ResourceSource, path: ResourcePath, args: Arguments | null): Choices {
  const fetchThem = useCallback((asked: Arguments) => fetchChoices(source, path, asked), [source, path]);
  const { answer = NONE, isLoading, failure } = useAnswer(args, fetchThem);
  return { choices: answer, isLoading, failure };
}

/** The state of the application that the arguments name, if any and if known. */
export function useApplication(source: ResourceSource, args: Arguments | null): ApplicationState | undefined {
  const fetchIt = useCallback(
    ({ application = '', ...place }: Arguments) => fetchApplication(source, place, application),
    [source]
  );
  return useAnswer(args, fetchIt).answer;
}

/** One list for all that have none, so that nothing is drawn anew for a new one. */
const NONE: Choice[] = [];

interface Answer<T> {
  /** The arguments that it answers, as text. */
  to: string;
  answer?: T;
  failure?: string;
}

/** An answer that comes after the arguments have changed counts for nothing. */
function useAnswer<T>(args: Arguments | null, fetchIt: (args: Arguments) => Promise<T>) {
  const [last, setLast] = useState<Answer<T>>();
  const asked = args === null ? null : JSON.stringify(interpolate(args));
  useEffect(() => {
    if (asked === null) {
      return undefined;
    }
    let isStale = false;
    const keep = (answer: Omit<Answer<T>, 'to'>) => {
      if (!isStale) {
        setLast({ to: asked, ...answer });
      }
    };
    // What was written three lines above.
    fetchIt(JSON.parse(asked) as Arguments).then(
      (answer) => {
        keep({ answer });
      },
      (error: unknown) => {
        keep({ failure: error instanceof Error ? error.message : String(error) });
      }
    );
    return () => {
      isStale = true;
    };
  }, [asked, fetchIt]);

  const isAnswered = asked !== null && last?.to === asked;
  return { ...(isAnswered ? last : undefined), isLoading: asked !== null && !isAnswered };
}

/** Variables have their values when the backend is asked; several values are separated by commas. */
function interpolate(args: Arguments): Arguments {
  const replaced = Object.entries(args).map(([name, text]) => [
    name,
    text && getTemplateSrv().replace(text, {}, 'csv'),
  ]);
  return Object.fromEntries(replaced) as Arguments;
}
