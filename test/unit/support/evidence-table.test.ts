// Checks that a table of measurements is unchanged by its CSV file, and that the page shows only its main columns.

import { expect, test } from 'vitest';
import { parseCsv, sectionOf, type EvidenceTable } from '../../support/evidence-table.ts';

const table: EvidenceTable = {
  page: 'docs/evidence/truth.md',
  heading: 'Cards',
  data: 'evidence/truth/cards.csv',
  says: 'What was measured.',
  columns: [{ name: 'set-up' }, { name: 'host', isHidden: true }, { name: 'msg/s', isNumber: true }],
  isShown: ([name]) => name !== 'hidden',
};

test('parses cells with commas, quotes or nothing', () => {
  expect(parseCsv('a,"1,234 of ""b""",\n,x,\n')).toEqual([
    ['a', '1,234 of "b"', ''],
    ['', 'x', ''],
  ]);
});

test('hidden columns and rows are in the data file only', () => {
  const section = sectionOf(
    table,
    [
      ['one', 'broker-1', '1,234'],
      ['hidden', 'broker-1', '9'],
    ],
    'Made today.',
  );
  expect(section).toContain('| set-up | msg/s |\n| --- | ---: |\n| one | 1,234 |');
  expect(section).toContain('[cards.csv](../../evidence/truth/cards.csv)');
  expect(section).not.toMatch(/broker-1|hidden/);
});
