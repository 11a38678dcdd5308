import { expect, test } from 'vitest';
import { readGroups } from '../../../../../brokers/kafka/reading/groups.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

test('a Kafka Streams group has no members if empty, and otherwise an unknown number if its broker cannot describe it', async () => {
  const groups = [
    ...['Empty', 'Stable'].map((groupState) => ({
      groupId: `words-${groupState}`,
      protocolType: 'streams',
      groupState,
      groupType: 'Streams',
    })),
    // A group of consumers that only commit, like Flink's.
    { groupId: 'flink', protocolType: '', groupState: 'Empty', groupType: 'Classic' },
  ];
  const ask = (async () => ({ errorCode: 0, groups })) as unknown as Link['ask'];
  const ranges = new Map([['ListGroups', { min: 0, max: 5 }]]);
  const link: Link = { address: 'b:9092', ranges, ask, askForParts: ask };
  const { value } = await readGroups(link, undefined, { signal: new AbortController().signal });
  expect(value).toEqual([
    { name: 'words-Empty', state: 'Empty', members: 0, hadMembers: true, kind: 'streams', assigned: [] },
    { name: 'words-Stable', state: 'Stable', hadMembers: true, kind: 'streams', assigned: [] },
    { name: 'flink', state: 'Empty', members: 0, kind: 'classic', assigned: [] },
  ]);
});
