// Executes a reassignment as a change with one step; its rollback moves the replicas back.

import { AppError } from '../../../core/errors.ts';
import { carryOut as carryOutChange, note, type Arrival } from '../../change/carry-out.ts';
import { done, type Step } from '../../change/step.ts';
import { handOversOf } from './hand-overs.ts';
import { withRetentionGuard } from './cut-retention.ts';
import type { ReassignFacts } from './reassign-facts.ts';
import type { Run } from './run.ts';
import { verify } from './settle-leaders.ts';
import { throughWaves } from './waves.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { giveBack } from '../../change/borrowed-settings.ts';
import { cancelMoves } from './cancel-moves.ts';
import { look, progressOf } from './look.ts';

/**
 * @throws AppError change-under-way after another reassignment; change-refused before the first wave; change-stopped, with the state and how to resume or abort: no
 *   further step begins, and borrowed settings are restored on brokers that respond. When the signal aborts, moves are
 *   cancelled first, because without a throttle they would saturate the network card
 */
export async function carryOut(run: Run): Promise<Arrival> {
  const { takenOver, direction } = run.journal;
  if (takenOver !== undefined && direction === 'forward') {
    const message = `not resumed: ${takenOver} began later, so other placements may be needed now`;
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

/** Timeout of requests that restore settings after a stop. */
const tidyMs = 20_000;

/**
 * A throttle is removed only when no replica of this change is being copied: without it the copy would saturate the
 * network card.
 *
 * @returns the error to throw; its message and the journal name what could not be cancelled or restored. After Ctrl-C
 *   or SIGTERM it is the signal's reason if nothing is left behind
 */
async function stopped(run: Run, cause: unknown): Promise<unknown> {
  const { aborted: isInterrupted, reason } = run.signal;
  const met: unknown = isInterrupted ? reason : cause;
  const text = met instanceof Error ? met.message : 'interrupted';
  const { left, isStill } = await tidy(run, text);
  const fault = await faultOf(run, text, {
    cause: isInterrupted ? new AppError('aborted', text, { cause: reason }) : met,
    left,
  });
  return isInterrupted && isStill && run.journal.borrowed.length === 0 ? reason : fault;
}

/** @returns what remains, and whether all moves of this change have ended */
async function tidy(run: Run, reason: string): Promise<{ left: string[]; isStill: boolean }> {
  const result = await cancelMoves(run);
  const isStill = result.kind === 'cancelled';
  const left: string[] = [];
  if (!isStill) {
    const throttles = run.journal.borrowed.filter(({ why }) => why === 'throttle');
    left.push(...throttles.map(({ kind, name, before }) => `${Object.keys(before).join(', ')} of ${kind} ${name}`));
    left.push(...(await written(run, notCancelledText(result.reason, throttles.length > 0))));
  } else if (result.moves > 0) {
    left.push(
      ...(await written(run, {
        en: `${reason}; moves cancelled: ${result.moves}`,
        zh: `${reason}；取消迁移 ${result.moves} 个`,
      })),
    );
  }
  left.push(...(await restored(run, isStill ? 'all' : 'retention')));
  return { left, isStill };
}

const notCancelledText = (reason: string, isThrottled: boolean) => ({
  en: `critical: moves of this change could not be cancelled and may continue on the brokers: ${reason}.${isThrottled ? ' Their throttle stays in place: --resume and --abort remove it.' : ''}`,
  zh: `严重：本变更的迁移无法取消，可能仍在 Broker 上继续：${reason}。${isThrottled ? '其限流保留，可用 --resume 或 --abort 移除。' : ''}`,
});

async function restored(run: Run, why: 'all' | 'retention'): Promise<string[]> {
  const signal = AbortSignal.timeout(tidyMs);
  try {
    return await giveBack(run, why, signal);
  } catch (cause) {
    if (cause instanceof AppError) return [`temporary settings: ${cause.message}`];
    if (!signal.aborted) throw cause;
    return ['temporary settings: the cluster does not answer'];
  }
}

async function faultOf(run: Run, reason: string, { cause, left }: { cause: unknown; left: string[] }) {
  const where = await stateText(run, AbortSignal.timeout(tidyMs));
  left.push(...(await written(run, { en: `stopped: ${reason}`, zh: `已停止：${reason}` })));
  const behind = left.length === 0 ? '' : ` Still set: ${[...new Set(left)].join('; ')}.`;
  return new AppError('change-stopped', `the change stopped: ${reason}. ${where}${behind}`, { cause });
}

/** The disk of the journal may be the reason of the stop. @returns why it could not be written */
async function written(run: Run, text: InLanguages<string>): Promise<string[]> {
  try {
    await note(run, text);
    return [];
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    run.tell(text.en);
    return [`the state on disk is not up to date: ${cause.message}`];
  }
}

async function stateText(run: Run, signal: AbortSignal): Promise<string> {
  try {
    const view = await look({ changes: run.changes, signal });
    const { replicas, removed } = progressOf(run, view, undefined, new Map());
    const still =
      view.moving.length === 0 ? 'Nothing moves.' : `Partitions still moving on the brokers: ${view.moving.length}.`;
    return [
      ...(replicas.all > 0 ? [`${replicas.done} of ${replicas.all} replicas are where they should be.`] : []),
      ...(removed === undefined ? [] : [`${removed.done} of ${removed.all} replicas are removed.`]),
      still,
    ].join(' ');
  } catch (cause) {
    if (!(cause instanceof AppError) && !signal.aborted) throw cause;
    return 'The cluster does not answer, so its progress is unknown; moves in progress continue on the brokers.';
  }
}
