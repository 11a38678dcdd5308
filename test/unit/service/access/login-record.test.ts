import { expect, test } from 'vitest';
import type { NewHistoryEntry } from '../../../../core/documents/history-entry.ts';
import { createLoginRecord } from '../../../../service/access/login-record.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

test('limits recorded failed logins of strangers per day with one note, and still records those of known users', () => {
  const clock = createHandClock();
  const recorded: string[] = [];
  const append = (entry: NewHistoryEntry, { name }: { name: string }) => {
    if (entry.kind === 'change') recorded.push(`${name}: ${entry.document.after ?? ''}`);
    return { ...entry, id: recorded.length, at: '', by: { name, through: 'page' as const } };
  };
  const logins = createLoginRecord({ append }, clock);
  for (let hour = 0; hour < 48; hour++) {
    for (let count = 0; count < 100; count++) logins.fail('unknown', 'the answer is for another login');
    if (hour === 12) logins.fail('otto', 'no role');
    clock.advance(3600);
  }
  const isStranger = (text: string) => text.endsWith('the answer is for another login');
  expect(recorded.filter(isStranger)).toHaveLength(60 + 60);
  expect(recorded.filter((text) => !isStranger(text))).toEqual([
    'unknown: further failed logins of this UTC day are not listed',
    'otto: no role',
    'unknown: further failed logins of this UTC day are not listed',
  ]);
});
