// Checks that find-safe stops at the policy limit of a link and soaks there.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { startKafka } from '../../support/kafka.ts';
import { bytesPerMessage, carriedByPlainTcp } from '../../support/link-truth.ts';
import { startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const policy = 0.8;
const rise = 0.1;
/** Noise between two readings of network counters a second apart, and of a mean over eight of them. */
const noise = 0.04;

if (fullMatrix) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    'behind a link of random speed find-safe stops at the policy limit and not above',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-safe-'));
      const mbit = Math.round(15 + Math.random() * 25);
      const messageBytes = 2000;
      try {
        await using kafka = await startKafka({ nic: bitsPerSecond(mbit * 1e6) });
        const carried = await carriedByPlainTcp(dirname(kafka.configPath));
        const workload = join(folder, 'find-safe.yaml');
        await writeFile(
          workload,
          [
            `messageSize: ${messageBytes}B`,
            'warmUp: 3s',
            // CPU and disks of the lab are those of the whole machine, which runs other tasks.
            'criteria: { generatorLag: 2s, hosts: { cpu: 100%, disk-io: 100% } }',
            `profile: { kind: find-safe, start: ${Math.round((carried / messageBytes) * 0.5)}, trial: 8s, soak: 25s, settle: 1s, verifications: 1 }`,
          ].join('\n'),
        );
        const directory = join(folder, 'bundle');
        const words = [workload, '--config', kafka.configPath, '--out', directory, '--json'];
        const { exitCode, stdout, stderr } = await startLoad(directory, words).ended;
        expect(exitCode, stderr).toBe(0);
        const certificate = SearchCertificate.parse((JSON.parse(stdout) as { certificate: unknown }).certificate);
        const { search, lowerBound, upperBounds, trials } = certificate;
        const found = lowerBound?.tps ?? 0;
        const cost = bytesPerMessage(directory, { atLeast: 0.99 * found, groups: 1 });
        const used = (found * Math.max(cost.in, cost.out)) / ((mbit * 1e6) / 8);
        process.stdout.write(
          `find-safe ${JSON.stringify({ mbit, messageBytes, carried, cost, found, used })}\n${stderr.split('\n').slice(-14).join('\n')}\n`,
        );
        expect(search).toBe('find-safe');
        expect(used).toBeLessThan(policy + noise);
        expect(used).toBeGreaterThan(policy / (1 + rise) ** 2 - noise);
        expect(upperBounds[0]).toMatchObject({ limit: policy, unit: 'ratio' });
        expect(upperBounds[0]?.criterion).toMatch(/^network-(in|out) of broker-1$/);
        expect(trials.at(-1)).toMatchObject({ purpose: 'soak', outcome: { kind: 'passed' }, durationSeconds: 25 });
        for (const [index, { targetTps }] of trials.entries()) {
          const proven = Math.max(
            ...trials
              .slice(0, index)
              .flatMap(({ outcome, targetTps: rate }) => (outcome.kind === 'passed' ? [rate] : [])),
            trials[0]?.targetTps ?? 0,
          );
          expect(targetTps).toBeLessThan(proven * (1 + rise) + 1);
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    600_000,
  );
}
