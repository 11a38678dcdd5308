import { Reader, Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { readItems } from '../../../../../brokers/kafka/wire/items.ts';

test('a list is read as the library reads it', () => {
  const { buffer } = Writer.create().appendArray(['a', '', 'b'], (writer, text) =>
    writer.appendString(text),
  ).dynamicBuffer;
  const read = (reader: Reader) => readItems(reader, (items, index) => `${index}${items.readString()}`);
  expect(read(Reader.from(buffer))).toEqual(['0a', '1', '2b']);
});

test('a null list is empty', () => expect(readItems(Reader.from(Buffer.of(0)), () => 1)).toEqual([]));

test('items that lead back to bytes read before are refused, however many are announced', () => {
  // Two thousand million items. Each ends a byte before it began, which its tags then make up for.
  let looks = 0;
  const read = (reader: Reader) =>
    readItems(reader, (items) => {
      looks += 1;
      items.skip(4);
      items.skip(-5);
    });
  expect(() => read(Reader.from(Buffer.from('ffffffff07' + '00'.repeat(16), 'hex')))).toThrow('ends before it starts');
  expect(looks).toBeLessThan(20);
});
