// Moves the offsets of a group of a real RocketMQ, stopped and running, and compares them with mqadmin.

import { expect } from 'vitest';
import { startRocketmq } from '../../support/rocketmq.ts';
import { batch, group, movedGroup, partitions, reading, topic } from '../../support/moved-group.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const all = 2 * batch;
const each = <Value>(value: Value) => Array.from({ length: partitions }, () => value);

/** mqadmin sometimes times out on a busy broker, and lists no queue. */
const patience = { timeout: 240_000, interval: 1000 };

if (fullMatrix) {
  for (const version of ['4.9.7', '5.3.3']) {
    requires('java', 'maven').test(
      `a stopped group is moved and rolled back, and a running group reads again: RocketMQ ${version}`,
      async () => {
        await using lab = await startRocketmq({ version });
        await using moved = await movedGroup(lab.config, lab.configPath);
        const committed = async () => {
          const told = await lab.mqadmin(['consumerProgress', '-g', group]);
          // Topic, broker name, queue, offset of the broker, offset of the consumer.
          return Array.from(told.matchAll(/^(\S+)\s+\S+\s+(\d+)\s+\d+\s+(\d+)/gm))
            .filter(([, named]) => named === topic)
            .toSorted((a, b) => Number(a[2]) - Number(b[2]))
            .map(([, , , offset]) => Number(offset));
        };
        const ways = [
          [['--earliest'], each(0)],
          [['--shift=30'], each(30)],
          [['--to-offset', '70'], each(70)],
          [['--shift=-20'], each(50)],
          [['--latest'], each(all)],
        ] as const;
        for (const [ours, expected] of ways) {
          await moved.move(...ours);
          await expect.poll(committed, { ...patience, message: ours.join(' ') }).toEqual(expected);
        }
        const byTime = await moved.move('--to-time', moved.between);
        // Before 5.x, a broker returns the message nearest to the timestamp: one of its two neighbours.
        for (const { target = Number.NaN } of byTime.partitions) {
          expect(version === '4.9.7' ? [batch - 1, batch] : [batch]).toContain(target);
        }
        await expect.poll(committed, patience).toEqual(byTime.partitions.map(({ target }) => target));
        await moved.restore(byTime.backup ?? '', '--execute', '--confirm', 'lab');
        await expect.poll(committed, patience).toEqual(each(all));

        await moved.move('--earliest');
        const seen = await reading(lab.config, all * partitions, async () => {
          if (version === '4.9.7') {
            const refused = await moved.refusal('--to-offset', '10');
            expect(refused).toMatchObject({ exitCode: 5, stdout: '' });
            expect(refused.stderr).toMatch(/Brokers before 5\.2 move a running group by time and whole topics only/);
            return;
          }
          const online = await moved.move('--to-offset', '10');
          expect(online.presence).toMatchObject({ kind: 'running' });
          await expect
            .poll(async () => (await moved.lags()).every((lag) => lag === 0), { timeout: 120_000, interval: 500 })
            .toBe(true);
        });
        const again = version === '4.9.7' ? 0 : partitions * (all - 10);
        expect(seen.length).toBeGreaterThanOrEqual(all * partitions + again);
      },
      900_000,
    );
  }
}
