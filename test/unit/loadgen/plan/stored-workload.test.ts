import { expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';
import {
  type LoadTestDocument,
  storedCriteria,
  storedNames,
  storedSearch,
  storedWorkload,
} from '../../../../loadgen/plan/stored-workload.ts';
import { completeCriteria, CriteriaOptions } from '../../../../loadgen/search/criteria/criteria-options.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

/** A run.json as `plimsoll run` stores it: plain data in base units. */
const documentOf = (workload: object, search?: object, criteria?: object) =>
  ({
    id: '7',
    resume: {
      workload: JSON.parse(JSON.stringify(workload)) as object,
      ...(search && { search }),
      ...(criteria && { criteria: JSON.parse(JSON.stringify(criteria)) as object }),
    },
  }) as unknown as LoadTestDocument;

const files = [
  { messageSize: '1KiB', profile: { kind: 'steps', rates: [10, 20], stepDuration: '1.5s' } },
  {
    messageSize: [{ size: '200B', weight: 1 }],
    linger: '2ms',
    groups: [{ members: 2, processing: '10ms', stopped: [{ from: '3s', to: '1m' }] }],
    thresholds: { p99: '20ms', errors: '0.1%', lost: 0 },
    criteria: { achieved: '95%', errors: 0 },
    keys: { kind: 'zipf', distinct: 1000 },
    profile: { kind: 'find-safe', start: 100.5, rise: '5%' },
  },
  { messageSize: '500B', delay: { after: '5s' }, profile: { kind: 'ramp', from: 10, to: 100, duration: '10m' } },
];

test.each(files)('a stored workload equals the workload of the run: %j', (file) => {
  const workload = completeWorkload(WorkloadFile.parse(file), {});
  expect(storedWorkload(documentOf(workload))).toEqual(workload);
});

test.each(['find-safe', 'find-max'] as const)('stored criteria of %s equal those at the start', (kind) => {
  const options = CriteriaOptions.parse({ p99: '50ms', errors: 0, drain: '20s', hosts: { iowait: '5%' } });
  const criteria = { ...completeCriteria(options, kind, examplePolicy()), transaction: seconds(0.1) };
  expect(storedCriteria(documentOf({}, undefined, criteria))).toEqual(criteria);
  expect(storedCriteria(documentOf({}))).toBeUndefined();
});

test('a workload stored before an option existed has its default', () => {
  const { idempotent: _, ...earlier } = completeWorkload(WorkloadFile.parse(files[0]), {});
  expect(storedWorkload(documentOf(earlier))).toMatchObject({ idempotent: false, warmUp: 10 });
});

test("the threads of several machines are stored, although a workload file may set only one machine's", () => {
  // app/load-test/plan-run.ts sums three machines of 32 threads.
  const workload = { ...completeWorkload(WorkloadFile.parse(files[0]), {}), workers: 96 };
  expect(storedWorkload(documentOf(workload))).toEqual(workload);
  expect(WorkloadFile.safeParse({ ...files[0], workers: 96 }).success).toBe(false);
});

test('a stored workload that was edited is refused with the position', () => {
  const workload = { ...completeWorkload(WorkloadFile.parse(files[0]), {}), workers: 'two' };
  expect(() => storedWorkload(documentOf(workload))).toThrow(/run\.json of run 7 .*: workers: /);
});

test('names are read without the other fields, and a search with its first rate', () => {
  const document = documentOf({ topic: 'orders', topics: 2, groups: 1, ofAnotherVersion: true });
  expect(storedNames(document)).toEqual({ topic: 'orders', topics: 2, groups: 1 });
  expect(storedSearch(document)).toBeUndefined();
  const { profile } = completeWorkload(WorkloadFile.parse(files[1]), {});
  expect(storedSearch(documentOf({}, profile))).toEqual(profile);
  expect(() => storedSearch(documentOf({}, { ...profile, start: undefined }))).toThrow(/first rate/);
});
