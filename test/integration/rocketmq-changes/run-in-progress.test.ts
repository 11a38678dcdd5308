// Scales RocketMQ out during a load test, which must use the new queues.

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { driveRun } from '../../support/driven-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const topic = 'plimsoll-orders';
const workload = {
  topic,
  messageSize: '1KB',
  groups: 1,
  warmUp: '0s',
  profile: { kind: 'constant', rate: 200, duration: '130s' },
};

if (fullMatrix) {
  requires('java', 'maven').test(
    'a broker is added during a load test: its queues get their share, and no message is lost',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [], 2, ['broker-a']);
      await using run = await driveRun(lab.configPath, workload);
      await run.at(8);
      const words = ['--broker', 'broker-b', '--settle', '30s', '--watch', '10s', '--wait', '100s', '--execute'];
      const joined = await changesOf(lab).run('scale-out', ...words);
      expect(joined, joined.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(run.elapsed()).toBeLessThan(120);

      const { ended, ledger, journal } = await run.result();
      process.stdout.write(`${JSON.stringify({ ledger })}\n`);
      expect(ended.exitCode).toBe(0);
      const last = journal.findLast(({ kind }) => kind === 'log-offsets');
      const added = last?.kind === 'log-offsets' ? last.places.filter(({ isAdded }) => isAdded) : [];
      expect(added).toHaveLength(2);
      for (const { end } of added) expect(end).toBeGreaterThan(200);
      expect(ledger.groups[0]).toMatchObject({ lost: 0, unread: 0, duplicated: 0, reordered: 0, corrupted: 0 });
      expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 4 } });
    },
    400_000,
  );
}
