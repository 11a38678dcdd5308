// Reads the mapped queues of a static topic on each broker of a real RocketMQ.

import { expect } from 'vitest';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { planScaleIn } from '../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
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
}
