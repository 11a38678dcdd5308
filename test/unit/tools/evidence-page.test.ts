import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  updateEvidencePage,
  withAttempt,
  withSection,
  withTables,
  type Attempt,
} from '../../../tools/evidence-page.ts';

const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  command: 'npm run bench -- link',
  commit: 'abc1234',
  at: new Date('2026-01-02T03:04:05Z'),
  outcome: 'predicted 9,000 TPS, driven 9,100',
  ...over,
});
const line = '- 2026-01-02T03:04:05.000Z `npm run bench -- link` at abc1234: predicted 9,000 TPS, driven 9,100';

test('new tables replace the old ones and leave the attempts', () => {
  const before = withAttempt('# Truth\n\n| old |', attempt());
  const after = withTables(before, '# Truth\n\n| new |');
  expect(after).toContain('| new |');
  expect(after).not.toContain('| old |');
  expect(after).toContain(line);
});

test('a section replaces the one of its heading, and leaves the others, the title and the attempts', () => {
  const before = withAttempt(
    '# Truth\n\nIntroduction.\n\n## Bytes\n\n| old |\n\n## Bytes of others\n\n| kept |',
    attempt(),
  );
  const after = withSection(before, 'Bytes', '| new |');
  expect(after).toBe(before.replace('| old |', '| new |'));
  expect(withSection(after, 'Pauses', '| last |')).toBe(
    after.replace('## Attempts', '## Pauses\n\n| last |\n\n## Attempts'),
  );
});

test('a failure is an attempt like any other, on one line', () =>
  expect(withAttempt('', attempt({ outcome: 'failed: broker-unreachable\n  at 127.0.0.1' }))).toMatch(
    /: failed: broker-unreachable at 127\.0\.0\.1\n$/,
  ));

test('the file is made when it is not there, and no draft stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-evidence-'));
  try {
    const path = join(folder, 'truth.md');
    await updateEvidencePage(path, { tables: '# Truth', attempt: attempt() });
    await updateEvidencePage(path, { attempt: attempt({ commit: 'def5678' }) });
    const page = await readFile(path, 'utf8');
    expect(page.startsWith('# Truth\n')).toBe(true);
    expect(page.trimEnd().split('\n').slice(-2)).toEqual([line, line.replace('abc1234', 'def5678')]);
    expect(await readdir(folder)).toEqual(['truth.md']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
