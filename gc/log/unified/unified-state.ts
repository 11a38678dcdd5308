// Defines the parser state between lines: plain JSON, so that it survives a restart.

import type { Moment } from '../gc-event.ts';
import type { JvmTrackerState } from './jvm-tracker.ts';
import { noPauses, type PausesState } from './pauses.ts';

export interface UnifiedState {
  pauses: PausesState;
  jvm: JvmTrackerState;
  operation?: string;
  isDecorated: boolean;
  lastMoment?: Moment;
}

/** A copy: what a reader changes is not the caller's. */
export function stateFrom(state: unknown): UnifiedState {
  const kept = structuredClone(state) as Partial<UnifiedState> | null | undefined;
  return {
    pauses: { ...noPauses(), ...kept?.pauses },
    jvm: { runs: {}, facts: {}, ...kept?.jvm },
    isDecorated: kept?.isDecorated ?? false,
    ...(kept?.operation !== undefined && { operation: kept.operation }),
    ...(kept?.lastMoment && { lastMoment: kept.lastMoment }),
  };
}
