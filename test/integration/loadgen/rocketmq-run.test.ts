import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

requires('java', 'maven').test(
  'runs a load test on RocketMQ as on Kafka, and deletes its topic and group',
  async () => {
    // A cold broker on a busy machine rejects requests that wait for more than 200 ms, its default.
    await using rocketmq = await startRocketmq({ properties: { waitTimeMillsInSendQueue: '10000' } });
    const scratch = await mkdtemp(join(tmpdir(), 'plimsoll-rocketmq-run-'));
    try {
      const bundle = join(scratch, 'bundle');
      const load = '--rate-steps 200,400 --step-duration 1s --warm-up 1s --message-size 200 --groups 1 --partitions 4';
      const words = ['run', '--config', rocketmq.configPath, '--out', bundle, '--json', ...load.split(' ')];
      const { exitCode, stdout, stderr } = await plimsoll(words);
      expect({ exitCode, failure: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, failure: '' });
      // One second of warm-up at 200, then one second per step.
      const sent = 200 + 200 + 400;
      expect(JSON.parse(stdout)).toMatchObject({
        run: { status: 'completed' },
        ledger: {
          sent,
          acknowledged: sent,
          groups: [{ received: sent, lost: 0, unread: 0, duplicated: 0, corrupted: 0, foreign: 0 }],
          isExact: true,
          agreement: { agrees: true, grown: sent, notCompared: 0 },
        },
      });
      const record = JSON.parse(await readFile(join(bundle, 'run.json'), 'utf8')) as { workload: { topic: string } };
      expect(await rocketmq.mqadmin(['topicList'])).not.toContain(record.workload.topic);
      // A pending pull at the broker would create the group again when it ends, within 6 s.
      await delay(7000);
      const io = { signal: AbortSignal.timeout(30_000) };
      await using inspector = await driverOf(rocketmq.config).inspect('lab', rocketmq.config, io);
      const { groups } = await inspector.snapshot(io);
      expect(groups.map(({ name }) => name).filter((name) => name.startsWith('plimsoll'))).toEqual([]);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
  120_000,
);
