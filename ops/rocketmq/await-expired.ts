// Waits until the messages of closed queues have expired, unless the operator gave up their replay.

import { seconds } from '../../core/units.ts';
import { changesNothing, type Step } from '../change/step.ts';
import type { Tools } from './change.ts';
import { expiryOf, type Retention } from './unread-blocker.ts';

export function awaitExpired<Facts extends Retention & { giveUpReplay: boolean }>(
  facts: Facts,
  { clock }: Tools,
): Step<Facts> {
  return {
    id: 'see-expired',
    by: 'plimsoll',
    description: facts.giveUpReplay
      ? 'nothing: reading again what is stored there was given up'
      : 'wait until everything stored there is older than its retention, so that no replay can need it',
    pause: seconds(60),
    undo: changesNothing,
    async run() {
      if (facts.giveUpReplay) return { kind: 'done', evidence: ['reading again was given up by --give-up-replay'] };
      const until = expiryOf(facts);
      if (until === undefined) {
        const what = 'the broker does not report its fileReservedTime; --give-up-replay continues';
        return { kind: 'held', holds: [{ what }] };
      }
      if (clock.now() >= until) {
        const evidence = [`the retention of ${facts.retentionHours} h ended at ${until.toISOString()}`];
        return { kind: 'done', evidence };
      }
      const what = `what is stored there can be read again for ${facts.retentionHours} h (fileReservedTime); --give-up-replay continues`;
      return { kind: 'held', holds: [{ what, until }] };
    },
  };
}
