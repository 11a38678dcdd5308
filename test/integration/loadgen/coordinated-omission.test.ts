// Compares the percentiles of a run with a five-second broker stall with their exact values.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { kafkaTools, rocketmqExample } from '../../../bench/java-clients.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { driveRun } from '../../support/driven-run.ts';
import { startJavaLoad, type JavaLoad } from '../../support/java-load.ts';
import { startKafka } from '../../support/kafka.ts';
import { openOtherClient } from '../../support/other-client.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const rate = 300;
const runSeconds = 60;
const stopAt = 25;
const stallSeconds = 5;
const messageBytes = 200;
const quiet = { signal: new AbortController().signal, progress: () => undefined };

/** Checked percentiles. All lie in the stall, which takes a twelfth of the run. */
const looked = { p95: 0.95, p99: 0.99, p999: 0.999, max: 1 };
type Looked = Record<keyof typeof looked, number>;

/*
 * Messages are due every 1/r seconds, whatever the broker does. A message due at t, while the broker is suspended from s to
 * s + D, is acknowledged when it continues: after s + D − t. In a run of T seconds, messages that wait longer than x are due between s
 * and s + D − x, so
 *
 * P(latency > x) = (D − x) / T      for x between the usual latency and D
 *
 * and a share q of all messages has a latency below D − (1 − q)·T: with D = 5 and T = 60 it is 2 s at 95 %,
 * 4.4 s at 99 % and 4.94 s at 99.9 %. Counted here message by message, for D as the test observed it. A generator that sends only
 * after the last response would have one late message, and an unchanged p99.
 */
function theory(stoppedAt: number, resumedAt: number): Looked {
  const waits = Array.from({ length: rate * runSeconds }, (_, n) => n / rate)
    .map((due) => (due >= stoppedAt && due <= resumedAt ? resumedAt - due : 0))
    .toSorted((a, b) => a - b);
  const at = (share: number) => waits[Math.ceil(share * waits.length) - 1] ?? Number.NaN;
  return { p95: at(looked.p95), p99: at(looked.p99), p999: at(looked.p999), max: at(looked.max) };
}

interface Stalled {
  configPath: string;
  pid: number;
  /** In the form of the config file. */
  cluster: object;
  /** Apache's own programs, on a separate topic during the run. */
  peers(topic: string): Record<string, JavaLoad>;
}

async function stall({ configPath, pid, cluster, peers }: Stalled) {
  await using other = await openOtherClient(cluster, 'others');
  await using stack = new AsyncDisposableStack();
  const started = Object.entries(peers('others')).map(([name, load]) => [name, stack.use(load)] as const);
  await using run = await driveRun(configPath, {
    messageSize: `${messageBytes}B`,
    partitions: 1,
    warmUp: '0s',
    groups: 1,
    profile: { kind: 'constant', rate, duration: `${runSeconds}s` },
  });
  await run.at(stopAt);
  const stoppedAt = run.elapsed();
  process.kill(pid, 'SIGSTOP');
  let answered: Promise<void>;
  try {
    await delay(1000);
    answered = other.send();
    await delay((stallSeconds - 1) * 1000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const continuedAt = run.elapsed();
  // On busy cores a continued process waits for its turn: it is suspended until it responds.
  await answered;
  const resumedAt = run.elapsed();
  const { ended, ledger, steps } = await run.result();
  expect({ exitCode: ended.exitCode, stderr: ended.exitCode === 0 ? '' : ended.stderr }).toEqual({
    exitCode: 0,
    stderr: '',
  });
  await Promise.race([Promise.all(started.map(([, { ended: over }]) => over)), delay(20_000)]);
  const said = Object.fromEntries(started.map(([name, load]) => [name, lastWords(load.printed())]));
  const expected = theory(stoppedAt, resumedAt);
  const measured = steps[0]?.latencySeconds;
  process.stdout.write(
    `${JSON.stringify({ stopped: continuedAt - stoppedAt, stalled: resumedAt - stoppedAt, expected, measured, said })}\n`,
  );
  expect(ledger).toMatchObject({ sent: rate * runSeconds, acknowledged: rate * runSeconds, isExact: true });
  expect(ledger.groups).toMatchObject([{ lost: 0, unread: 0, received: rate * runSeconds }]);
  for (const name of Object.keys(looked) as (keyof Looked)[]) {
    expect((measured?.[name] ?? Number.NaN) / expected[name], name).toBeGreaterThan(0.98);
    expect((measured?.[name] ?? Number.NaN) / expected[name], name).toBeLessThan(1.02);
  }
}

/** Percentiles of the whole run, or the longest wait; and errors. */
const lastWords = (printed: string) => printed.split('\n').filter((line) => /99\.9th|Max RT|Exception/.test(line));

if (fullMatrix) {
  requires('java', 'maven').test(
    'the percentiles of a run include all of a 5 s stall of Kafka',
    async () => {
      await using kafka = await startKafka();
      const [bootstrap = ''] = kafka.bootstrap;
      const jars = await kafkaTools(defaultKafkaVersion, quiet);
      const perfTest = (topic: string, buffer = '') =>
        startJavaLoad(
          jars,
          'org.apache.kafka.tools.ProducerPerformance',
          [
            `--bootstrap-server ${bootstrap} --topic ${topic} --record-size ${messageBytes}`,
            `--num-records ${rate * runSeconds} --throughput ${rate} --command-property acks=all ${buffer}`,
          ].flatMap((line) => line.trim().split(' ')),
        );
      await stall({
        configPath: kafka.configPath,
        pid: kafka.brokers[0]?.pid ?? Number.NaN,
        cluster: { broker: 'kafka', bootstrap: kafka.bootstrap },
        peers: (topic) => ({
          'as it is': perfTest(topic),
          'its buffer full after a second': perfTest(topic, `buffer.memory=${rate * messageBytes}`),
        }),
      });
    },
    240_000,
  );

  requires('java', 'maven').test(
    'the percentiles of a run include all of a 5 s stall of RocketMQ',
    async () => {
      await using rocketmq = await startRocketmq();
      const jars = await rocketmqExample(quiet);
      await stall({
        configPath: rocketmq.configPath,
        pid: rocketmq.brokers[0]?.pid ?? Number.NaN,
        cluster: rocketmq.config,
        // The program has no rate: one thread sends when its last message was acknowledged.
        peers: (topic) => ({
          'one thread': startJavaLoad(
            jars,
            'org.apache.rocketmq.example.benchmark.Producer',
            `-n ${rocketmq.namesrv.join(';')} -t ${topic} -w 1 -s ${messageBytes} -ri ${runSeconds * 1000} -q 0`.split(
              ' ',
            ),
          ),
        }),
      });
    },
    240_000,
  );
}
