import { expect, test } from 'vitest';
import { createLogger } from '../../../../core/log.ts';
import { watchMembers } from '../../../../exporter/shards/shards.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

/** Like a rejected fetch. */
const notTrusted = () =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('unable to verify the first certificate'), {
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    }),
  });

test('an unreachable member is logged once with the reason, and once when it is back', async () => {
  const clock = createSteppedClock();
  const lines: { msg: string; member?: string; reason?: string }[] = [];
  let answers = false;
  await using membership = watchMembers({
    self: 'exporter-0',
    members: ['exporter-0', 'exporter-1', 'exporter-2'],
    everySeconds: 2,
    goneAfterSeconds: 10,
    ask: async (name) => {
      if (name === 'exporter-1' && !answers) throw notTrusted();
      return { joinsInSeconds: 0 };
    },
    clock,
    log: createLogger('warn', { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) }),
  });
  membership.start();
  await clock.advance(9);
  // Other members start together with this one.
  expect(lines).toEqual([]);
  await clock.advance(60);
  expect(lines).toMatchObject([
    {
      msg: 'cannot reach a member of exporter.shards: the others show its targets',
      member: 'exporter-1',
      reason: 'the certificate authority is unknown: set NODE_EXTRA_CA_CERTS',
    },
  ]);
  expect(membership.states().get('exporter-1')).toBe('gone');
  answers = true;
  await clock.advance(4);
  expect(lines.map(({ msg }) => msg).slice(1)).toEqual(['the problem is no longer observed']);
});
