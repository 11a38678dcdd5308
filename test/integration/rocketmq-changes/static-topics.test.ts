// Reads the mapped queues of a static topic on each broker of a real RocketMQ.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ask } from '../../../brokers/rocketmq/ask.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { encodeUpdateConsumerOffset } from '../../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../../brokers/rocketmq/protocol/remoting-client.ts';
import { planScaleIn } from '../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const sent = 8;

if (fullMatrix) {
  requires('java', 'maven').test(
    'changes read the queues that a static topic has on a broker, and refuse to remove the broker',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await lab.mqadmin(['updateStaticTopic', '-t', 'mapped', '-qn', '4', '-c', 'lab']);
      for (let count = 0; count < sent; count += 1) await lab.mqadmin(['sendMessage', '-t', 'mapped', '-p', 'paid']);
      await using desk = openChangeDesk('lab', lab.config);
      const io = { signal: AbortSignal.timeout(60_000) };
      let [stored, read] = [0n, 0];
      for (const { address } of lab.brokers) {
        const queues = [0, 1].map((queueId) => ({ topic: 'mapped', queueId }));
        for (const end of await desk.ends(address, queues, io)) stored += end;
        for (const queue of queues) read += (await desk.messages(address, { ...queue, offset: 0n }, io)).length;
      }
      expect([stored, read]).toEqual([BigInt(sent), sent]);
      const spec = { brokerName: 'broker-a', quietSeconds: 5, ignoredGroups: [], giveUpReplay: true };
      const { findings } = await planScaleIn(desk, spec, new Date(), io);
      expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toContain('critical static-topic');
    },
    180_000,
  );

  requires('java', 'maven').test(
    'a backup or copy of a group contains its other topics, and names the static one',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await lab.mqadmin(['updateStaticTopic', '-t', 'mapped', '-qn', '4', '-c', 'lab']);
      await lab.mqadmin(['updateSubGroup', '-g', 'billing', '-c', 'lab']);
      await lab.mqadmin(['updateTopic', '-t', 'orders', '-c', 'lab', '-r', '1', '-w', '1']);
      await using client = createRemotingClient({ name: 'lab', config: lab.config });
      for (const topic of ['mapped', 'orders']) {
        const commit = encodeUpdateConsumerOffset({ consumerGroup: 'billing', topic, queueId: 0, offset: 0n });
        const io = { signal: AbortSignal.timeout(10_000) };
        // Only the broker that hosts a mapped queue accepts its commits.
        await Promise.any(lab.brokers.map(({ address }) => ask(client, { action: 'commit', address }, commit, io)));
      }
      const out = join(lab.home, 'backup.json');
      const words = ['--config', lab.configPath, '--group'];
      const { exitCode, stdout, stderr } = await runCli('ops', 'offsets', 'backup', ...words, 'billing', '--out', out);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^offsets of billing in orders saved: 2, in .*; not saved: mapped is a static topic/);
      const { positions } = JSON.parse(readFileSync(out, 'utf8')) as { positions: { topic: string }[] };
      expect(new Set(positions.map(({ topic }) => topic))).toEqual(new Set(['orders']));
      const copy = await runCli('ops', 'offsets', 'copy', ...words, 'billing-v2', '--from', 'billing');
      expect(copy).toMatchObject({ exitCode: 0, stderr: '' });
      expect(copy.stdout).toContain('warning: Not copied: mapped is a static topic');
    },
    180_000,
  );
}
