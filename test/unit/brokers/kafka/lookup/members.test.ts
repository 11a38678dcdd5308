import { expect, test } from 'vitest';
import { readMembers } from '../../../../../brokers/kafka/lookup/members.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

test.for([
  ['Share', 'members of a share group are not read; kafka-share-groups.sh shows them'],
  ['Streams', 'members of a streams group are not read; kafka-streams-groups.sh shows them'],
  ['Custom', 'members of a custom group are not read'],
] as const)(
  'members of a group of type %s are not read, and the notice names the tool',
  async ([groupType, notice]) => {
    const groups = [{ groupId: 'billing', protocolType: '', groupState: 'Stable', groupType }];
    const ask = (async () => ({ errorCode: 0, groups })) as unknown as Link['ask'];
    const link: Link = {
      address: 'b:9092',
      ranges: new Map([['ListGroups', { min: 0, max: 5 }]]),
      ask,
      askForParts: ask,
    };
    const broker = { id: '1', address: 'b:9092' };
    const io = { signal: new AbortController().signal };
    expect(await readMembers([broker], async () => link, 'billing', io)).toEqual({ members: [], notices: [notice] });
  },
);
