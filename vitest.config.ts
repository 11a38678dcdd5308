// Defines the six test projects. Those that look at a machine or measure run one file at a time.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const second = 1000;
const isFull = process.env['PLIMSOLL_TEST_FULL'] === '1';

/** Show again, in more depth, what other files show: `npm test` leaves them out, and `npm run test:more` runs only them. */
export const inDepth = [
  'test/conformance/{kafka-client,rocketmq-driver}.test.ts',
  'test/e2e/{bootstrap,command-line,documented-commands,exporter,exporter-shards,exporter-web-config}.test.ts',
  'test/e2e/{service-pages,service-reload}.test.ts',
  'test/integration/client-cost/kafka.test.ts',
  'test/integration/faults/{kafka,rocketmq}-faults.test.ts',
  'test/integration/gc-matrix.test.ts',
  'test/integration/instances/install-refused.test.ts',
  'test/integration/kafka-{login-pauses,new-user,requests,standstill,unreachable}.test.ts',
  'test/integration/lab/kafka-{listeners,versions}.test.ts',
  'test/integration/rocketmq-remoting.test.ts',
  'test/properties/*.test.ts',
  'test/truth/{many-clusters,safe-max-laws}.test.ts',
];
const leftOut = process.env['PLIMSOLL_TEST_ONCE'] === '1' ? inDepth : [];

/** End-to-end and integration tests that start no broker and measure nothing of the machine: these run side by side. */
const light = [
  'test/conformance/{fake-broker,resource-models}.test.ts',
  'test/e2e/{bootstrap,build,capacity-report,command-line,documented-commands,event-page}.test.ts',
  'test/e2e/{exporter,exporter-shards,exporter-web-config,files-of-other-tools,founding-case}.test.ts',
  'test/e2e/{gc-over-ssh,service-charts,service-pages,service-pages-in-use,service-reload,site,web-page}.test.ts',
  'test/integration/{alerts,report}/*.test.ts',
  'test/integration/dashboards/{grafana-queries,web-page}.test.ts',
  'test/integration/{mail-tls,production-from-prometheus,rehearse-without-history,telemetry-sources}.test.ts',
  'test/integration/service/{certificates,history-export,history-killed,oidc-faults,oidc-https,oidc-login,serve}.test.ts',
  'test/truth/*.test.ts',
];

/** Tests with brokers of their own that look at no machine and measure no speed: these run side by side, too. */
const ownBrokers = [
  'test/e2e/init.test.ts',
  'test/conformance/{host-files,kafka-client,rocketmq-driver,page-kafka,page-rocketmq}.test.ts',
  'test/integration/{administration,change-lease,chaos,client-cost,group-offsets,instances,permissions,resend,rocketmq-changes}/*.test.ts',
  'test/integration/{broker-telemetry,byte-oracle,consumer-lag,daily-questions,exporter,exporter-canary}.test.ts',
  'test/integration/{gc-matrix,gc-tail,hosts-ssh,kafka-internals,message-trace,redline-plan,redline-rocketmq,schema-registry}.test.ts',
  'test/integration/faults/{kafka,rocketmq}-faults.test.ts',
  'test/integration/kafka-{kerberos,login-pauses,new-user,oauthbearer,reassign-quick,requests,standstill,unreachable}.test.ts',
  'test/integration/lab/{kafka-lab,kafka-listeners,kafka-versions,rendered-plan,rocketmq-lab}.test.ts',
  'test/integration/loadgen/{remote-workers,resume,rocketmq-run}.test.ts',
  'test/integration/loadgen/execute/run.test.ts',
  'test/integration/rocketmq-{inspect,remoting}.test.ts',
  'test/integration/service/load-test-from-page.test.ts',
];

export default defineConfig({
  test: {
    // A page that is drawn beside other tests takes more than the default of a second.
    expect: { poll: { timeout: 10 * second } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contracts/**/*.test.ts'],
          // Some hold properties, too, which the full matrix tries 50,000 times.
          testTimeout: isFull ? 1800 * second : 20 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'property',
          include: ['test/properties/**/*.test.ts'],
          exclude: leftOut,
          testTimeout: isFull ? 1800 * second : 60 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'light',
          include: light,
          exclude: leftOut,
          testTimeout: 300 * second,
          hookTimeout: 300 * second,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'brokers',
          globalSetup: ['test/support/class-archives.ts'],
          include: ownBrokers,
          exclude: leftOut,
          // The full matrix loads some of them until a broker is slow.
          fileParallelism: !isFull,
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          sequence: { groupOrder: isFull ? 2 : 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: ['test/support/class-archives.ts'],
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          exclude: [...light, ...ownBrokers, ...leftOut],
          // Of two at a time each saw the other's brokers on its machine, and waited for its processor.
          fileParallelism: false,
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          globalSetup: ['test/support/class-archives.ts'],
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...light, ...ownBrokers, ...leftOut],
          fileParallelism: false,
          testTimeout: 300 * second,
          hookTimeout: 300 * second,
          sequence: { groupOrder: 4 },
        },
      },
    ],
    // While two wait for a broker, a page or a timer, a third computes. With a fourth, sends of load tests came too late.
    maxWorkers: Math.ceil((isFull ? 1 : 1.5) * availableParallelism()),
    setupFiles: ['test/support/setup.ts'],
    env: {
      // For the programs that tests start: without it each of them strips the types of some 300 files, 0.6 s of processor time.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)),
      // A Kafka broker is up after 2.2 s of processor time, and with code that is meant for days after 3.7 s.
      ...(!isFull && { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1' }),
    },
    // A new process for each file doubled the time of the unit tests.
    isolate: false,
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
