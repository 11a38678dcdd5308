import { expect, test } from 'vitest';
import { shapeOf, UnparsedShapes } from '../../../../gc/log/unparsed-shapes.ts';

test('lines that differ only in numbers, addresses and quotes have one shape', () => {
  expect(shapeOf('  took 1,234.5 ms at 0x7f00ab for "a b"')).toBe(shapeOf('took 7 ms  at 0x0 for "c"'));
});

test('counts shapes, the most frequent first, each with its first line', () => {
  const shapes = new UnparsedShapes();
  for (const line of ['started', 'took 1 ms', 'took 22 ms']) shapes.add(line);
  expect(shapes.lines).toBe(3);
  expect(shapes.shapes).toEqual([
    { shape: 'took N ms', count: 2, example: 'took 1 ms' },
    { shape: 'started', count: 1, example: 'started' },
  ]);
});

test('a file with arbitrary text keeps few shapes, and counts every line', () => {
  const shapes = new UnparsedShapes();
  for (let index = 0; index < 5000; index++) shapes.add('x'.repeat(index % 4000));
  expect(shapes.lines).toBe(5000);
  expect(shapes.shapes.length).toBe(200);
});
