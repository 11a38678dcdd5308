// Packs the jars of a broker version like its official distribution: one folder with programs and configuration, once per version.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { loggingProperties } from '../../lab/kafka/kafka-lab.ts';
import { loggingXml } from '../../lab/rocketmq/rocketmq-lab.ts';
import type { Release } from '../../lab/release.ts';

export interface PackedRelease {
  name: string;
  archive: string;
  sha512: string;
}

const consoleLog4j = `Configuration:
  Appenders:
    Console: { name: console, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } }
  Loggers:
    Root: { level: INFO, AppenderRef: { ref: console } }
`;

const filesOf = {
  kafka: {
    jars: 'libs',
    // The first is for Kafka 4, the second for earlier versions.
    files: { 'config/log4j2.yaml': consoleLog4j, 'config/log4j.properties': loggingProperties.log4j1 },
  },
  rocketmq: {
    jars: 'lib',
    files: Object.fromEntries(
      ['broker', 'namesrv', 'controller'].map((part) => [`conf/rmq.${part}.logback.xml`, loggingXml]),
    ),
  },
} as const;

export async function packedRelease(product: keyof typeof filesOf, release: Release): Promise<PackedRelease> {
  const io = { signal: AbortSignal.timeout(170_000), clock: systemClock, environment: process.env, progress() {} };
  const lab = join(cacheFolder(process.env), 'lab');
  const name = `${product}-${release.version}`;
  const archive = join(lab, `${name}.tar.gz`);
  if (!existsSync(archive)) {
    const jars = await brokerJars(release, lab, io);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-pack-'));
    const top = `apache-${name}`;
    const { jars: lib, files } = filesOf[product];
    mkdirSync(join(folder.path, top), { recursive: true });
    symlinkSync(jars, join(folder.path, top, lib));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder.path, top, path, '..'), { recursive: true });
      writeFileSync(join(folder.path, top, path), text);
    }
    const partial = `${archive}.${process.pid}`;
    // Jars are already compressed.
    const words = ['--dereference', '-I', 'gzip -1', '-cf', partial, '-C', folder.path, top];
    const packed = spawnSync('tar', words, { encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(`tar: ${packed.stderr}`);
    renameSync(partial, archive);
  }
  return { name, archive, sha512: createHash('sha512').update(readFileSync(archive)).digest('hex') };
}
