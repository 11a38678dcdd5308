// What does a reader of unified logging keep between lines? Plain JSON, so that it survives a restart.

import type { JvmFacts, Moment } from '../gc-event.ts';
import type { RunsState } from './jvm-runs.ts';
import { noPauses, type PausesState } from './pauses.ts';

export interface UnifiedState {
  runs: RunsState;
  pauses: PausesState;
  facts: Omit<JvmFacts, 'kind'>;
  operation?: string;
  isDecorated: boolean;
  lastMoment?: Moment;
}

/** A copy: what a reader changes is not the caller's. */
export function stateFrom(state: unknown): UnifiedState {
  const kept = structuredClone(state) as Partial<UnifiedState> | null | undefined;
  return {
    runs: kept?.runs ?? {},
    pauses: { ...noPauses(), ...kept?.pauses },
    facts: kept?.facts ?? {},
    isDecorated: kept?.isDecorated ?? false,
    ...(kept?.operation !== undefined && { operation: kept.operation }),
    ...(kept?.lastMoment && { lastMoment: kept.lastMoment }),
  };
}
