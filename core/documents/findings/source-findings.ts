// Defines the findings about figures from a monitoring system: gaps, copies, coarse series and contradictory units.

import { durationText } from '../../text/duration-text.ts';
import { percentText, quantityText } from '../../text/quantity-text.ts';
import { figure, findingEntry } from './finding-entry.ts';

const utcText = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** The reason of a gap that is not a read failure. */
export const beginsLater = 'the values begin later (new, or history was deleted)';

/** `source` is the name of the monitoring system in the config. */
type OfSource<Facts> = Facts & { source: string };

const ofZh = (of: string) => ({ host: '主机', broker: ' Broker ', group: '消费组', cluster: '集群' })[of] ?? ` ${of} `;

/** A server given as an option is not listed under `sources`. */
const isUrl = (source: string) => /^https?:/.test(source);

export const sourceFindings = {
  'source-gap': findingEntry<
    OfSource<{ what: string; fromSeconds: number; toSeconds: number; reason: string; windowSeconds: number }>
  >({
    severity: 'warning',
    en: ({ source, what, fromSeconds, toSeconds, reason }) =>
      `${source} returned no ${what} from ${utcText(fromSeconds)} to ${utcText(toSeconds)}: ${reason}. These intervals are absent, not zero.`,
    zh: ({ source, what, fromSeconds, toSeconds, reason }) =>
      `${source} 在 ${utcText(fromSeconds)} 到 ${utcText(toSeconds)} 之间没有返回 ${what}：${reason === beginsLater ? '数据从之后才开始（新建，或历史已删除）' : `“${reason}”`}。这些时段按缺失处理，不按 0 处理。`,
    evidence: {
      'share of the window': ({ source, fromSeconds, toSeconds, windowSeconds }) =>
        figure((toSeconds - fromSeconds) / windowSeconds, 'ratio', source),
    },
    examples: [
      {
        source: 'prod',
        what: 'busyCores',
        fromSeconds: 1_763_500_000,
        toSeconds: 1_763_500_600,
        reason: 'HTTP 503',
        windowSeconds: 7200,
      },
    ],
  }),
  'source-warning': findingEntry<OfSource<{ warning: string }>>({
    severity: 'warning',
    en: ({ source, warning }) => `${source} answered with a warning: ${warning}. Sums may be incomplete.`,
    zh: ({ source, warning }) => `${source} 的响应带有警告“${warning}”。求和结果可能不完整。`,
    examples: [{ source: 'prod', warning: 'one store is unreachable' }],
  }),
  'source-coarse': findingEntry<
    OfSource<{ scheme: string; scrapeSeconds: number; stepSeconds: number; gridSeconds: number }>
  >({
    severity: 'info',
    en: ({ source, scheme, scrapeSeconds, stepSeconds, gridSeconds }) =>
      `${source} has new values of ${scheme} only every ${durationText(scrapeSeconds)}, so intervals of ${durationText(gridSeconds)} are read instead of ${durationText(stepSeconds)}. Only the mean of an interval is known.`,
    zh: ({ source, scheme, scrapeSeconds, stepSeconds, gridSeconds }) =>
      `${source} 的 ${scheme} 每 ${durationText(scrapeSeconds, 'zh')} 才有新值，因此按 ${durationText(gridSeconds, 'zh')}（而非 ${durationText(stepSeconds, 'zh')}）的间隔读取，间隔内只有平均值。`,
    evidence: { 'between figures': ({ source, scrapeSeconds }) => figure(scrapeSeconds, 's', source) },
    examples: [{ source: 'prod', scheme: 'node_exporter', scrapeSeconds: 60, stepSeconds: 10, gridSeconds: 120 }],
  }),
  'source-step-longer': findingEntry<OfSource<{ wantedSeconds: number; stepSeconds: number }>>({
    severity: 'info',
    en: ({ source, wantedSeconds, stepSeconds }) =>
      `Intervals of ${durationText(stepSeconds)} are read from ${source} instead of ${durationText(wantedSeconds)}, because the series of this window have more values than fit in memory. Only the mean of an interval is known.`,
    zh: ({ source, wantedSeconds, stepSeconds }) =>
      `该时间窗口的数据点过多，因此 ${source} 按 ${durationText(stepSeconds, 'zh')}（而非 ${durationText(wantedSeconds, 'zh')}）的间隔读取，间隔内只有平均值。`,
    evidence: { interval: ({ source, stepSeconds }) => figure(stepSeconds, 's', source) },
    examples: [{ source: 'prod', wantedSeconds: 10, stepSeconds: 60 }],
  }),
  'source-copies': findingEntry<OfSource<{ what: string; targets: readonly string[] }>>({
    severity: 'info',
    en: ({ source, what, targets }) =>
      `${source} has ${what} of ${targets.join(', ')} more than once, from two jobs or two servers. One copy is used, and its gaps are filled from the others; a sum would count twice.`,
    zh: ({ source, what, targets }) =>
      `${source} 中 ${targets.join('、')} 的 ${what} 有重复（来自两个采集任务或两台服务器）。使用其中一份，缺口由其他份补全；求和会重复计数。`,
    examples: [{ source: 'prod', what: 'busyCores', targets: ['kafka-1', 'kafka-2'] }],
  }),
  'source-without-framing': findingEntry<OfSource<{ scheme: string }>>({
    severity: 'info',
    en: ({ source, scheme }) =>
      `${source} has no packet counters of ${scheme}, so the 24 bytes per frame that no counter includes are not added. Link use reads up to 1.6% low with full frames, and more with small ones.`,
    zh: ({ source, scheme }) =>
      `${source} 没有 ${scheme} 的包计数器，因此无法补上每帧 24 字节的开销。满帧时链路使用率最多偏低 1.6%，小帧时偏低更多。`,
    examples: [{ source: 'prod', scheme: 'Zabbix' }],
  }),
  'source-burst-spent': findingEntry<OfSource<{ host: string; volume: string; atSeconds: number }>>({
    severity: 'warning',
    en: ({ source, host, volume, atSeconds }) =>
      `${source} shows that volume ${volume} of ${host} had no burst credits left at ${utcText(atSeconds)}. From then on it has only its baseline performance, so rates before and after belong to disks of different speed.`,
    zh: ({ source, host, volume, atSeconds }) =>
      `${source} 显示 ${host} 的卷 ${volume} 在 ${utcText(atSeconds)} 已耗尽突发额度，此后只有基准性能：前后的速率对应不同速度的磁盘。`,
    examples: [{ source: 'aws', host: 'kafka-1', volume: 'vol-0123456789abcdef0', atSeconds: 1_763_500_000 }],
  }),
  'source-burstable-cpu': findingEntry<OfSource<{ host: string; leastCredits: number }>>({
    severity: 'warning',
    en: ({ source, host, leastCredits }) =>
      `${source} has CPU credits of ${host} (lowest balance: ${quantityText(leastCredits)}), so it is a burstable instance. Unless its credit mode is unlimited, it sustains only the baseline CPU of its type. The CPU limit is computed from all cores, so the safe maximum may be too high.`,
    zh: ({ source, host, leastCredits }) =>
      `${source} 有 ${host} 的 CPU 积分（最低余额 ${quantityText(leastCredits)}），说明它是突发性能实例。除非积分模式为 unlimited，否则它只能持续使用该机型的基准 CPU。CPU 上限按全部核数计算，因此安全上限可能偏高。`,
    examples: [{ source: 'aws', host: 'kafka-1', leastCredits: 112 }],
  }),
  'source-flattened': findingEntry<OfSource<{ what: string }>>({
    severity: 'info',
    en: ({ source, what }) =>
      `${source} has ${what} only as a mean over the last minute, which hides bursts. A JMX exporter rule that keeps the attribute Count shows them.`,
    zh: ({ source, what }) =>
      `${source} 中的 ${what} 只有最近一分钟的平均值，看不到突发。在 JMX exporter 规则中保留 Count 属性即可看到。`,
    examples: [{ source: 'prod', what: 'messagesInPerSecond' }],
  }),
  'source-other-name': findingEntry<OfSource<{ cluster: string; wanted: string }>>({
    severity: 'warning',
    en: ({ source, cluster, wanted }) =>
      `${source} has one cluster, named ${cluster} instead of ${wanted}. It is treated as the same cluster.`,
    zh: ({ source, cluster, wanted }) => `${source} 中只有一个集群，名为 ${cluster} 而不是 ${wanted}，按同一集群处理。`,
    examples: [{ source: 'prod', cluster: 'kafka-prod', wanted: 'orders' }],
  }),
  'source-unselected': findingEntry<OfSource<{ cluster: string; brokers: readonly string[] }>>({
    severity: 'warning',
    en: ({ source, cluster, brokers }) =>
      `Source ${source} has no \`group\`, so all brokers that its token may read are counted as cluster ${cluster}: ${brokers.join(', ')}. If some belong to another cluster, set \`group\`; $cluster in it is the name of the cluster.`,
    zh: ({ source, cluster, brokers }) =>
      `数据源 ${source} 没有设置 \`group\`，因此令牌可读的所有 Broker 都计入集群 ${cluster}：${brokers.join('、')}。如果其中有其他集群的 Broker，请设置 \`group\`，其中的 $cluster 会替换为集群名称。`,
    examples: [{ source: 'old', cluster: 'orders', brokers: ['kafka-1', 'kafka-2'] }],
  }),
  'source-unit-unknown': findingEntry<OfSource<{ metric: string }>>({
    severity: 'warning',
    en: ({ source, metric }) =>
      `The unit of ${metric} in ${source} is unknown: it is messages per second in most builds of its exporter and messages per minute in some, and there are no offsets to compare it with. It is read as messages per second and may be 60 times too high.`,
    zh: ({ source, metric }) =>
      `${source} 中 ${metric} 的单位未知：exporter 的多数版本为每秒消息数，少数版本为每分钟消息数，且没有位点可供对比。按每秒处理，可能是实际值的 60 倍。`,
    examples: [{ source: 'prod', metric: 'rocketmq_producer_tps' }],
  }),
  'source-per-minute': findingEntry<OfSource<{ metric: string; ratio: number }>>({
    severity: 'warning',
    en: ({ source, metric, ratio }) =>
      `${metric} of ${source} is ${quantityText(ratio)} times the growth of the offsets, so this build of its exporter reports messages per minute. Rates of that exporter are divided by 60.`,
    zh: ({ source, metric, ratio }) =>
      `${source} 中 ${metric} 是位点增量的 ${quantityText(ratio)} 倍，说明该版本 exporter 上报的是每分钟消息数。其速率已除以 60。`,
    evidence: { 'rate over growth of offsets': ({ source, ratio }) => figure(ratio, 'ratio', source) },
    examples: [{ source: 'prod', metric: 'rocketmq_producer_tps', ratio: 60.2 }],
  }),
  'source-rates-compared': findingEntry<OfSource<{ metric: string; ratio: number }>>({
    severity: ({ ratio }) => (ratio > 0.5 && ratio < 5 ? 'info' : 'warning'),
    en: ({ source, metric, ratio }) =>
      `${metric} of ${source} is ${quantityText(ratio)} times the growth of the offsets: it is messages per second, including retries and internal topics.`,
    zh: ({ source, metric, ratio }) =>
      `${source} 中 ${metric} 是位点增量的 ${quantityText(ratio)} 倍：单位为每秒消息数，包含重试和内部 Topic。`,
    evidence: { 'rate over growth of offsets': ({ source, ratio }) => figure(ratio, 'ratio', source) },
    examples: [
      { source: 'prod', metric: 'rocketmq_producer_tps', ratio: 1.02 },
      { source: 'prod', metric: 'rocketmq_producer_tps', ratio: 8.1 },
    ],
  }),
  'source-speed-reported': findingEntry<OfSource<{ host: string; device: string; bitsPerSecond: number }>>({
    severity: 'info',
    en: ({ source, host, device, bitsPerSecond }) =>
      `The driver of ${device} on ${host} reports ${quantityText(bitsPerSecond / 1e6)} Mbit/s, which is not the capacity of a virtual interface. If it is correct, set it under sources.${source}.hosts.${host}.speed.`,
    zh: ({ source, host, device, bitsPerSecond }) =>
      `${host} 上 ${device} 的驱动上报 ${quantityText(bitsPerSecond / 1e6)} Mbit/s，对虚拟网卡这不是真实带宽。如属实，请在 sources.${source}.hosts.${host}.speed 中声明。`,
    examples: [{ source: 'prod', host: 'kafka-1', device: 'eth0', bitsPerSecond: 10e9 }],
  }),
  'source-hosts-left-out': findingEntry<OfSource<{ hosts: number }>>({
    severity: 'info',
    en: ({ source, hosts }) =>
      `${source} has further hosts on which no broker is known to run (${quantityText(hosts)}). They are not read. Set \`select.hosts\` of the source to the hosts that you want.`,
    zh: ({ source, hosts }) =>
      `${source} 中另有 ${quantityText(hosts)} 台主机上没有已知的 Broker，不读取。可用该数据源的 \`select.hosts\` 限定主机。`,
    examples: [{ source: 'prod', hosts: 12 }],
  }),
  'source-missing': findingEntry<
    OfSource<
      { what: string; of: string } & (
        { triedMetrics: readonly string[] } | { share: number; missingFor: readonly string[] }
      )
    >
  >({
    severity: 'warning',
    en: ({ source, what, of, ...facts }) =>
      'share' in facts
        ? `${source} has ${what} of ${percentText(facts.share)} of its ${of}s; it is missing for ${facts.missingFor.join(', ')}.`
        : `${source} has no ${what} for any ${of}${what === 'messagesInPerSecond' ? '; message rates are computed from offsets where the source has those' : ', so this limit is unknown'}. Metrics searched: ${facts.triedMetrics.join(', ')}.${what === 'linkBytesPerSecond' ? ` ${isUrl(source) ? 'Add this server under `sources` and state' : 'State'} a known link speed under sources.${isUrl(source) ? 'NAME' : source}.hosts.HOST.speed.` : ''}`,
    zh: ({ source, what, of, ...facts }) =>
      'share' in facts
        ? `${source} 只有 ${percentText(facts.share)} 的${ofZh(of)}有 ${what}；缺少：${facts.missingFor.join('、')}。`
        : `${source} 没有任何${ofZh(of)}的 ${what}${what === 'messagesInPerSecond' ? '；数据源有位点时，改由位点计算消息速率' : '，其上限未知'}。已查找的指标：${facts.triedMetrics.join('、')}。${what === 'linkBytesPerSecond' ? `${isUrl(source) ? '请将该服务器添加到 `sources`，' : ''}已知带宽可在 sources.${isUrl(source) ? 'NAME' : source}.hosts.HOST.speed 中声明。` : ''}`,
    examples: [
      { source: 'prod', what: 'linkBytesPerSecond', of: 'host', triedMetrics: ['node_network_speed_bytes'] },
      { source: 'prod', what: 'busyCores', of: 'host', share: 0.5, missingFor: ['kafka-2'] },
    ],
  }),
};
