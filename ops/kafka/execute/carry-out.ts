// Executes a reassignment as a change with one step; its rollback moves the replicas back.

import { AppError } from '../../../core/errors.ts';
import { carryOut as carryOutChange, note, type Arrival } from '../../change/carry-out.ts';
import { done, type Step } from '../../change/step.ts';
import { handOversOf } from './hand-overs.ts';
import { withRetentionGuard } from './cut-retention.ts';
import type { ReassignFacts } from './reassign-facts.ts';
import type { Run } from './run.ts';
import { verify } from './settle-leaders.ts';
import { stopped } from './stop.ts';
import { throughWaves } from './waves.ts';

/**
 * @throws AppError change-under-way if another change had the lease since; change-refused before the first wave; change-stopped, with the state and how to resume or abort: no
 *   further step begins, and borrowed settings are restored on brokers that respond. When the signal aborts, moves are
 *   cancelled first, because without a throttle they would saturate the network card
 */
export async function carryOut(run: Run): Promise<Arrival> {
  const { takenOver, direction } = run.journal;
  if (takenOver !== undefined && direction === 'forward') {
    const message = `not resumed: the lease of this change was taken over by ${takenOver}, so other placements may be needed now`;
    throw new AppError('change-under-way', message, {
      hint: '--abort restores throttles and retention, cancels moves in progress and keeps all other replicas where they are; then plan again',
    });
  }
  const arrival = await carryOutChange({
    ...run,
    steps: [moveReplicas(run)],
    endsWhenRefused: run.isNew,
    verify: () => verify(run),
    stopped: async (cause) => (run.journal.status === 'rolled-back' ? cause : await stopped(run, cause)),
  });
  const way = arrival.kind === 'done' ? { en: 'done', zh: '已完成' } : { en: 'rolled back', zh: '已回滚' };
  if (arrival.kind !== 'paused') {
    await note(run, { en: `${way.en}: all waves, leaders and checks`, zh: `${way.zh}：全部批次、Leader 和检查` });
  }
  return arrival;
}

export const movesUndo = {
  description: 'moves in progress are cancelled, then completed moves are rolled back',
  zh: '取消进行中的迁移，再回滚已完成的迁移',
};

export function moveReplicas(given: Run): Step<ReassignFacts> {
  const run = withRetentionGuard(given);
  const handOvers = handOversOf(run);
  return {
    id: 'move-replicas',
    description: 'copy replicas in waves, then elect preferred leaders and restore settings',
    zh: '分批复制副本，然后选举首选 Leader 并恢复配置',
    async run() {
      const request = await throughWaves(run, handOvers);
      return request === undefined ? done() : { kind: 'asked', request };
    },
    undo: {
      ...movesUndo,
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
