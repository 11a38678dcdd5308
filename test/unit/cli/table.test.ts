import { expect, test } from 'vitest';
import { byteRateText, bytesText, messageRateText, percentText } from '../../../cli/figures.ts';
import { renderMessage } from '../../../cli/message-text.ts';
import { gapsIn, renderJson } from '../../../cli/report.ts';
import { renderTable } from '../../../cli/table.ts';

test('columns are as wide as their widest cell, figures at the right, and what is unknown is a dash', () => {
  const table = renderTable(
    [{ heading: 'TOPIC' }, { heading: 'LAG', isFigure: true }],
    [
      ['orders', '7'],
      ['payments-by-card', undefined],
    ],
  );
  expect(table).toBe('TOPIC             LAG\norders              7\npayments-by-card    -\n');
});

test('names that would speak to the terminal do not reach it', () => {
  expect(renderTable([{ heading: 'CLIENT' }], [['a\u001b[2Jb\u009bc']])).toBe('CLIENT\na·[2Jb·c\n');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.6, '1.00 kB'],
  [12_345, '12.3 kB'],
  [123_456_789n, '123 MB'],
  [9_223_372_036_854_775_807n, '9.22 EB'],
])('%s bytes are %s', (value, text) => expect(bytesText(value)).toBe(text));

test('rates carry their unit, and unknown ones are absent', () => {
  expect([byteRateText(1500), messageRateText(70_000), messageRateText(0.25)]).toEqual([
    '1.50 kB/s',
    '70.0k/s',
    '0.25/s',
  ]);
  expect([bytesText(undefined), byteRateText(undefined), percentText(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([percentText(0.003), percentText(0.71)]).toEqual(['0.3%', '71%']);
});

test('offsets beyond 2^53 keep every digit in JSON', () => {
  expect(renderJson({ offset: 9_007_199_254_740_993n })).toBe('{\n  "offset": 9007199254740993\n}\n');
});

test('what was not read is told with its reason, what is fresh is not', () => {
  const sections = [
    { section: 'groups', kind: 'fresh' as const },
    { section: 'offsets', broker: '2', kind: 'missing' as const, reason: 'no answer before the deadline' },
  ];
  expect(gapsIn({ sections })).toEqual(['offsets of 2: not read: no answer before the deadline']);
});

const message = (value: Buffer | undefined) => ({
  topic: 'orders',
  partition: 3,
  offset: 42n,
  ...(value && { value }),
  properties: [['trace', Buffer.from([0xff, 0x00])] as const],
  facts: {},
});

test('a value that is text is shown as text, another one as bytes beside it, and never more than wanted', () => {
  expect(renderMessage(message(Buffer.from('grüße\n{"a":1}')), 100)).toMatch(/value, 15 bytes:\ngrüße\n\{"a":1\}\n$/);
  expect(renderMessage(message(Buffer.from([0, 1, 0x41])), 100)).toMatch(/00000000 {2}00 01 41 +\.\.A\n$/);
  expect(renderMessage(message(Buffer.from('x'.repeat(50))), 4)).toMatch(/value, 50 bytes, the first 4:\nxxxx\n$/);
  expect(renderMessage(message(undefined), 4)).toContain('no value: a tombstone');
  expect(renderMessage(message(undefined), 4)).toContain('property trace  0xff00');
});
