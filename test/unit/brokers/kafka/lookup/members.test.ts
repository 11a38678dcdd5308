import { expect, test } from 'vitest';
import { readMembers } from '../../../../../brokers/kafka/lookup/members.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

/** Reads the members of group billing. @param answers responses by action */
function membersOf(answers: Readonly<Record<string, object>>) {
  const ask = (async (action: string) => answers[action]) as unknown as Link['ask'];
  const link: Link = {
    address: 'b:9092',
    ranges: new Map([
      ['ListGroups', { min: 0, max: 5 }],
      ['ShareGroupDescribe', { min: 1, max: 1 }],
      ['StreamsGroupDescribe', { min: 0, max: 0 }],
    ]),
    ask,
    askForParts: ask,
  };
  const io = { signal: new AbortController().signal };
  return readMembers([{ id: '1', address: 'b:9092' }], async () => link, 'billing', io);
}

test('members of a group of an unknown type are not read', async () => {
  const groups = [{ groupId: 'billing', protocolType: '', groupState: 'Stable', groupType: 'Custom' }];
  const notices = ['members of a custom group are not read'];
  expect(await membersOf({ 'list consumer groups': { groups } })).toEqual({ members: [], notices });
});

test.each(['Share', 'Streams'])('reads the members of a group of type %s', async (groupType) => {
  const listed = { groupId: 'billing', protocolType: '', groupState: 'Stable', groupType };
  const member = { memberId: 'm-1', clientId: 'app', clientHost: '/10.0.0.7' };
  const members = [{ ...member, assigned: [{ topic: 'orders', partitions: [0, 2] }] }];
  const answers = {
    'list consumer groups': { groups: [listed] },
    'describe consumer groups': { groups: [{ ...listed, errorCode: 0, members }] },
  };
  expect((await membersOf(answers)).members).toEqual([
    {
      id: 'm-1',
      clientId: 'app',
      address: '10.0.0.7',
      assigned: [
        { topic: 'orders', partition: 0 },
        { topic: 'orders', partition: 2 },
      ],
    },
  ]);
});

test('a Connect group without members has no notice about them', async () => {
  const group = { groupId: 'billing', groupState: 'Empty', protocolType: 'connect' };
  const described = { ...group, errorCode: 0, protocolData: '', members: [] };
  const answers = {
    'list consumer groups': { groups: [{ ...group, groupType: 'classic' }] },
    'describe consumer groups': { groups: [described] },
  };
  expect(await membersOf(answers)).toEqual({ members: [], notices: [] });
});
