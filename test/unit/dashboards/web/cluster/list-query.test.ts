import { expect, test } from 'vitest';
import { byFigure, readListQuery, rowsPerPage, selectRows } from '../../../../../dashboards/web/cluster/list-query.ts';

const sorts = ['load', 'name'] as const;
const rows = Array.from({ length: 250 }, (_, index) => ({
  name: `topic-${index}`,
  ...(index % 2 === 0 && { tps: index }),
}));
const select = (address: string) =>
  selectRows(rows, readListQuery(new URLSearchParams(address), sorts), ({ name }) => [name], {
    load: byFigure<{ tps?: number }>(({ tps }) => tps),
    name: () => 0,
  });

test('rows are sorted by value in descending order, and rows without a value come last by name', () => {
  const { rows: first, found, pages } = select('');
  expect([first[0]?.name, found, pages]).toEqual(['topic-248', 250, Math.ceil(250 / rowsPerPage)]);
  expect(select('page=3').rows.at(-1)?.name).toBe('topic-249');
});

test('the search for a part of a name ignores case, and a page beyond the last is the last page', () => {
  const { rows: found, page } = select('q=TOPIC-24&sort=name&page=9');
  expect([found.length, found[0]?.name, page]).toEqual([11, 'topic-24', 1]);
});

test.each(['page=-1', 'page=1e9999', 'page=x', 'sort=constructor', `q=${'x'.repeat(10_000)}`])(
  'an invalid value in %s is replaced by the default',
  (address) => {
    const query = readListQuery(new URLSearchParams(address), sorts);
    expect([query.sort, query.page, query.q.length <= 249]).toEqual(['load', 1, true]);
  },
);
