// Starts three real Kafka brokers behind network interfaces of known speed, with live traffic from Apache's own programs.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { bitsPerSecond } from '../../core/units.ts';
import { startKafka, type KafkaRequest } from './kafka.ts';
import { openLiveKafka } from './live-kafka.ts';
import { liveNameOf } from './live-name.ts';
import { main } from './plimsoll.ts';
import { startCli, startCommand, type RunningCli } from './run-cli.ts';

export interface RedlineLabRequest extends KafkaRequest {
  /** Speed of each network interface in each direction; absent: no namespaces, all brokers on the loopback. */
  megabits?: number;
  /** Merged over `analyzer` of plimsoll.yaml. */
  analyzer?: Record<string, unknown>;
}

export async function startRedlineLab({ megabits, analyzer, ...request }: RedlineLabRequest) {
  const kafka = await startKafka({
    brokers: 3,
    ...request,
    ...(megabits !== undefined && { nic: bitsPerSecond(megabits * 1e6) }),
  });
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-redline-'));
  const document = parse(await readFile(kafka.configPath, 'utf8')) as Record<string, unknown> & {
    loadgen?: { networkNamespace?: string };
  };
  const namespace = document.loadgen?.networkNamespace;
  const config = join(folder, 'plimsoll.yaml');
  await writeFile(config, stringify({ ...document, ...(analyzer && { analyzer }) }));
  const live = await openLiveKafka(kafka.bootstrap, namespace);

  const start = (...words: string[]): RunningCli =>
    namespace === undefined
      ? startCli(words)
      : startCommand(['ip', 'netns', 'exec', namespace, process.execPath, main, ...words]);

  return {
    kafka,
    folder,
    config,
    ...live,
    start,
    confirm: liveNameOf(kafka),
    redline(...words: string[]): RunningCli {
      return start('redline', '--config', config, '--state-dir', join(folder, 'state'), ...words);
    },
    async [Symbol.asyncDispose]() {
      await kafka[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
