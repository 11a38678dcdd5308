// Plans a scale-in of a real RocketMQ with messages in lite topics that no group has read.

import { expect } from 'vitest';
import { ask } from '../../../brokers/rocketmq/ask.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { encodeProperties } from '../../../brokers/rocketmq/protocol/message-properties.ts';
import { createRemotingClient } from '../../../brokers/rocketmq/protocol/remoting-client.ts';
import { encodeSendMessageV2 } from '../../../brokers/rocketmq/protocol/send-message.ts';
import { planScaleIn } from '../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'lite topics that no group has read hold the scale-in for the groups bound to their topic',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters', version: '5.5.0' });
      const set = (key: string) => lab.mqadmin(['updateBrokerConfig', '-c', 'lab', '-k', key, '-v', 'true']);
      await set('enableLmq');
      await set('enableMultiDispatch');
      const lite = ['-a', '+message.type=LITE'];
      await lab.mqadmin(['updateTopic', '-t', 'orders', '-c', 'lab', '-r', '1', '-w', '1', ...lite]);
      await lab.mqadmin(['updateSubGroup', '-g', 'agents', '-c', 'lab', '--attributes', '+lite.bind.topic=orders']);
      await using client = createRemotingClient({ name: 'lab', config: lab.config });
      const io = { signal: AbortSignal.timeout(60_000) };
      const address = lab.brokers.find(({ id }) => id.startsWith('broker-a'))?.address ?? '';
      for (const name of ['session-1', 'session-1', 'session-2']) {
        const properties = encodeProperties(new Map([['INNER_MULTI_DISPATCH', `%LMQ%$orders$${name}`]]));
        const to = { producerGroup: 'shop', topic: 'orders', queueId: 0, sysFlag: 0, bornAtMs: Date.now() };
        const sent = encodeSendMessageV2({ ...to, properties, body: Buffer.from('paid') });
        await ask(client, { action: 'send', address }, sent, io);
      }
      await using desk = openChangeDesk('lab', lab.config);
      const holdsFor = async (...ignoredGroups: string[]) => {
        const spec = { brokerName: 'broker-a', quietSeconds: 5, ignoredGroups, giveUpReplay: true };
        const { holds = [] } = await planScaleIn(desk, spec, new Date(), io);
        return holds.map(({ what }) => what);
      };
      await expect
        .poll(() => holdsFor(), { timeout: 10_000 })
        .toEqual([
          'group agents has unread messages in orders (lite topics that no group has read, some possibly expired): 2 (no client of it is online)',
        ]);
      expect(await holdsFor('agents')).toEqual([]);
    },
    120_000,
  );
}
