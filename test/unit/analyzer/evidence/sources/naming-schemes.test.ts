import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expressionOf } from '../../../../../analyzer/evidence/sources/expression.ts';
import { figureNames, figureOf, type FigureName } from '../../../../../analyzer/evidence/sources/figures.ts';
import { readNamingSchemes, type Alternative } from '../../../../../analyzer/evidence/sources/naming-schemes.ts';

const schemes = readNamingSchemes();
const fixture = (path: string) => readFileSync(new URL(`../../../../fixtures/${path}`, import.meta.url), 'utf8');
const metricsOf = (name: string) =>
  new Set(
    schemes
      .filter(({ scheme }) => scheme === name)
      .flatMap(({ figures }) => Object.values(figures).flat())
      .flatMap(({ metrics }) => metrics),
  );
const alternatives = schemes.flatMap((scheme) =>
  (Object.entries(scheme.figures) as [FigureName, Alternative[]][]).flatMap(([figure, all]) =>
    all.map((alternative) => ({ scheme, figure, alternative })),
  ),
);
/** Metric names of a collector that is off by default, quoted like the names in the fixture. */
const quotedNames = (page: string) => page.replaceAll(/^# TYPE (\S+) .*$/gm, '"$1"');
const filling = { matchers: 'env="prod"', gridSeconds: 30, windowSeconds: 45 };

test('every figure that a verdict needs has a name in at least one scheme', () => {
  const named = new Set(alternatives.map(({ figure }) => figure));
  expect(figureNames.filter((figure) => !named.has(figure))).toEqual([]);
});

test.each(alternatives)(
  '$scheme.scheme $figure has all placeholders filled and selects by the matchers of the config',
  ({ scheme, figure, alternative }) => {
    const expression = expressionOf(scheme, figure, alternative, filling);
    expect(expression).not.toContain('$');
    expect(expression).toContain(alternative.metrics[0]);
    expect(expression.match(/\{[^}]*\}/g)?.every((selector) => selector.includes('env="prod"'))).toBe(true);
    // The server aggregates: no expression returns raw series of a counter.
    expect(expression).toMatch(/^\(?(?:1 - )?\(?(?:sum|max|min|count|count_values)\b/);
    if (figureOf(figure).isPerDevice === true) expect(expression).toMatch(/, (?:device|interface)\)/);
  },
);

test.each([
  ['node-exporter', 'peers/node-exporter-metrics.json', 'peers/node-exporter-1.5.0-qdisc.prom'],
  ['kafka-exporter', 'peers/kafka-exporter-metrics.json'],
  ['rocketmq-exporter', 'peers/rocketmq-exporter-metrics.json'],
])('the metric names of %s exist in its sources', (name, path, page?: string) => {
  const declared = fixture(path) + (page === undefined ? '' : quotedNames(fixture(page)));
  const unknown = [...metricsOf(name)].filter(
    (metric) => !declared.includes(`"${metric}"`) && !metric.startsWith('plimsoll_'),
  );
  expect(unknown).toEqual([]);
});

test('counters of stored records are marked, and RocketMQ offsets exclude internal topics', () => {
  const marked = alternatives.filter(({ alternative }) => alternative.countsRecords === true);
  expect(marked.map(({ alternative }) => alternative.metrics)).toEqual([
    ['rocketmq_broker_put_messages_total'],
    ['rocketmq_producer_offset'],
  ]);
  const selectors = alternatives
    .filter(({ scheme }) => scheme.scheme === 'rocketmq-exporter')
    .flatMap(({ alternative }) => [...alternative.expression.matchAll(/rocketmq_producer_offset\{topic!~"([^"]*)"/g)])
    .map(([, pattern = '']) => new RegExp(`^(?:${pattern})$`));
  expect(selectors).toHaveLength(2);
  const internal = ['rmq_sys_wheel_timer', 'rmq_sys_REVIVE_LOG_lab', 'RMQ_SYS_TRANS_HALF_TOPIC', 'lab_REPLY_TOPIC'];
  for (const selector of selectors) {
    expect(internal.filter((topic) => !selector.test(topic))).toEqual([]);
    expect(['orders', 'BenchmarkTest'].filter((topic) => selector.test(topic))).toEqual([]);
  }
});

test('no figure is the rate of an offset, which decreases after an unclean election and is not a counter', () => {
  const isRate = /\b(?:rate|increase)\((?:\w+_offset|rocketmq_topic_messages_total)\{/;
  const rates = alternatives.filter(({ alternative }) => isRate.test(alternative.expression));
  expect(rates.map(({ scheme, figure }) => `${scheme.scheme} ${figure}`)).toEqual([]);
});

test('a new process behind the id of a RocketMQ leader does not count as counter growth', () => {
  const counted = alternatives.filter(({ alternative }) => /rate\(rocketmq_broker_put_/.test(alternative.expression));
  expect(counted.map(({ figure }) => figure)).toEqual(['messagesInPerSecond', 'bytesInPerSecond']);
  for (const { scheme, figure, alternative } of counted) {
    expect(expressionOf(scheme, figure, alternative, filling)).toContain(
      '(changes(rocketmq_broker_boot_timestamp_seconds{env="prod"}[45s]) > 0) or ',
    );
  }
});

test.each(['no-rules', 'confluent-rules', 'example-rules'])(
  'a JMX exporter page with %s has the figures that a broker must report',
  (rules) => {
    const version = rules === 'no-rules' ? '3.9.2' : '4.3.1';
    const page = fixture(`kafka/internals/jmx-exporter-1.0.1-kafka-${version}-${rules}.prom`);
    const jmx = alternatives.filter(({ scheme }) => scheme.scheme === 'jmx-exporter');
    const found = jmx.filter(({ alternative }) =>
      alternative.metrics.every((metric) => new RegExp(`^${metric}[{ ]`, 'm').test(page)),
    );
    const figures = new Set(found.map(({ figure }) => figure));
    for (const figure of [
      'messagesInPerSecond',
      'bytesInPerSecond',
      'bytesOutPerSecond',
      'requestHandlersBusy',
      'networkProcessorsBusy',
      'gcPauseShare',
      'heapUsedRatio',
      'leaders',
    ] as const) {
      expect(figures).toContain(figure);
    }
  },
);

test('JMX meters that sum the handlers of broker and controller are ignored, since they read idle when saturated', () => {
  const shared = alternatives.filter(
    ({ scheme, alternative }) =>
      scheme.scheme === 'jmx-exporter' &&
      /_requesthandleravgidlepercent|RequestHandlerPool_Count/.test(alternative.expression),
  );
  expect(shared).toHaveLength(5);
  for (const { scheme, figure, alternative } of shared) {
    expect(expressionOf(scheme, figure, alternative, filling)).toMatch(
      / unless (?:1e-9 \* \w+\{.*\} > .*1\.05 \* \(time\(\) - process_start_|max_over_time\(\w+\{.*\}\[1d\]\) > 1\.05)/,
    );
  }
});

test('network threads of the JMX exporter are those of the busiest listener if the page has listeners', () => {
  const page = fixture('kafka/internals/jmx-exporter-1.0.1-kafka-4.3.1-confluent-rules.prom');
  const first = alternatives.find(
    ({ scheme, figure, alternative }) =>
      scheme.scheme === 'jmx-exporter' &&
      figure === 'networkProcessorsBusy' &&
      alternative.metrics.every((metric) => new RegExp(`^${metric}[{ ]`, 'm').test(page)),
  );
  if (first === undefined) throw new Error('no alternative');
  expect(expressionOf(first.scheme, first.figure, first.alternative, filling)).toMatch(
    /^1 - min by \((.*?)\) \(avg by \(\1, listener\) \(clamp_max\(avg_over_time\(\w+_io_wait_ratio\{listener!~"\(\?i\)control\.\*", /,
  );
});

test('the heap of a broker is its lowest use, since pools that were never collected report 0 after a collection', () => {
  const heaps = alternatives.filter(
    ({ scheme, figure }) => figure === 'heapUsedRatio' && ['jmx-exporter', 'plimsoll-kafka'].includes(scheme.scheme),
  );
  expect(heaps).toHaveLength(5);
  for (const { alternative } of heaps) expect(alternative.expression).toContain('min_over_time(');
});

test('concurrent GC cycles are not pauses', () => {
  const pausing = ['G1 Young Generation', 'G1 Concurrent GC', 'ParNew', 'PS MarkSweep', 'ZGC Major Pauses'];
  const concurrent = ['ZGC Cycles', 'ZGC Major Cycles', 'Shenandoah Cycles', 'ConcurrentMarkSweep'];
  const shares = alternatives.filter(({ alternative }) => alternative.expression.includes('gc!~'));
  expect(shares.map(({ figure }) => figure)).toEqual(['gcPauseShare', 'gcPauseShare', 'gcPauseShare']);
  for (const { alternative } of shares) {
    const [, excluded = ''] = /gc!~"(.*?)"/.exec(alternative.expression) ?? [];
    const isExcluded = (gc: string) => new RegExp(`^(?:${excluded})$`).test(gc);
    expect([...pausing, ...concurrent].filter(isExcluded)).toEqual(concurrent);
  }
});

// The instance is that of an exporter, which monitors whole clusters: two exporters report each series twice.
test.each(['plimsoll-kafka', 'plimsoll-rocketmq', 'kafka-exporter', 'rocketmq-exporter'])(
  'a cluster reported by two instances of %s is counted once',
  (name) => {
    const added = /\b(?:sum|count_values) by \([^)]*\) \((?:"\w+", )?(?=(.*))/g;
    const own = alternatives.filter(({ scheme }) => scheme.scheme === name);
    const sums = own.flatMap(({ alternative }) =>
      [...alternative.expression.matchAll(added)].map(([, inner]) => inner ?? ''),
    );
    expect(sums.length).toBeGreaterThan(4);
    expect(sums.filter((inner) => !/^(?:clamp_min\()?max (?:without \(\$exporter\)|by )/.test(inner))).toEqual([]);
  },
);

// The Prometheus operator adds these labels to each target; two replicas, or a pod and its replacement, differ in them.
test.each(alternatives.filter(({ alternative }) => /\bwithout \(/.test(alternative.expression)))(
  '$scheme.scheme $figure from two pods of one exporter is counted once',
  ({ scheme, figure, alternative }) => {
    const expression = expressionOf(scheme, figure, alternative, filling);
    const left = [...expression.matchAll(/\bwithout \((.*?)\)/g)].map(([, labels = '']) => labels.split(', '));
    const ofTarget = ['instance', 'pod', 'container', 'endpoint', 'service'];
    expect(left.map((labels) => ofTarget.filter((label) => !labels.includes(label)))).toEqual(left.map(() => []));
    // Clusters in other namespaces may have topics with the same name.
    expect(left.flat()).not.toContain('namespace');
  },
);

// Master and slaves of RocketMQ share a `node_id`; only `instance` differs.
const native = alternatives.filter(({ scheme }) => scheme.scheme === 'rocketmq-native');

test('figures of a RocketMQ broker aggregate all instances of its name, also after a role change', () => {
  const by = native.flatMap(({ scheme, figure, alternative }) => {
    const [, labels = ''] = /^\w+ by \((.*?)\)/.exec(expressionOf(scheme, figure, alternative, filling)) ?? [];
    return /\binstance\b/.test(labels) ? [figure] : [];
  });
  // That figure maps a broker to its host.
  expect(by).toEqual(['brokerAddress']);
});

test('lag that a RocketMQ master and its slaves report is counted once per broker name, topic and kind', () => {
  const expressions = native
    .filter(({ figure }) => figure === 'groupLag')
    .map(({ scheme, figure, alternative }) => expressionOf(scheme, figure, alternative, filling));
  expect(expressions).toHaveLength(1);
  const counted = /^sum by \((.*?)\) \(max by \((.*?)\) \(avg_over_time\(/;
  const [, outer = '', inner] = counted.exec(expressions[0] ?? '') ?? [];
  expect(outer).toMatch(/^consumer_group, /);
  expect(inner).toBe(`${outer}, node_id, broker, topic, is_retry`);
});

// Both pages have the same job: https://kubernetes.io/docs/reference/instrumentation/node-metrics/.
test.each(['busyCores', 'memoryUsedBytes'] as const)(
  '%s of a container in both /metrics/cadvisor and /metrics/resource of the kubelet is counted once',
  (figure) => {
    const own = alternatives.filter((each) => each.scheme.scheme === 'cadvisor' && each.figure === figure);
    const expressions = own.map(({ scheme, alternative }) => expressionOf(scheme, figure, alternative, filling));
    expect(expressions).toHaveLength(1);
    // Uses labels that both pages have: only cAdvisor has `id`, `image` and `name`.
    const labels = /^sum by \((.*?)\) \(max by \((.*?), container\) \(/.exec(expressions[0] ?? '');
    expect(labels?.[1]).toMatch(/\bpod\b.*\bnamespace\b/);
    expect(labels?.[2]).toBe(labels?.[1]);
  },
);

test.each(['cores', 'memoryTotalBytes'] as const)(
  '%s of a container reported by several kube-state-metrics is counted once',
  (figure) => {
    const limits = alternatives.filter(
      (each) => each.figure === figure && each.alternative.metrics.includes('kube_pod_container_resource_limits'),
    );
    const expressions = limits.map(({ scheme, alternative }) => expressionOf(scheme, figure, alternative, filling));
    expect(expressions).toEqual([expect.stringMatching(/^sum by \(.*?\) \(max by \(.*?, container\) \(kube_pod_/)]);
  },
);

test.each(['cores', 'memoryTotalBytes'] as const)(
  '%s of a pod is unknown if one of its containers has no limit',
  (figure) => {
    const own = alternatives.filter((each) => each.scheme.scheme === 'cadvisor' && each.figure === figure);
    const expressions = own.map(({ scheme, alternative }) => expressionOf(scheme, figure, alternative, filling));
    expect(expressions).toHaveLength(2);
    for (const expression of expressions)
      expect(expression).toMatch(
        / and \(count by \(.*?\) \(max by \(.*?, container\) \((?:container_spec|kube_pod_container_resource)_\w+\{.*? >= count by \(.*?\) \(max by \(.*?, container\) \((?:container_(?:cpu_usage|memory_working_set)|kube_pod_container_info)/,
      );
  },
);

test('all Plimsoll metric names are documented in docs/reference/metrics.md', () => {
  const documented = readFileSync(new URL('../../../../../docs/reference/metrics.md', import.meta.url), 'utf8');
  const own = [...metricsOf('plimsoll-kafka'), ...metricsOf('plimsoll-rocketmq')];
  expect(own.filter((metric) => !['`', '{'].some((end) => documented.includes(`\`${metric}${end}`)))).toEqual([]);
});

test('docs/reference/telemetry-sources.md lists every scheme, figure and finding', () => {
  const page = readFileSync(new URL('../../../../../docs/reference/telemetry-sources.md', import.meta.url), 'utf8');
  const source = readFileSync(new URL('../../../../../analyzer/evidence/sources/assembly.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/code: '([\w-]+)'/g)].map(([, code]) => code ?? '');
  const names = [...figureNames, ...schemes.map(({ scheme }) => scheme), ...codes];
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});
