// What a query would cost, asked some time after the last edit.
import { useEffect, useState } from 'react';
import { fetchEstimate } from '../resources';
import type { EstimateArguments, ResourceSource } from '../resources';
import type { Estimate, FlinkQuery } from '../types';

/** Edits follow each other faster than this, in milliseconds. */
export const SETTLED_MS = 500;

interface Answer {
  /** What was asked, as text. */
  to: string;
  estimate?: Estimate;
  failure?: string;
}

/** Nothing while it is on its way. `query` has no variables. */
export function useEstimate(source: ResourceSource, query: FlinkQuery, args: EstimateArguments): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  const asked = JSON.stringify([query, args]);
  useEffect(() => {
    let isStale = false;
    const keep = (next: Omit<Answer, 'to'>) => {
      if (!isStale) {
        setAnswer({ to: asked, ...next });
      }
    };
    const timer = setTimeout(() => {
      // What was written a few lines above.
      const [settled, given] = JSON.parse(asked) as [FlinkQuery, EstimateArguments];
      fetchEstimate(source, settled, given).then(
        (estimate) => {
          keep({ estimate });
        },
        (error: unknown) => {
          keep({ failure: error instanceof Error ? error.message : String(error) });
        }
      );
    }, SETTLED_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [source, asked]);
  return answer?.to === asked ? answer : undefined;
}
