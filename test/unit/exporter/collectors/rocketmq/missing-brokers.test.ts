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

/** Brokers that are listed, if they can be read, and for how many minutes. */
type Course = readonly (readonly [minutes: number, brokers: typeof whole | undefined])[];

const minutesOf = (course: Course) => course.reduce((sum, [minutes]) => sum + minutes, 0);

/** Series as the collector of an instance exports them, in the notation of promtool. */
function seriesOver(course: Course, instance: string) {
  const length = minutesOf(course);
  const all = new Map<string, string[]>();
  let at = 0;
  for (const [minutes, brokers] of course) {
    const { rocketmq, ...unread } = snapshotWith({ brokers: brokers ?? [] });
    const answer = rocketmqBrokers.collect({ snapshot: { ...unread, ...(brokers && rocketmq && { rocketmq }) } });
    for (const { metric, labels, value } of answer.kind === 'ok' ? answer.measurements : []) {
      const names = rocketmqBrokers.metrics[metric as keyof typeof rocketmqBrokers.metrics].labels;
      const own = names.map((name, index) => `${name}="${labels[index]}"`);
      const pairs = ['job="plimsoll"', `instance="${instance}"`, 'cluster="orders"', ...own];
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

const crashed: Course = [[10, whole]];
const added = ['broker-c:0', 'broker-c:1'].map((id) => member(id));

const address = '10.0.0.9:10911';
const elected = (...ids: string[]) => [...whole, ...ids.map((id) => ({ ...member(id), address }))];

const cases: readonly (readonly [name: string, isMissing: boolean, ...instances: readonly Course[]])[] = [
  ['a scale-in', false, [...scaledIn, [30, whole]]],
  ['a crash of brokers that accept messages', true, [[30, [...whole, ...open]], ...crashed]],
  ['a crash after the permission was restored', true, [...scaledIn, [5, [...whole, ...open]], ...crashed]],
  ['another loss after a scale-in', true, [...scaledIn, [10, whole], [10, whole.slice(0, 1)]]],
  ['a lost slave of a closed group', true, [...scaledIn.slice(0, 2), [10, [...whole, ...closed.slice(0, 1)]]]],
  [
    'a crash of a group that joined after a scale-in',
    true,
    [...scaledIn, [10, whole], [10, [...whole, ...added]], ...crashed],
  ],
  [
    'a group that was closed for a restart and did not return',
    true,
    [[30, [...whole, ...open]], [2, [...whole, ...closed]], ...crashed],
  ],
  [
    'a scale-in after the exporter moved to another address',
    false,
    [
      [20, [...whole, ...open]],
      [72, undefined],
    ],
    [[20, undefined], ...scaledIn, [20, whole]],
  ],
  [
    'a crash after the exporter moved to another address',
    true,
    [...scaledIn.slice(0, 2), [30, undefined]],
    [[50, undefined], [20, [...whole, ...open]], ...crashed],
  ],
  ['a scale-in that two instances read', false, [...scaledIn, [30, whole]], [...scaledIn, [30, whole]]],
  [
    'a scale-in after a failover, during which the new master had two ids',
    false,
    [
      [10, [...elected('broker-a:2'), ...open]],
      [1, [...elected('broker-a:2', 'broker-a:3'), ...open]],
      [10, [...elected('broker-a:3'), ...open]],
      [20, [...elected('broker-a:3'), ...closed]],
      [30, elected('broker-a:3')],
    ],
  ],
  [
    'a restart of all name servers',
    false,
    [
      [30, [...whole, ...open]],
      [2, undefined],
      [1, whole],
      [30, [...whole, ...open]],
    ],
  ],
];

requires('promtool').test(
  'a group that was closed to producers before it left is not missing, any other is',
  async () => {
    const tests = cases.map(([name, isMissing, ...instances]) => {
      const minutes = Math.max(...instances.map(minutesOf));
      const firing = 'count(ALERTS{alertname="RocketmqBrokerMissing", alertstate="firing"}) or vector(0)';
      const expr = `max_over_time((${firing})[${isMissing ? 6 : minutes}m:1m])`;
      return {
        name,
        interval: '1m',
        input_series: instances.flatMap((course, index) => seriesOver(course, `${index}:18761`)),
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
