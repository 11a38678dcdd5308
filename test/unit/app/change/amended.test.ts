import { expect, test } from 'vitest';
import { amended } from '../../../../app/change/rocketmq/run-change.ts';

const facts = { topic: 'orders', giveUpReplay: false, ignoredGroups: ['audit'] };
const twice = { ...facts, ignoredGroups: ['audit', 'audit'] };

test('a resumed change ignores more groups, and a replay stays given up', () => {
  const added = { giveUpReplay: true, ignoredGroups: ['audit', 'billing'] };
  expect(amended(facts, added, false)).toEqual({ ...facts, ...added });
  expect(amended({ ...facts, giveUpReplay: true }, { giveUpReplay: false, ignoredGroups: [] }, false)).toEqual({
    ...facts,
    giveUpReplay: true,
  });
});

test.each([
  { giveUpReplay: false, ignoredGroups: ['billing'] },
  { giveUpReplay: true, ignoredGroups: [] },
])('an approved change is not resumed with %j, which its approver has not seen', (added) => {
  for (const planned of [facts, twice]) {
    expect(() => amended(planned, added, true)).toThrow('the approved plan ignores fewer unread messages');
  }
});

test('an approved change is resumed with the options of its plan', () => {
  expect(amended(facts, { giveUpReplay: false, ignoredGroups: ['audit'] }, true)).toEqual(facts);
});
