import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLink, signLink } from '../../../../service/hooks/acknowledge-link.ts';

const secret = 'of the service';
const link = {
  channel: 'oncall',
  cluster: '订单',
  alert: 'DiskFull',
  issuedAt: new Date('2026-11-11T12:00:00Z'),
  expiresAt: new Date('2026-11-12T12:00:00Z'),
};
const text = signLink(link, secret);

test('a link shows what it acknowledges until it expires', () => {
  expect(readLink(text, secret, new Date('2026-11-12T11:59:59Z'))).toEqual({ kind: 'valid', link });
  expect(readLink(text, secret, new Date('2026-11-12T12:00:00Z'))).toEqual({ kind: 'expired', link });
});

test('a link of one service is invalid at another', () => {
  expect(readLink(text, 'of another', link.issuedAt)).toEqual({ kind: 'invalid' });
});

test('changing any character makes a link invalid', () => {
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.constantFrom('A', 'b', 'C', '0', '9', '-', '_', '.', '='),
      (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        // The last character of base64url may carry unused bits: the text must still be identical.
        fc.pre(changed !== text);
        expect(readLink(changed, secret, link.issuedAt)).toEqual({ kind: 'invalid' });
      },
    ),
  );
});

test.each(['', '.', 'a.b.c', 'x'.repeat(100_000)])('%.10j is not a valid link', (other) => {
  expect(readLink(other, secret, link.issuedAt)).toEqual({ kind: 'invalid' });
});
