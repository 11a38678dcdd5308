// Assigns producer threads to workers by configured shares, and consumers in turn.

import { AppError } from '../../core/errors.ts';
import { startTrafficThread, type StartThread } from '../execute/workers/traffic-thread.ts';
import type { RemoteWorker } from './remote-worker.ts';

interface CrewMember {
  worker: Pick<RemoteWorker, 'startThread'>;
  threads: number;
  weight: number;
}

export interface Crew {
  startThread: StartThread;
  /** Weight of each producer, in order. */
  shares: readonly number[];
}

/** @param here starts threads in the coordinator's process */
export function createCrew(
  members: readonly CrewMember[],
  consumers: 'coordinator' | 'workers',
  here: StartThread = startTrafficThread,
): Crew {
  const producers = members.flatMap((member) => Array.from({ length: member.threads }, () => member));
  let turn = 0;
  return {
    shares: producers.map(({ weight }) => weight),
    startThread(assignment, listener) {
      if (assignment.role === 'producer') {
        const member = producers[assignment.worker];
        if (member === undefined) {
          throw new AppError(
            'workload-invalid',
            `the run has ${assignment.workers} producers, and loadgen.workers has threads for ${producers.length}`,
            { hint: 'resume a run with the workers that it was started with' },
          );
        }
        return member.worker.startThread(assignment, listener);
      }
      const member = consumers === 'workers' ? members[turn++ % members.length] : undefined;
      return (member?.worker.startThread ?? here)(assignment, listener);
    },
  };
}

/**
 * After a failure, waits for the others, so that each can clean up while its resources are still open.
 *
 * @param signal aborts all of them
 * @throws the first failure
 */
export async function allOrNone<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  start: (item: Item, index: number, io: { signal: AbortSignal }) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const io = { signal: AbortSignal.any([signal, failed.signal]) };
  const failures: unknown[] = [];
  await Promise.allSettled(
    items.map((item, index) =>
      start(item, index, io).catch((error: unknown) => {
        failures.push(error);
        failed.abort(error);
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
