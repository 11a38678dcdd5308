// Compares find-max on links of random speeds with plain TCP on the same link.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { startKafka } from '../../support/kafka.ts';
import { bytesPerMessage, carriedByPlainTcp } from '../../support/link-truth.ts';
import { startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

/** Limits a search to about five minutes: short trials, and a grid that uses half of the accepted error of 5 %. */
const search = 'kind: find-max, trial: 12s, confirm: 15s, width: 2%, settle: 1s, verifications: 1';
/** Broker and load generator share two cores: send delay does not indicate a saturated link. */
const criteria = 'generatorLag: 2s';
const nearest = 0.05;
/** Sets the message size of the search to fill the link at a rate that two busy cores sustain. */
const messagesPerSecond = 1500;

interface Shape {
  broker: 'kafka' | 'rocketmq';
  mbit: [least: number, most: number];
  groups: number;
}

async function findOn({ broker, mbit: [least, most], groups }: Shape) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-max-'));
  const mbit = Math.round(least + Math.random() * (most - least));
  const nic = bitsPerSecond(mbit * 1e6);
  const messageBytes = Math.round((mbit * 1e6) / 8 / messagesPerSecond / Math.max(1, groups));
  try {
    await using lab = broker === 'kafka' ? await startKafka({ nic }) : await startRocketmq({ nic });
    const carried = await carriedByPlainTcp(dirname(lab.configPath));
    const workload = join(folder, 'find-max.yaml');
    await writeFile(
      workload,
      `messageSize: ${messageBytes}B\ngroups: ${groups}\nwarmUp: 3s\ncriteria: { ${criteria} }\nprofile: { ${search} }\n`,
    );
    const directory = join(folder, 'bundle');
    const { ended } = startLoad(directory, [workload, '--config', lab.configPath, '--out', directory, '--json']);
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode, stderr).toBe(0);
    const certificate = SearchCertificate.parse((JSON.parse(stdout) as { certificate: unknown }).certificate);
    const found = certificate.lowerBound?.tps ?? 0;
    const cost = bytesPerMessage(directory, { atLeast: 0.9 * found, groups });
    const truth = carried / Math.max(cost.in, cost.out);
    const told = { mbit, messageBytes, groups, carried, cost, truth, found, error: found / truth - 1 };
    process.stdout.write(`${broker} ${JSON.stringify(told)}\n${stderr.split('\n').slice(-14).join('\n')}\n`);
    return {
      certificate,
      truth,
      found,
      result: JSON.parse(await readFile(join(directory, 'result.json'), 'utf8')) as unknown,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (fullMatrix) {
  const shapes: Shape[] = [
    { broker: 'kafka', mbit: [15, 30], groups: 1 },
    { broker: 'kafka', mbit: [35, 65], groups: 0 },
    { broker: 'kafka', mbit: [90, 130], groups: 2 },
    // With one group both directions saturate at once, and messages stored late are read late (docs/explanation/rate-search.md).
    { broker: 'rocketmq', mbit: [15, 30], groups: 2 },
    { broker: 'rocketmq', mbit: [35, 65], groups: 0 },
    { broker: 'rocketmq', mbit: [90, 130], groups: 2 },
  ];
  for (const shape of shapes) {
    const { broker, mbit, groups } = shape;
    requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
      `behind a link of ${mbit.join(' to ')} Mbit/s, find-max on ${broker} with ${groups} groups finds its capacity`,
      async () => {
        const { certificate, truth, found } = await findOn(shape);
        expect(Math.abs(found / truth - 1)).toBeLessThan(nearest);
        expect(certificate.upperBounds[0]?.tps ?? 0).toBeGreaterThan(found);
      },
      600_000,
    );
  }

  requires('java', 'maven').test(
    'find-max on loopback, without a link limit, names the load generator or a CPU as the limit',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-max-loopback-'));
      try {
        await using kafka = await startKafka();
        const workload = join(folder, 'find-max.yaml');
        const quick =
          'kind: find-max, start: 20000, trial: 12s, confirm: 12s, width: 20%, settle: 1s, verifications: 1';
        await writeFile(workload, `messageSize: 100B\nwarmUp: 3s\ngroups: 0\nprofile: { ${quick} }\n`);
        const directory = join(folder, 'bundle');
        const words = [workload, '--config', kafka.configPath, '--out', directory, '--json'];
        const { exitCode, stdout, stderr } = await startLoad(directory, words).ended;
        const certificate = SearchCertificate.parse((JSON.parse(stdout) as { certificate: unknown }).certificate);
        process.stdout.write(`loopback ${exitCode}\n${stderr.split('\n').slice(-14).join('\n')}\n`);
        const named = certificate.upperBounds.flatMap(({ full = [] }) => full.map(({ resource }) => resource));
        expect([certificate.endedBecause, ...named].join(', ')).toMatch(/generator-limited|cpu/);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    600_000,
  );
}
