import { Reader, Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { readItems } from '../../../../../brokers/kafka/wire/items.ts';

test('a list is parsed as by the library', () => {
  const { buffer } = Writer.create().appendArray(['a', '', 'b'], (writer, text) =>
    writer.appendString(text),
  ).dynamicBuffer;
  const read = (reader: Reader) => readItems(reader, (items, index) => `${index}${items.readString()}`);
  expect(read(Reader.from(buffer))).toEqual(['0a', '1', '2b']);
});

test('a null list is empty', () => expect(readItems(Reader.from(Buffer.of(0)), () => 1)).toEqual([]));

test('items that point back to earlier bytes are refused, however many are announced', () => {
  // Two thousand million items. Each ends one byte before its start, and its tags make up for that.
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
