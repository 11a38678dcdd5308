import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLikeLines } from '../../analyzer/evidence/importers/like-lines.ts';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeNat(),
  fc
    .tuple(fc.nat(1e9), fc.nat(12))
    .map(([mantissa, decimals]) => Number((mantissa / 10 ** decimals).toFixed(decimals))),
);

test('a line of a known shape is read exactly as JSON.parse reads it, or not at all', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number, number), { minLength: 2, maxLength: 8 }), (rows) => {
      const lines = createLikeLines();
      let parsedNumbers = 0;
      for (const [a, b, c] of rows) {
        const bytes = Buffer.from(JSON.stringify({ a, list: [b, { c }], text: 'é "5" \\' }));
        const parsed: unknown = JSON.parse(bytes.toString());
        const read = lines.read(bytes, 0, bytes.length);
        if (read === undefined) lines.learn(bytes, 0, bytes.length, parsed);
        else {
          parsedNumbers += 1;
          expect(read).toStrictEqual(parsed);
        }
      }
      expect(parsedNumbers).toBeLessThan(rows.length);
    }),
  );
});
