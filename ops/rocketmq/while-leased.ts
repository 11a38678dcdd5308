// Lets a step of a change run only while the lease of the cluster is held.

import type { Io } from '../../brokers/driver.ts';
import type { HeldLease } from '../change/hold-lease.ts';
import type { Step } from './change.ts';

/** A lost lease ends the change before the next thing it would do. */
export function whileLeased<Facts extends object>(step: Step<Facts>, lease: Pick<HeldLease, 'check'>): Step<Facts> {
  const { undo } = step;
  const checked =
    <Answer>(run: (io: Io) => Promise<Answer>) =>
    async (io: Io) => {
      lease.check();
      return await run(io);
    };
  return {
    ...step,
    run: checked((io) => step.run(io)),
    ...(undo && { undo: { ...undo, run: checked((io) => undo.run(io)) } }),
  };
}
