// May what a closed broker holds be lost for reading again? Once it is older than the broker would keep it, or somebody gave it up.

import { seconds } from '../../../core/units.ts';
import type { Step, Tools } from '../change.ts';
import type { ScaleInFacts } from './facts.ts';

export function seeExpired(facts: ScaleInFacts, { clock }: Tools): Step<ScaleInFacts> {
  return {
    id: 'see-expired',
    by: 'plimsoll',
    says: facts.giveUpReplay
      ? 'nothing: reading again what is stored there was given up'
      : 'wait until everything stored there is older than its retention, so that nobody can miss it for a replay',
    pause: seconds(60),
    async run() {
      if (facts.giveUpReplay) return { kind: 'done', evidence: ['reading again was given up by --give-up-replay'] };
      const until = expiryOf(facts);
      if (until === undefined) {
        return {
          kind: 'held',
          holds: [{ what: 'the broker does not tell its fileReservedTime; --give-up-replay goes on' }],
        };
      }
      if (clock.now() >= until) {
        return {
          kind: 'done',
          evidence: [`the retention of ${facts.retentionHours} h ended at ${until.toISOString()}`],
        };
      }
      const what = `what is stored there can be read again for ${facts.retentionHours} h (fileReservedTime); --give-up-replay goes on`;
      return { kind: 'held', holds: [{ what, until }] };
    },
  };
}

/** Nothing came in after `quietAt`, so that the youngest message is older. */
export function expiryOf({
  quietAt,
  retentionHours,
}: Pick<ScaleInFacts, 'quietAt' | 'retentionHours'>): Date | undefined {
  if (quietAt === undefined || retentionHours === undefined) return undefined;
  return new Date(Date.parse(quietAt) + retentionHours * 3_600_000);
}
