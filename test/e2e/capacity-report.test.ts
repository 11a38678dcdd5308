// Prints the capacity report with Chromium as a tagged PDF with an outline.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requires } from '../support/prerequisites.ts';
import { runCli, startCli } from '../support/run-cli.ts';

requires('chromium').describe('the capacity report', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-report-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is built from the output of size and analyze, and becomes a PDF with tags and an outline', async () => {
    const plan = await runCli('size', 'examples/domains.yaml', '--json');
    const verdict = await runCli('analyze', 'examples/founding-70k', '--json');
    await writeFile(join(folder, 'plan.json'), plan.stdout);
    await writeFile(join(folder, 'orders.json'), verdict.stdout);
    const out = join(folder, 'report.pdf');
    const { exitCode, stderr } = await runCli(
      'report',
      '--promotion=双十一',
      '--lang=zh',
      '--format=pdf',
      `--out=${out}`,
      `--plan=${join(folder, 'plan.json')}`,
      `--analysis=orders=${join(folder, 'orders.json')}`,
    );
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining('orders：不通过：证据已超过 90 天，或没有日期')]);
    const pdf = await readFile(out, 'latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect(pdf).toContain('/StructTreeRoot');
    expect(pdf).toContain('/Lang (zh-CN)');
    // The page embeds its fonts, so those of the machine must not matter.
    const fonts = new Set([...pdf.matchAll(/\/BaseFont \/[A-Z]{6}\+(\w+)/g)].map(([, name]) => name));
    expect([...fonts].filter((name) => !name?.startsWith('NotoSansSC'))).toEqual([]);
    expect(fonts.size).toBeGreaterThan(0);
    // Titles of the document and of each of the fourteen parts.
    expect(pdf.match(/\/Title <FEFF/g)?.length).toBeGreaterThanOrEqual(15);
  });

  test('without Chromium the error is that a PDF needs it', async () => {
    const { exitCode, stderr } = await startCli(
      [
        'report',
        '--promotion',
        'x',
        '--plan',
        join(folder, 'plan.json'),
        '--format',
        'pdf',
        '--out',
        join(folder, 'no.pdf'),
      ],
      { ...process.env, PLIMSOLL_CHROMIUM: join(folder, 'no-such-program') },
    ).ended;
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining('a PDF needs Chromium')]);
  });
});
