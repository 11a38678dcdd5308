import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  parseRuns,
  updateEvidencePage,
  withRuns,
  withSection,
  withTables,
  type Attempt,
} from '../../support/evidence-page.ts';

const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  command: 'npm run bench -- link',
  commit: 'abc1234',
  at: new Date('2026-01-02T03:04:05Z'),
  outcome: 'predicted 9,000 msg/s, measured 9,100 (goal within 5%: yes)',
  ...over,
});
const data = '../evidence/truth/runs.ndjson';
const line = '- `npm run bench -- link`, 2026-01-02, abc1234: 1 of 1 goals met';

test('new tables replace the old ones and keep the runs', () => {
  const before = withRuns('# Truth\n\n| old |', [attempt()], data);
  expect(withTables(before, '# Truth\n\n| new |')).toBe(before.replace('| old |', '| new |'));
});

test('a section replaces the section with its heading, and keeps all others, the title and the runs', () => {
  const before = withRuns(
    '# Truth\n\nIntroduction.\n\n## Bytes\n\n| old |\n\n## Bytes of others\n\n| kept |',
    [attempt()],
    data,
  );
  const after = withSection(before, 'Bytes', '| new |');
  expect(after).toBe(before.replace('| old |', '| new |'));
  expect(withSection(after, 'Pauses', '| last |')).toBe(after.replace('## Runs', '## Pauses\n\n| last |\n\n## Runs'));
});

test('a page shows the last successful run of each bench and links to all runs', () => {
  const failed = attempt({ outcome: 'failed with broker-unreachable' });
  const tests = attempt({ command: 'npm run test:full' });
  const page = withRuns('# Truth', [attempt({ commit: 'old' }), attempt(), failed, tests], data);
  expect(page).toContain(line);
  expect(page.match(/^- /gm)).toHaveLength(1);
  expect(page).toContain(`[truth/runs.ndjson](${data})`);
});

test('a run of a whole bench replaces earlier runs of its parts, and a later run of a part is shown beside it', () => {
  const [whole, pacer, soak] = ['', ' --part pacer', ' --part soak'].map((part) =>
    attempt({ command: `npm run bench -- loadgen${part}` }),
  ) as [Attempt, Attempt, Attempt];
  const shown = withRuns('# Speed', [pacer, soak, whole, soak], data).match(/^- `.*?`/gm);
  expect(shown).toEqual(['- `npm run bench -- loadgen`', '- `npm run bench -- loadgen --part soak`']);
});

test('a page shows the number of goals met, and rounded figures of missed goals without set-ups', () => {
  const met = 'wall 0.3 s (goal at most 0.5: yes); CPU 0.2 s; series 12 (goal at most 10: unknown)';
  const missed = 'limit (3 brokers; cpu of 1 is full) 188.674 msg/s, driven 192.68 (goal within 1%: no)';
  const shownOf = (outcome: string) => withRuns('# Truth', [attempt({ outcome })], data);
  expect(shownOf(met)).toContain('abc1234: 1 of 1 goals met\n');
  expect(shownOf(`${met}; ${missed}`)).toContain(
    'abc1234: 1 of 2 goals met; limit 188.7 msg/s, driven 192.7 (goal within 1%: no)\n',
  );
  expect(shownOf('wall 0.3 s; CPU 0.2 s')).toContain('abc1234: 2 figures, no goals\n');
});

test('each run is appended to the data file on one line, with temporary folders replaced and no draft left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-evidence-'));
  try {
    const path = join(folder, 'docs/evidence/truth.md');
    const runs = async () => parseRuns(await readFile(join(folder, 'evidence/truth/runs.ndjson'), 'utf8'));
    await updateEvidencePage(path, { tables: '# Truth', attempt: attempt() });
    const failed = attempt({ commit: 'def5678', outcome: 'failed: broker-unreachable\n  at 127.0.0.1' });
    await updateEvidencePage(path, { attempt: { ...failed, command: `${failed.command} --keep /tmp/b` } });
    const again = attempt({ command: 'npm run bench -- truth-lab --again DIR' });
    await updateEvidencePage(path, { attempt: { ...again, command: again.command.replace('DIR', '/tmp/b/') } });
    expect(await readFile(path, 'utf8')).toMatch(/^# Truth\n\n## Runs\n/);
    expect(await runs()).toEqual([attempt(), { ...failed, outcome: 'failed: broker-unreachable at 127.0.0.1' }, again]);
    expect(await readdir(join(folder, 'docs/evidence'))).toEqual(['truth.md']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
