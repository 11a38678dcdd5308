// Serves the pages of load tests on a cluster whose broker does not answer.

import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { onTestFinished } from 'vitest';
import { ConfigFile } from '../../app/config/config-file.ts';
import { systemClock } from '../../core/clock.ts';
import { createCalculator } from '../../service/calculation/calculator.ts';
import { createChanges } from '../../service/live/changes.ts';
import { createLoadPlanner } from '../../service/load-tests/load-planner.ts';
import { createLoadTests, type LoadTestParts, type LoadTests } from '../../service/load-tests/load-tests.ts';
import { openTestStore } from '../../service/load-tests/test-store.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { serveOperatorPages, type OperatorPages } from './operator-pages.ts';
import { examplePolicy } from './example-policy.ts';
import { main } from './plimsoll.ts';

export const load = { rates: '100, 200', stepDuration: '1s', messageSize: '500B', groups: '1' };
export const start = { what: 'load-test-started', ...load };
export const stop = { what: 'load-test-stopped' };
export const page = '/clusters/orders/load-test';

/** Accepts connections and sends no response, so that requests wait. */
export async function silentBroker(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const permission = { window: 'always', maxTps: 500, maxNicShare: '50%', topicPrefix: 'plimsoll-', approver: 'Li Lei' };

function written(bootstrap: string, loadTest: object | undefined) {
  const cluster = { broker: 'kafka', bootstrap: [bootstrap], clusterId: 'MkU3OEVBNTcwNTJENDM2Qg' };
  return { clusters: { orders: { ...cluster, ...(loadTest && { loadTest }) }, logs: { ...cluster, loadTest } } };
}

export interface Served extends OperatorPages {
  loadTests: LoadTests;
  /** Load tests of the service after a restart. */
  reopened(over?: Partial<LoadTestParts>): LoadTests;
  /** Load tests of a second service with the same history. @param append replaces that of the history */
  beside(append?: SqliteHistory['append']): LoadTests;
  changes(): ReturnType<SqliteHistory['entries']>;
}

export async function served({ bootstrap = '127.0.0.1:1', isPermitted = true } = {}): Promise<Served> {
  const config = written(bootstrap, isPermitted ? permission : undefined);
  const calculator = createCalculator();
  onTestFinished(() => calculator[Symbol.asyncDispose]());
  let open: (over?: Partial<LoadTestParts>) => LoadTests = () => {
    throw new Error('not served yet');
  };
  let loadTests: LoadTests | undefined;
  const pages = await serveOperatorPages((history, folder) => {
    open = (over = {}) =>
      createLoadTests({
        store: openTestStore(folder),
        planner: createLoadPlanner(ConfigFile.parse(config), systemClock),
        program: [process.execPath, main],
        configFile: join(folder, 'plimsoll.yaml'),
        environment: process.env,
        history,
        changes: createChanges(),
        calculator,
        policy: examplePolicy(),
        clock: systemClock,
        ...over,
      });
    loadTests = open();
    return { loadTests };
  });
  await writeFile(join(pages.folder, 'plimsoll.yaml'), stringify(config));
  if (loadTests === undefined) throw new Error('the pages were served without load tests');
  return {
    ...pages,
    loadTests,
    reopened: (over) => open(over),
    beside: (append = (entry, by) => pages.history.append(entry, by)) =>
      open({
        store: openTestStore(join(pages.folder, 'second')),
        history: {
          append,
          entries: (query) => pages.history.entries(query),
          entry: (id) => pages.history.entry(id),
        },
      }),
    changes: () => pages.history.entries({ kinds: ['change'], limit: 10 }),
  };
}

export const io = { signal: new AbortController().signal };

export const whatIn = (changes: ReturnType<SqliteHistory['entries']>) =>
  changes.map(({ document }) => 'what' in document && document.what);

/** Runs the load test job, like the schedule, until the load test has ended. */
export async function untilEnded(loadTests: LoadTests): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await delay(100)) {
    await loadTests.job.run(io);
    if (loadTests.underWay().length === 0) return;
  }
  throw new Error('the load test did not end');
}
