import { spawnSync } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { rocketmqBrokers } from '../../../../../exporter/collectors/rocketmq/brokers.ts';
import { rulesFolder } from '../../../../support/alert-rules.ts';
import { requires } from '../../../../support/prerequisites.ts';
import { brokerWith, snapshotWith } from '../../../../support/rocketmq-snapshot.ts';

const member = (id: string, permission = '6') =>
  brokerWith({ id, config: new Map([['brokerPermission', permission]]) });
const whole = ['broker-a:0', 'broker-a:1'].map((id) => member(id));
const [open, closed] = ['6', '4'].map((permission) => [
  member('broker-b:0', permission),
  member('broker-b:1', permission),
]) as [typeof whole, typeof whole];

/** Brokers that are listed, and for how many minutes. */
type Course = readonly (readonly [minutes: number, brokers: typeof whole])[];

/** Series as the collector exports them, in the notation of promtool. */
function seriesOver(course: Course) {
  const { length } = course.flatMap(([minutes]) => Array<undefined>(minutes).fill(undefined));
  const all = new Map<string, string[]>();
  let at = 0;
  for (const [minutes, brokers] of course) {
    const answer = rocketmqBrokers.collect({ snapshot: snapshotWith({ brokers }) });
    for (const { metric, labels, value } of answer.kind === 'ok' ? answer.measurements : []) {
      const names = rocketmqBrokers.metrics[metric as keyof typeof rocketmqBrokers.metrics].labels;
      const pairs = ['cluster="orders"', ...names.map((name, index) => `${name}="${labels[index]}"`)];
      const series = `${metric}{${pairs.join(', ')}}`;
      const values = all.get(series) ?? Array<string>(length).fill('_');
      all.set(series, values.fill(String(value), at, at + minutes));
    }
    at += minutes;
  }
  // A series that ends has a staleness marker.
  return Array.from(all, ([series, values]) => ({
    series,
    values: values.map((value, index) => (value === '_' && values[index - 1] !== '_' ? 'stale' : value)).join(' '),
  }));
}

const scaledIn: Course = [
  [30, [...whole, ...open]],
  [20, [...whole, ...closed]],
  [2, [...whole, ...closed.slice(0, 1)]],
];

const courses: readonly (readonly [name: string, isMissing: boolean, course: Course])[] = [
  ['a scale-in', false, [...scaledIn, [30, whole]]],
  [
    'a crash of a broker that accepts messages',
    true,
    [
      [30, [...whole, ...open]],
      [10, whole],
    ],
  ],
  ['a crash after the permission was restored', true, [...scaledIn, [5, [...whole, ...open]], [10, whole]]],
  ['another loss after a scale-in', true, [...scaledIn, [10, whole], [10, whole.slice(0, 1)]]],
  ['a lost slave of a closed group', true, [...scaledIn.slice(0, 2), [10, [...whole, ...closed.slice(0, 1)]]]],
];

requires('promtool').test(
  'a group that was closed to producers before it left is not missing, any other is',
  async () => {
    const tests = courses.map(([name, isMissing, course]) => {
      const minutes = course.reduce((sum, [each]) => sum + each, 0);
      const firing = 'count(ALERTS{alertname="RocketmqBrokerMissing", alertstate="firing"}) or vector(0)';
      const expr = `max_over_time((${firing})[${isMissing ? 6 : minutes}m:1m])`;
      return {
        name,
        interval: '1m',
        input_series: seriesOver(course),
        promql_expr_test: [
          { expr, eval_time: `${minutes - 1}m`, exp_samples: [{ labels: '{}', value: Number(isMissing) }] },
        ],
      };
    });
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-missing-brokers-'));
    const path = join(folder.path, 'missing.test.yaml');
    const rules = { rule_files: [join(rulesFolder, 'rocketmq.yaml')], evaluation_interval: '1m' };
    await writeFile(path, stringify({ ...rules, tests }));
    const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
  },
);
