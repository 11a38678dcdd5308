import { expect, test } from 'vitest';
import { renderMessage } from '../../../cli/message-text.ts';
import { gapsIn } from '../../../cli/report.ts';
import { renderJson } from '../../../cli/command.ts';

test('offsets beyond 2^53 keep every digit in JSON', () => {
  expect(renderJson({ offset: 9_007_199_254_740_993n })).toBe('{\n  "offset": 9007199254740993\n}\n');
});

test('reports parts that were not read with the reason, and no fresh ones', () => {
  const sections = [
    { section: 'groups', kind: 'fresh' as const },
    { section: 'offsets', broker: '2', kind: 'missing' as const, reason: 'no answer before the deadline' },
  ];
  expect(gapsIn({ sections })).toEqual(['offsets of 2: not read: no answer before the deadline']);
});

const message = (value: Buffer | undefined) => ({
  message: {
    topic: 'orders',
    partition: 3,
    offset: 42n,
    ...(value && { value }),
    properties: [['trace', Buffer.from([0xff, 0x00])] as const],
    facts: {},
  },
});

test('shows a text value as text and another value as bytes, truncated to the requested size', () => {
  expect(renderMessage(message(Buffer.from('grüße\n{"a":1}')), 100)).toMatch(/value, 15 bytes:\ngrüße\n\{"a":1\}\n$/);
  expect(renderMessage(message(Buffer.from([0, 1, 0x41])), 100)).toMatch(/00000000 {2}00 01 41 +\.\.A\n$/);
  expect(renderMessage(message(Buffer.from('x'.repeat(50))), 4)).toMatch(/value, 50 bytes, the first 4:\nxxxx\n$/);
  expect(renderMessage(message(undefined), 4)).toContain('no value: a tombstone');
  expect(renderMessage(message(undefined), 4)).toContain('property trace  0xff00');
});
