import { expect, test } from 'vitest';
import { settingRows, sidesTogether } from '../../../../service/clusters/shown-settings.ts';

test('brokers with the same value are grouped, and the value that differs is last', () => {
  const rows = settingRows([
    { id: '1', values: new Map([['num.io.threads', '8']]) },
    { id: '2', values: new Map([['num.io.threads', '16']]) },
    { id: '3', values: new Map([['num.io.threads', '8']]) },
  ]);
  expect(rows).toEqual([
    {
      setting: 'num.io.threads',
      values: [
        { value: '8', by: ['1', '3'] },
        { value: '16', by: ['2'] },
      ],
    },
  ]);
  expect(sidesTogether({ a: '16', b: '8', c: '8' }).map(({ by }) => by)).toEqual([['b', 'c'], ['a']]);
});
