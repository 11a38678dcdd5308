// Checks that `plimsoll init` writes a working config for a running cluster.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startKafka } from '../support/kafka.ts';
import { plimsoll } from '../support/plimsoll.ts';
import { requires } from '../support/prerequisites.ts';

requires('java', 'maven').test(
  'init discovers a real cluster, writes a valid config, and never overwrites an edited one',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-init-'));
    await using kafka = await startKafka();
    const words = ['init', '--bootstrap', kafka.bootstrap.join(), '--name', 'found'];
    try {
      expect(await plimsoll(words, { cwd: folder })).toMatchObject({ exitCode: 0, stdout: 'plimsoll.yaml\n' });
      const file = join(folder, 'plimsoll.yaml');
      const text = await readFile(file, 'utf8');
      expect(text).toContain(`"1": { host: local } # advertises ${kafka.bootstrap[0]}`);
      expect(await plimsoll(['config', 'check'], { cwd: folder })).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('1 cluster (found), 1 host (local)'),
      });

      await writeFile(file, `${text}# edited\n`);
      expect(await plimsoll(words, { cwd: folder })).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('already exists'),
      });
      expect(await readFile(file, 'utf8')).toContain('# edited');
      const { exitCode, stdout } = await plimsoll([...words, '--force', '--json'], { cwd: folder });
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([
        0,
        {
          schemaVersion: 1,
          config: 'plimsoll.yaml',
          cluster: { name: 'found', brokers: [{ id: '1', address: kafka.bootstrap[0] }] },
        },
      ]);
      expect(await plimsoll([...words, '--out', '-'], { cwd: folder })).toMatchObject({
        exitCode: 0,
        stdout: await readFile(file, 'utf8'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  60_000,
);
