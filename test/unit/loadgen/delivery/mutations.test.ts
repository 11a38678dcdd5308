import { expect, test } from 'vitest';
import { createFakeBroker } from '../../../support/fake-broker.ts';
import { mutatedAccount } from '../../../support/mutated-delivery.ts';

test('each lost, duplicated, reordered or corrupted message of an in-memory broker is found in its partition', async () => {
  const broker = createFakeBroker({ topics: { t: 4 } });
  const offsets = async () =>
    [0, 1, 2, 3].map((partition) => ({
      topic: 't',
      partition,
      start: 0n,
      end: BigInt(broker.stored('t', partition).length),
    }));
  const { groups, agreement } = await mutatedAccount('t', broker.traffic(), offsets);
  expect(groups[0]?.places).toEqual([
    { topic: 't', partition: 0, lost: 1 },
    { topic: 't', partition: 1, duplicated: 1 },
    { topic: 't', partition: 2, reordered: 1 },
    { topic: 't', partition: 3, lost: 1, corrupted: 1 },
  ]);
  expect(agreement).toMatchObject({ agrees: true, partitions: 4, grown: 200, acknowledged: 200 });
});
