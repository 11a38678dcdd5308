import { expect, test } from 'vitest';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { createLinks } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { createConnectionReader } from '../../../../../brokers/rocketmq/inspect/group-clients.ts';
import { clientsOf } from '../../../../../brokers/rocketmq/inspect/merge-clients.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { scriptProcesses } from '../../../../support/rocketmq-processes.ts';

test('clients not read for three minutes are unknown, and the message model of their group is not', async () => {
  const clock = createHandClock();
  const online = answerOf('{"connectionSet":[{"clientId":"c","version":407}],"messageModel":"BROADCASTING"}');
  let answerSeconds = 0;
  const client = scriptProcesses({
    'a:0': {
      203: ({ fields }) => {
        clock.advance(answerSeconds);
        return fields['consumerGroup'] === 'watch' ? online : refusalOf(206, 'not online');
      },
    },
  });
  const link = createLinks(client, createReadGovernor({ clock })).to('a:0', 'a:0');
  const read = createConnectionReader({ clock });
  const clientsAfter = async (seconds: number, groups: readonly string[]) => {
    clock.advance(seconds);
    const connections = await read(link, groups, { signal: AbortSignal.timeout(5000) });
    const reading = { brokers: [], connections, mayDenyClients: true, conflicts: new Map() };
    return clientsOf([{ ...reading, traffic: { topics: [], groups: [] } }]);
  };
  const watch = { messageModel: 'broadcasting', conflicts: [] };
  expect((await clientsAfter(0, ['watch'])).get('watch')).toEqual({ ...watch, count: 1, versions: ['V4_9_7'] });
  answerSeconds = 1;
  const others = Array.from({ length: 100 }, (_, index) => `group-${index}`);
  const late = await clientsAfter(181, ['watch', ...others]);
  expect(late.get('watch')).toEqual({ ...watch, versions: [] });
  expect(late.get('group-0')).toEqual({ count: 0, versions: [], conflicts: [] });
  expect(late.has('group-99')).toBe(false);
});
