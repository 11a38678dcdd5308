import { expect, test } from 'vitest';
import { jvmSetup } from '../../../../ops/cluster-check/facts/jvm-flags.ts';
import { reservedBytes } from '../../../../ops/cluster-check/facts/host-facts.ts';

const gib = 2 ** 30;
const setup = (flags: string, version = '17.0.15', memory: number | undefined = 64 * gib) =>
  jvmSetup({ jvm: { flags: flags.split(' ').filter(Boolean), version } }, memory);

/** distribution/bin/runbroker.sh of RocketMQ 4.9 on JDK 8. */
const stock =
  '-server -Xms8g -Xmx8g -Xmn4g -XX:+UseG1GC -XX:G1HeapRegionSize=16m -XX:G1ReservePercent=25 ' +
  '-XX:InitiatingHeapOccupancyPercent=30 -XX:SoftRefLRUPolicyMSPerMB=0 -verbose:gc -Xloggc:/dev/shm/rmq_broker_gc_%p_%t.log ' +
  '-XX:+UseGCLogFileRotation -XX:NumberOfGCLogFiles=5 -XX:GCLogFileSize=30m -XX:+AlwaysPreTouch ' +
  '-XX:MaxDirectMemorySize=15g -XX:-UseLargePages -XX:-UseBiasedLocking';

test('reads the flags that RocketMQ is started with', () => {
  expect(setup(stock, '1.8.0_402')).toEqual({
    heapBytes: 8 * gib,
    isHeapFixed: true,
    youngBytes: 4 * gib,
    directBytes: 15 * gib,
    isDirectStated: true,
    collector: 'G1',
    writesGcLog: true,
    rotatesGcLog: true,
    gcLogPath: '/dev/shm/rmq_broker_gc_%p_%t.log',
    major: 8,
    others: {
      UseG1GC: true,
      G1HeapRegionSize: 16 * 2 ** 20,
      G1ReservePercent: 25,
      InitiatingHeapOccupancyPercent: 30,
      SoftRefLRUPolicyMSPerMB: 0,
      UseGCLogFileRotation: true,
      NumberOfGCLogFiles: 5,
      GCLogFileSize: 30 * 2 ** 20,
      AlwaysPreTouch: true,
      MaxDirectMemorySize: 15 * gib,
      UseLargePages: false,
      UseBiasedLocking: false,
    },
  });
});

test('the last of two options of the same kind applies', () => expect(setup('-Xmx1g -Xmx2g').heapBytes).toBe(2 * gib));

test('a heap without a size option is a quarter of the memory, and not fixed', () => {
  expect(setup('')).toMatchObject({ heapBytes: 16 * gib, isHeapFixed: false, isDirectStated: false });
  expect(jvmSetup({ jvm: { flags: [] } }, undefined)).not.toHaveProperty('heapBytes');
});

test('reads a heap size given as a percentage of the memory, as in containers', () =>
  expect(setup('-XX:MaxRAMPercentage=50.0 -XX:InitialRAMPercentage=50.0')).toMatchObject({
    heapBytes: 32 * gib,
    isHeapFixed: true,
  }));

test('a JVM without a collector option uses the default of its release', () => {
  expect(setup('', '17.0.1').collector).toBe('G1');
  expect(setup('', '1.8.0_402').collector).toBe('Parallel');
  expect(setup('', '').collector).toBeUndefined();
});

test('a unified log rotates by default', () => {
  expect(setup('-Xlog:gc*:file=/x/gc.log:time')).toMatchObject({ rotatesGcLog: true, gcLogPath: '/x/gc.log' });
  expect(setup('-Xlog:gc*:file=/x/gc.log:time:filecount=0')).toMatchObject({ rotatesGcLog: false });
  expect(setup('-Xlog:gc*').writesGcLog).toBe(false);
});

const jvm = (mainClass: string, flags: string) => ({
  state: 'running' as const,
  name: mainClass,
  restarts: 0,
  process: {
    pid: 1,
    startedAtSeconds: 0,
    cpu: { userSeconds: 0, systemSeconds: 0 },
    memory: { virtualBytes: 0, residentBytes: 0 },
    threads: 1,
    faults: { minor: 0, major: 0 },
    jvm: { mainClass, flags: flags.split(' ') },
    ports: [],
    unread: [],
  },
});
const broker = 'org.apache.rocketmq.broker.BrokerStartup';

test('RocketMQ as shipped reserves 8 + 15 GB and 40% of the memory on a host with 16 GB', () =>
  expect(reservedBytes([jvm(broker, stock)], 16 * gib, [])).toBeCloseTo((8 + 15 + 6.4) * gib, 0));

test('each broker on a host adds its configured share of the page cache', () => {
  const small = '-Xmx1g -XX:MaxDirectMemorySize=1g';
  expect(reservedBytes([jvm(broker, small), jvm(broker, small)], 10 * gib, [40, 20])).toBe(10 * gib);
});

test('direct memory of Kafka counts only if an option sets it', () => {
  expect(reservedBytes([jvm('kafka.Kafka', '-Xmx6g')], 8 * gib, [])).toBe(6 * gib);
  expect(reservedBytes([jvm('kafka.Kafka', '-Xmx6g -XX:MaxDirectMemorySize=3g')], 8 * gib, [])).toBe(9 * gib);
});

test('reserved memory is unknown without a JVM', () => expect(reservedBytes([], 8 * gib, [])).toBeUndefined());
