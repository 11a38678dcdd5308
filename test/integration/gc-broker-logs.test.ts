// Reads GC logs of real brokers with the options of their own start scripts.

import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { startKafka } from '../support/kafka.ts';
import { plimsoll } from '../support/plimsoll.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { eventsOf, ofKind } from '../support/read-gc-log.ts';
import { startRocketmq } from '../support/rocketmq.ts';
import { printedPauses } from '../truth/printed-pauses.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'plimsoll-test-broker-gc-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** kafka-run-class.sh of apache/kafka 4.0 with -loggc: KAFKA_JVM_PERFORMANCE_OPTS and KAFKA_GC_LOG_OPTS. */
const kafkaOptions = (file: string) => [
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  `-Xlog:gc*:file=${file}:time,tags:filecount=10,filesize=100M`,
];

/** distribution/bin/runbroker.sh of apache/rocketmq 4.9.7, except for the heap size. */
const rocketmqOptions = (file: string) => [
  '-XX:+UseG1GC',
  '-XX:G1HeapRegionSize=16m',
  '-XX:G1ReservePercent=25',
  '-XX:InitiatingHeapOccupancyPercent=30',
  '-XX:SoftRefLRUPolicyMSPerMB=0',
  `-Xlog:gc*:file=${file}:time,tags:filecount=5,filesize=30M`,
];

// The JVM matrix covers these options too; this test adds brokers under load.
if (fullMatrix) {
  requires('java', 'maven').describe('every pause in the GC log is parsed, and no line is unknown:', () => {
    requires('java', 'maven').test('Kafka under load', async () => {
      vi.stubEnv('JAVA_TOOL_OPTIONS', kafkaOptions(join(scratch, 'kafkaServer-gc-%p.log')).join(' '));
      await using kafka = await startKafka();
      await load(kafka.configPath);
      expectRead();
    });

    requires('java', 'maven').test('RocketMQ 4.9.7 under load', async () => {
      vi.stubEnv('JAVA_TOOL_OPTIONS', rocketmqOptions(join(scratch, 'rmq_srv_gc_%p_%t.log')).join(' '));
      await using rocketmq = await startRocketmq({ version: '4.9.7' });
      await load(rocketmq.configPath);
      expectRead();
    });
  });
}

async function load(config: string): Promise<void> {
  const steps = '--rate-steps 3000,6000 --step-duration 5s --warm-up 1s --message-size 2000 --groups 1 --partitions 4';
  const words = ['run', '--config', config, '--out', join(scratch, 'bundle'), '--json', ...steps.split(' ')];
  const { exitCode, stderr } = await plimsoll(words);
  expect({ exitCode, failure: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, failure: '' });
}

function expectRead(): void {
  let all = 0;
  for (const path of globSync(join(scratch, '*.log*'))) {
    const bytes = readFileSync(path);
    // The JVM is still writing, so its last line may be incomplete.
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    const read = eventsOf(whole);
    const pauses = ofKind(read, 'pause');
    expect({ path, unparsed: read.unparsed }).toEqual({ path, unparsed: [] });
    expect(pauses.map(({ durationSeconds }) => durationSeconds.toFixed(9))).toEqual(
      printedPauses(whole.toString('latin1')).map(({ seconds }) => seconds.toFixed(9)),
    );
    all += pauses.length;
  }
  expect(all).toBeGreaterThan(3);
}
