// Executes a reassignment as a change with one step; its rollback moves the replicas back.

import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { carryOut as carryOutChange } from '../../change/carry-out.ts';
import { done, type Step } from '../../change/step.ts';
import { handOversOf } from './hand-overs.ts';
import { withRetentionGuard } from './cut-retention.ts';
import type { ReassignFacts } from './reassign-facts.ts';
import { note, type Run } from './run.ts';
import { verify } from './settle-leaders.ts';
import { stopped } from './stop.ts';
import { throughWaves } from './waves.ts';

export type Outcome = { kind: 'done' | 'undone'; after: readonly Finding[] } | { kind: 'paused' };

/**
 * @throws AppError change-refused before the first wave; change-stopped, with the state and how to resume or abort: no
 *   further step begins, and borrowed settings are restored on brokers that respond. When the signal aborts, moves are
 *   cancelled first, because without a throttle they would saturate the network card
 */
export async function carryOut(run: Run): Promise<Outcome> {
  const { kind } = await carryOutChange({
    ...run,
    journal: run.state,
    steps: [moveReplicas(run)],
    verify: () => verify(run),
    stopped: async (cause) => (isRefused(run, cause) ? cause : await stopped(run, cause)),
  });
  if (kind !== 'done' && kind !== 'rolled-back') return { kind: 'paused' };
  await note(
    run,
    kind === 'done' ? 'done: all waves, leaders and checks' : 'rolled back: all waves, leaders and checks',
  );
  return { kind: kind === 'done' ? 'done' : 'undone', after: run.state.checks.after?.findings ?? [] };
}

/** True if the change was refused before its first wave. */
const isRefused = ({ state }: Run, cause: unknown): boolean =>
  state.status === 'rolled-back' && cause instanceof AppError && cause.code === 'change-refused';

export const movesUndo = 'moves in progress are cancelled, then completed moves are rolled back';

export function moveReplicas(given: Run): Step<ReassignFacts> {
  const run = withRetentionGuard(given);
  const handOvers = handOversOf(run);
  return {
    id: 'move-replicas',
    description: 'copy replicas in waves, then elect preferred leaders and restore settings',
    async run() {
      const request = await throughWaves(run, handOvers);
      return request === undefined ? done() : { kind: 'asked', request };
    },
    undo: {
      description: movesUndo,
      run: async () => ((await throughWaves(unasked(run), handOvers)) === 'pause' ? 'paused' : []),
    },
  };
}

/** The abort request stays on disk during the rollback, and must not end the rollback's waits. */
const unasked = (run: Run): Run => ({
  ...run,
  async request() {
    const request = await run.request();
    return request === 'abort' ? undefined : request;
  },
});
