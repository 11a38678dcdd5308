import { readMembers } from '../../../../../brokers/rocketmq/lookup/members.ts';
import { expect, test } from 'vitest';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { createLinks } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import type { NameReading } from '../../../../../brokers/rocketmq/inspect/broker-name.ts';
import {
  createConflictReader,
  createConnectionReader,
  clientsOf,
} from '../../../../../brokers/rocketmq/inspect/group-clients.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { scriptProcesses } from '../../../../support/rocketmq-processes.ts';

test('clients not read for three minutes are unknown, while the message model of their group is kept', async () => {
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
    const reading = { brokers: [], connections, mayDenyClients: true, conflicts: new Map(), liteLags: [] };
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

test('a conflict is kept without new requests while clients are unknown, and ends when they are gone', async () => {
  const clock = createHandClock();
  const online = answerOf('{"connectionSet":[{"clientId":"one","version":407},{"clientId":"two","version":407}]}');
  let [answerSeconds, isOnline] = [0, true];
  const client = scriptProcesses({
    'a:0': {
      203: ({ fields }) => {
        clock.advance(answerSeconds);
        return fields['consumerGroup'] === 'watch' && isOnline ? online : refusalOf(206, 'not online');
      },
      307: ({ fields: { clientId = '' } }) =>
        answerOf(`{"subscriptionSet":[{"topic":"orders","subString":"${clientId}"}]}`),
    },
  });
  const link = createLinks(client, createReadGovernor({ clock })).to('a:0', 'a:0');
  const [readConnections, readConflicts] = [createConnectionReader({ clock }), createConflictReader({ clock })];
  const after = async (seconds: number, groups: readonly string[]) => {
    clock.advance(seconds);
    const io = { signal: AbortSignal.timeout(5000) };
    const connections = await readConnections(link, groups, io);
    const conflicts = (await readConflicts(link, connections, io)).get('watch');
    const asked = client.asked().filter((line) => line.endsWith(' 307')).length;
    return { kind: connections.get('watch')?.kind, conflicts, asked };
  };
  expect(await after(0, ['watch'])).toEqual({ kind: 'online', conflicts: ['orders'], asked: 2 });
  answerSeconds = 1;
  const others = Array.from({ length: 100 }, (_, index) => `group-${index}`);
  expect(await after(601, ['watch', ...others])).toEqual({ kind: 'unknown', conflicts: ['orders'], asked: 0 });
  answerSeconds = 0;
  expect((await after(15, ['watch'])).asked, 'online again, it has waited for its turn').toBe(2);
  isOnline = false;
  expect(await after(61, ['watch'])).toEqual({ kind: 'offline', conflicts: undefined, asked: 0 });
});

test('members with different subscriptions are reported with the topics in conflict', async () => {
  const client = scriptProcesses({
    'a:0': {
      203: () => answerOf('{"connectionSet":[{"clientId":"one","version":407},{"clientId":"two","version":407}]}'),
      307: ({ fields: { clientId = '' } }) =>
        answerOf(`{"subscriptionSet":[{"topic":"orders","subString":"${clientId}"},{"topic":"paid","subString":"*"}]}`),
    },
  });
  const link = createLinks(client, createReadGovernor({ clock: createHandClock() })).to('a:0', 'a:0');
  const { conflicts, notices } = await readMembers([link], 'watch', { signal: AbortSignal.timeout(5000) });
  expect(conflicts).toEqual(['orders']);
  expect(notices).toEqual(['members have different subscriptions to orders: the group misses messages']);
});

test('a group with traffic but no listed client, as behind a proxy, has no client count', () => {
  const traffic = (group: string, messagesPerSecond: number) => ({
    broker: 'broker-a:0',
    group,
    topic: 'orders',
    messagesPerSecond,
    bytesPerSecond: 0,
    sendBackPerSecond: 0,
  });
  const reading: NameReading = {
    brokers: [],
    liteLags: [],
    connections: new Map([
      ['proxied', { kind: 'offline' }],
      ['stopped', { kind: 'offline' }],
    ]),
    mayDenyClients: true,
    conflicts: new Map(),
    traffic: { topics: [], groups: [traffic('proxied', 12.5), traffic('stopped', 0)] },
  };
  const merged = clientsOf([reading]);
  expect(merged.get('proxied')).toEqual({ versions: [], conflicts: [] });
  expect(merged.get('stopped')).toEqual({ count: 0, versions: [], conflicts: [] });
});
