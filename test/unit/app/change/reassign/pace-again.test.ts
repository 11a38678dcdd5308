import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { paceAgain } from '../../../../../app/change/reassign/control-change.ts';
import { runWords } from '../../../../support/run-words.ts';

const cluster = { name: 'orders', typed: 'XuIQ66rMb3-iA9vPPC879A' };
const planned = { throttleBytesPerSecond: 3_000_000, movesPerBroker: 5 };

async function workplace(isApproved: boolean) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-pace-'));
  const { stdout } = await runWords('ops', 'approve', '--new-key', join(folder.path, 'alice.pem'));
  const [, publicKey] = /^publicKey: (\S+)\n$/.exec(stdout) ?? [];
  const config = join(folder.path, 'plimsoll.yaml');
  const entry = { broker: 'kafka', bootstrap: ['127.0.0.1:1'], clusterId: cluster.typed };
  const changes = { approval: { approvers: { alice: { publicKey } } } };
  await writeFile(config, JSON.stringify({ clusters: { orders: entry }, ...(isApproved && { changes }) }));
  return {
    async pace(options: object) {
      const io = { options: { config, ...options }, signal: new AbortController().signal };
      const amend = await paceAgain(io as never, cluster, planned);
      const facts = { ...planned };
      amend({ facts } as never);
      return facts;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('a resumed reassignment uses the given pace and keeps the other figures of its plan', async () => {
  await using place = await workplace(false);
  expect(await place.pace({})).toEqual(planned);
  expect(await place.pace({ throttle: 1_100_000 })).toEqual({ ...planned, throttleBytesPerSecond: 1_100_000 });
  expect(await place.pace({ network: 125_000_000 })).toEqual({ movesPerBroker: 5, networkBytesPerSecond: 125_000_000 });
  expect(await place.pace({ throttle: 9_000_000, 'moves-per-broker': 1 })).toEqual({
    throttleBytesPerSecond: 9_000_000,
    movesPerBroker: 1,
  });
});

test('an approved plan can be slowed down without another approval, and never sped up', async () => {
  await using place = await workplace(true);
  expect(await place.pace({ throttle: 1_100_000, 'moves-per-broker': 5 })).toMatchObject({ movesPerBroker: 5 });
  for (const faster of [{ throttle: 3_000_001 }, { 'moves-per-broker': 6 }, { network: 125_000_000 }]) {
    await expect(place.pace(faster)).rejects.toMatchObject({ code: 'approval-refused' });
  }
});
