// Checks that find-safe on RocketMQ stops at the policy limit of a link whose speed is set in the config file.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const policy = 0.6;
const rise = 0.1;
const noise = 0.04;
const messageBytes = 2000;
const linkBytesPerSecond = 2.5e6;

if (fullMatrix) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    'behind a slow link find-safe stops at 60% of its speed, as configured',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-safe-'));
      try {
        await using rocketmq = await startRocketmq({ nic: bitsPerSecond(8 * linkBytesPerSecond) });
        const config = join(folder, 'plimsoll.yaml');
        await writeFile(
          config,
          `${await readFile(rocketmq.configPath, 'utf8')}\nanalyzer: { policy: { network: ${policy} } }\n`,
        );
        const workload = join(folder, 'find-safe.yaml');
        const start = Math.round((0.4 * linkBytesPerSecond) / messageBytes);
        await writeFile(
          workload,
          [
            `messageSize: ${messageBytes}B`,
            'warmUp: 3s',
            // CPU and disks of the lab are those of the whole machine, which runs other tasks.
            'criteria: { generatorLag: 2s, hosts: { cpu: 100%, disk-io: 100% } }',
            `profile: { kind: find-safe, start: ${start}, trial: 8s, soak: 25s, settle: 1s, verifications: 1 }`,
          ].join('\n'),
        );
        const directory = join(folder, 'bundle');
        const words = [workload, '--config', config, '--out', directory, '--json'];
        const { exitCode, stdout, stderr } = await startLoad(directory, words).ended;
        expect(exitCode, stderr).toBe(0);
        const certificate = SearchCertificate.parse((JSON.parse(stdout) as { certificate: unknown }).certificate);
        const { lowerBound, upperBounds } = certificate;
        expect(upperBounds[0]).toMatchObject({ limit: policy, unit: 'ratio' });
        expect(upperBounds[0]?.criterion).toMatch(/^network-(in|out) of /);
        // Headers of frames and requests add a few per cent to messages of this size.
        const payload = ((lowerBound?.tps ?? 0) * messageBytes) / linkBytesPerSecond;
        expect(payload).toBeLessThan(policy + noise);
        // The p99 of the seconds is compared with the policy: up to a step above their mean.
        expect(payload).toBeGreaterThan((0.9 * policy) / (1 + rise) ** 3 - noise);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    600_000,
  );
}
