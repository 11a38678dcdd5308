import { expect, test } from 'vitest';
import { readPages, type Page } from '../../../../../brokers/rocketmq/protocol/read-pages.ts';

const named = (names: readonly string[]) => names.map((name) => ({ name }));
const namesOf = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

/** A broker that sends at most two rows at a time, and starts again with the first one if the version differs. */
function broker(tables: readonly { version: string; rows: readonly string[] }[]) {
  const asked: Page[] = [];
  return {
    asked,
    ask: (page: Page) => {
      const { version, rows } = tables[Math.min(asked.length, tables.length - 1)] ?? { version: '', rows: [] };
      asked.push(page);
      const from = page.dataVersion === version ? page.from : 0;
      return Promise.resolve({ rows: named(rows.slice(from, from + 2)), dataVersion: version, total: rows.length });
    },
  };
}

test('requests pages until all rows are there', async () => {
  const { ask, asked } = broker([{ version: 'one', rows: ['a', 'b', 'c', 'd', 'e'] }]);
  expect(namesOf(await readPages(ask))).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(asked.map(({ from, dataVersion }) => [from, dataVersion])).toEqual([
    [0, undefined],
    [2, 'one'],
    [4, 'one'],
  ]);
});

test('a table that changes while it is read is read again, without deleted rows', async () => {
  const { ask } = broker([
    { version: 'one', rows: ['a', 'b', 'c'] },
    { version: 'two', rows: ['b', 'c', 'd'] },
  ]);
  expect(namesOf(await readPages(ask))).toEqual(['b', 'c', 'd']);
});

test('a broker that sends all rows at once gets one request', async () => {
  let asked = 0;
  const rows = await readPages(() => Promise.resolve({ rows: named(['a', 'b']), dataVersion: String((asked += 1)) }));
  expect({ names: namesOf(rows), asked }).toEqual({ names: ['a', 'b'], asked: 1 });
});

test('a broker that announces more rows but repeats the same ones adds no row twice', async () => {
  const rows = await readPages(() => Promise.resolve({ rows: named(['a', 'b']), dataVersion: 'one', total: 3 }));
  expect(namesOf(rows)).toEqual(['a', 'b']);
});

test('does not wait for rows that were deleted before they were sent', async () => {
  const answers = [
    { rows: named(['a']), total: 2 },
    { rows: [], total: 2 },
  ];
  expect(namesOf(await readPages(() => Promise.resolve(answers.shift() ?? { rows: [] })))).toEqual(['a']);
});
