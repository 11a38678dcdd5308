// Starts apache/rocketmq-exporter from its jar, and waits until it shows the topics.

import { setTimeout } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import { freePorts } from '../lab/free-port.ts';
import type { BenchIo } from './bench.ts';
import { startScraped, type Contender } from './scrape-contenders.ts';

/** It collects once per minute, independent of requests, and its first collection may be incomplete. */
const patienceSeconds = 180;

/** @param leastSeries minimum series of a complete page */
export async function startRocketmqExporter(
  jar: string,
  nameServer: string,
  leastSeries: number,
  { stderr, signal, clock }: Pick<BenchIo, 'stderr' | 'signal' | 'clock'>,
): Promise<Contender> {
  const [port, grpcPort] = await freePorts(2);
  const words = [
    '-jar',
    jar,
    `--rocketmq.config.namesrvAddr=${nameServer}`,
    `--server.port=${port}`,
    `--grpc.server.port=${grpcPort}`,
  ];
  stderr.write(`$ java ${words.join(' ')}\n`);
  const contender = await startScraped('java', words, `http://127.0.0.1:${port}/metrics`, { signal });
  const began = clock.monotonic();
  for (;;) {
    const { series } = (await contender.scrape(signal))();
    if (series >= leastSeries) return contender;
    if (clock.monotonic() - began > patienceSeconds) {
      await contender[Symbol.asyncDispose]();
      throw new AppError('run-failed', `${jar} showed ${series} series after ${patienceSeconds} s, not ${leastSeries}`);
    }
    await setTimeout(2000, undefined, { signal });
  }
}
