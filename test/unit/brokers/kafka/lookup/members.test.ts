import { expect, test } from 'vitest';
import { readMembers } from '../../../../../brokers/kafka/lookup/members.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

/** Reads the members of group billing. @param answers responses by action */
function membersOf(answers: Readonly<Record<string, object>>) {
  const ask = (async (action: string) => answers[action]) as unknown as Link['ask'];
  const link: Link = {
    address: 'b:9092',
    ranges: new Map([['ListGroups', { min: 0, max: 5 }]]),
    ask,
    askForParts: ask,
  };
  const io = { signal: new AbortController().signal };
  return readMembers([{ id: '1', address: 'b:9092' }], async () => link, 'billing', io);
}

test.for([
  ['Share', 'members of a share group are not read; kafka-share-groups.sh shows them'],
  ['Streams', 'members of a streams group are not read; kafka-streams-groups.sh shows them'],
  ['Custom', 'members of a custom group are not read'],
] as const)(
  'members of a group of type %s are not read, and the notice names the tool if there is one',
  async ([groupType, notice]) => {
    const groups = [{ groupId: 'billing', protocolType: '', groupState: 'Stable', groupType }];
    expect(await membersOf({ 'list consumer groups': { groups } })).toEqual({ members: [], notices: [notice] });
  },
);

test('a Connect group without members has no notice about them', async () => {
  const group = { groupId: 'billing', groupState: 'Empty', protocolType: 'connect' };
  const described = { ...group, errorCode: 0, protocolData: '', members: [] };
  const answers = {
    'list consumer groups': { groups: [{ ...group, groupType: 'classic' }] },
    'describe consumer groups': { groups: [described] },
  };
  expect(await membersOf(answers)).toEqual({ members: [], notices: [] });
});
