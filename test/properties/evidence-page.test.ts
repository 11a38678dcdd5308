import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withAttempt, withTables } from '../../tools/evidence-page.ts';

const change = fc.oneof(
  fc.record({ kind: fc.constant('tables' as const), text: fc.string() }),
  fc.record({ kind: fc.constant('attempt' as const), text: fc.string() }),
);

test('no change of a page ever loses or rewrites an attempt', () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      let page = '';
      let attempts: string[] = [];
      for (const { kind, text } of changes) {
        page =
          kind === 'tables'
            ? withTables(page, `# Truth\n\n${text}`)
            : withAttempt(page, { command: 'bench', commit: 'abc', at: new Date(0), outcome: text });
        const now = page.split('\n').filter((line) => line.startsWith('- 1970-'));
        expect(now.slice(0, attempts.length)).toEqual(attempts);
        expect(now.length).toBe(attempts.length + (kind === 'attempt' ? 1 : 0));
        attempts = now;
      }
    }),
  );
});
