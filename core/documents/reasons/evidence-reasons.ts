// Lists the reasons about the evidence: how, when and on which cluster it was measured, and what changed since.

import { quantityText } from '../../text/quantity-text.ts';
import { day, en, foundEn, foundZh, rate, size, zh, type ReasonEntry, type ReasonFacts } from './reason-entry.ts';

/** Size before compression, as in load-test options. */
const sizedRun = ({ neededBytes = 0, neededRatio = 1 }: ReasonFacts) =>
  `\`plimsoll run --message-size ${Math.ceil(neededBytes * neededRatio - 1e-6)}\``;
const workloadOf = ({ neededRatio = 1 }: ReasonFacts) =>
  neededRatio === 1 ? 'compression: none' : `compressionRatio: ${quantityText(neededRatio)}`;

export const evidenceReasons = {
  'proof-superseded': {
    decision: 'conditions',
    text: (facts) => [
      `The upper end of the peak, ${rate(facts.neededTps)} msg/s, was sustained earlier (${en(facts)}), but a newer measurement shows a limit of ${foundEn(facts)}. The earlier rate is no longer a proof.`,
      `此前曾稳定承载峰值上端 ${rate(facts.neededTps)} 条/秒（${zh(facts)}），但更新的测量表明上限为 ${foundZh(facts)}，此前的速率不再构成证明。`,
    ],
    action: () => [
      'Find out what changed between the two measurements (`plimsoll compare`), and test the cluster again (`plimsoll run`).',
      '查明两次测量之间有何变化（`plimsoll compare`），并重新压测该集群（`plimsoll run`）。',
    ],
  },
  'message-size-unknown': {
    decision: 'no-go',
    text: (facts) => [
      facts.missing?.length
        ? `Tested with compressed messages (${en({ subjects: facts.subjects })}). Messages of the domain, or of another domain on its cluster, are possibly larger after compression. Missing: ${en({ missing: facts.missing })}.`
        : facts.subjects?.length
          ? `The message size of a test is unknown: ${en(facts)}.`
          : 'The message size of the domain, or of another domain on its cluster, is unknown, so the test possibly used smaller messages.',
      facts.missing?.length
        ? `压测使用了压缩消息（${zh({ subjects: facts.subjects })}），该业务域或同一集群上其他业务域的消息压缩后可能更大。缺少：${zh({ missing: facts.missing })}。`
        : facts.subjects?.length
          ? `压测所用的消息大小未知：${zh(facts)}。`
          : '业务域或同一集群上其他业务域的消息大小未知，无法排除压测消息偏小。',
    ],
    action: ({ missing }) => [
      missing?.length
        ? 'Test without compression, or state `compressionRatio` of the domain in a plan (`plimsoll size`).'
        : 'State the mean size (`plimsoll report --message-size DOMAIN=BYTES`), or add the domain to a plan.',
      missing?.length
        ? '不压缩消息重新压测，或在规划（`plimsoll size`）中给出该业务域的 `compressionRatio`。'
        : '提供平均消息大小（`plimsoll report --message-size DOMAIN=BYTES`），或将该业务域加入规划。',
    ],
  },
  'test-compression-unknown': {
    decision: 'conditions',
    text: (facts) => [
      `Figures of other tools do not state whether the messages of a test were compressed: ${en(facts)}. If they were, messages of the domain are possibly larger after compression.`,
      `其他工具的数据不含压测消息是否压缩：${zh(facts)}。如果压测消息经过压缩，业务消息压缩后可能更大。`,
    ],
    action: () => [
      'Confirm that the tool sent its messages uncompressed (no `compression.type`), or test with `plimsoll run`, which records the compression.',
      '确认该工具发送的消息未压缩（未设置 `compression.type`），或以 `plimsoll run` 重新压测，由其记录压缩方式。',
    ],
  },
  'messages-too-small': {
    decision: 'no-go',
    text: (facts) => [
      `Tested with messages of ${size(facts.testedBytes)}${facts.neededRatio === undefined ? '' : ' after compression'} (${en(facts)}); messages of the domain, or of another domain on its cluster, have ${size(facts.neededBytes)}, so this rate is not proven for the domain.`,
      `压测消息${facts.neededRatio === undefined ? '' : '压缩后'}为 ${size(facts.testedBytes)}（${zh(facts)}），而该业务域或同一集群上其他业务域的消息为 ${size(facts.neededBytes)}，该速率的证明力不足。`,
    ],
    action: (facts) => [
      `Test with messages of that size (${sizedRun(facts)}${facts.neededRatio === undefined ? '' : `, \`${workloadOf(facts)}\` in the workload file`}), and leave tests with smaller ones out of the report.`,
      `以该消息大小重新压测（${sizedRun(facts)}${facts.neededRatio === undefined ? '' : `，workload 文件中设置 \`${workloadOf(facts)}\``}），并从报告中去掉消息偏小的压测。`,
    ],
  },
  'too-few-replicas': {
    decision: 'no-go',
    text: (facts) => [
      `Tested with fewer replicas than the ${facts.neededReplicas} planned for the domain, or for another domain on its cluster: ${en(facts)}. Replication traffic was lower, so this rate is not proven for the domain.`,
      `压测的副本数少于为该业务域或同一集群上其他业务域规划的 ${facts.neededReplicas} 个：${zh(facts)}。压测时的复制流量偏低，该速率的证明力不足。`,
    ],
    action: ({ neededReplicas }) => [
      `Test with as many replicas (Kafka: \`plimsoll run --replication-factor ${neededReplicas}\`; RocketMQ: a cluster with as many slaves), and leave tests with fewer out of the report.`,
      `以该副本数重新压测（Kafka：\`plimsoll run --replication-factor ${neededReplicas}\`；RocketMQ：使用从节点数与规划一致的集群），并从报告中去掉副本数偏少的压测。`,
    ],
  },
  'acks-too-weak': {
    decision: 'no-go',
    text: (facts) => [
      `Sends of a test did not wait for the replicas: ${en(facts)}. No plan states that every domain on the cluster accepts the loss of acknowledged messages (\`loss: may-lose\`).`,
      `压测的发送没有等待副本写入：${zh(facts)}，而没有规划说明集群上所有业务域都允许丢失已确认的消息（\`loss: may-lose\`）。`,
    ],
    action: () => [
      'Test with `plimsoll run --acks all` (RocketMQ: on masters with `brokerRole=SYNC_MASTER`, from 5.x also `inSyncReplicas=2`), and leave the other tests out of the report.',
      '以 `plimsoll run --acks all` 重新压测（RocketMQ：主节点须设置 `brokerRole=SYNC_MASTER`，5.x 还须设置 `inSyncReplicas=2`），并从报告中去掉其他压测。',
    ],
  },
  'too-few-groups': {
    decision: 'no-go',
    text: (facts) => [
      `Tested with fewer consumer groups than the ${facts.neededGroups} of the domain, or of another domain on its cluster: ${en(facts)}. Brokers sent fewer copies of each message, so this rate is not proven for the domain.`,
      `压测的消费组少于该业务域或同一集群上其他业务域的 ${facts.neededGroups} 个：${zh(facts)}。压测时 Broker 的出流量低于实际，因此该速率不能证明集群能承载该业务域。`,
    ],
    action: ({ neededGroups }) => [
      `Run the load test with \`plimsoll run --groups ${neededGroups}\`, and leave tests with fewer groups out of the report.`,
      `以 \`plimsoll run --groups ${neededGroups}\` 重新压测，并从报告中去掉消费组偏少的压测。`,
    ],
  },
  'tls-not-tested': {
    decision: 'conditions',
    text: (facts) => [
      `Brokers have listeners with TLS, but a test ran without TLS, or did not record whether it used TLS: ${en(facts)}. TLS costs the brokers CPU, so this rate is not proven for clients with TLS.`,
      `Broker 有 TLS 监听器，而压测没有使用 TLS，或未记录是否使用：${zh(facts)}。TLS 会消耗 Broker 的 CPU，该速率对使用 TLS 的客户端没有证明力。`,
    ],
    action: () => [
      'Test with TLS (`clusters.NAME.tls` in plimsoll.yaml), or confirm that no client of these domains uses TLS.',
      '以 TLS 重新压测（plimsoll.yaml 中的 `clusters.NAME.tls`），或确认这些业务域没有客户端使用 TLS。',
    ],
  },
  'compression-not-tested': {
    decision: 'conditions',
    text: (facts) => [
      `Messages of the domain, or of another domain on its cluster, are compressed, but those of a test were not: ${en(facts)}. The test does not include the CPU that compression costs the brokers (Kafka brokers decompress batches to validate them).`,
      `该业务域或同一集群上其他业务域的消息经过压缩，而压测消息未压缩：${zh(facts)}。压测不含由此产生的 CPU 开销（Kafka Broker 校验批次时需要解压）。`,
    ],
    action: () => [
      'Test with the codec and ratio of the domain (`compression` and `compressionRatio` in the workload file).',
      '以该业务域的压缩算法和压缩比重新压测（workload 文件中的 `compression` 和 `compressionRatio`）。',
    ],
  },
  'too-few-partitions': {
    decision: 'conditions',
    text: (facts) => [
      `Tested with less than half of the ${facts.neededPartitions} partitions or queues planned for the domain, or for another domain on its cluster: ${en(facts)}. With more partitions, batches are smaller and brokers handle more requests at the same rate.`,
      `压测的分区或队列不足该业务域或同一集群上其他业务域规划的 ${facts.neededPartitions} 个的一半：${zh(facts)}。分区越多批次越小，同样速率下 Broker 要处理更多请求。`,
    ],
    action: ({ neededPartitions }) => [
      `Test with \`plimsoll run --partitions ${neededPartitions}\`.`,
      `以 \`plimsoll run --partitions ${neededPartitions}\` 重新压测。`,
    ],
  },
  'batches-too-large': {
    decision: 'no-go',
    text: (facts) => [
      `Tested with more messages per request than the ${quantityText(facts.neededBatch ?? 1)} of the domain, or of another domain on its cluster: ${en(facts)}. Brokers handled fewer requests, so this rate is not proven for the domain.`,
      `压测每个请求的消息数多于该业务域或同一集群上其他业务域的 ${quantityText(facts.neededBatch ?? 1)} 条：${zh(facts)}。压测时 Broker 处理的请求较少，因此该速率不能证明集群能承载该业务域。`,
    ],
    action: () => [
      'Test with the batches of the domain (in the workload file: shorter `linger`, more `workers`, or `requests: single` for RocketMQ), or correct `messagesPerRequest` in the plan.',
      '以该业务域的批次大小重新压测（在 workload 文件中减小 `linger`、增加 `workers`，RocketMQ 也可设 `requests: single`），或更正规划中的 `messagesPerRequest`。',
    ],
  },
  'delay-not-tested': {
    decision: 'no-go',
    text: (facts) => [
      `Messages of the domain, or of another domain on its cluster, are delayed, but those of a test were not: ${en(facts)}. Brokers store a delayed message twice, so this rate is not proven for the domain.`,
      `该业务域或同一集群上其他业务域有延迟消息，而压测没有：${zh(facts)}。Broker 会将延迟消息存储两次，因此该速率不能证明集群能承载该业务域。`,
    ],
    action: () => [
      'Test with the delay of the domain (`delay` in the workload file).',
      '以该业务域的延迟重新压测（workload 文件中的 `delay`）。',
    ],
  },
  'order-not-proven': {
    decision: 'no-go',
    text: (facts) => [
      `The domain needs global order, so one partition or queue carries all its messages, but no test with one partition sustained the peak, ${rate(facts.neededTps)} msg/s.`,
      `该业务域要求全局有序，全部消息由一个分区或队列承载，但没有单分区压测稳定承载过其峰值 ${rate(facts.neededTps)} 条/秒。`,
    ],
    action: () => [
      'Test with one partition (`plimsoll run --partitions 1`) at that rate, and add the analysis to the report.',
      '以单个分区按该速率压测（`plimsoll run --partitions 1`），并将分析加入报告。',
    ],
  },
  'cluster-unknown': {
    decision: 'no-go',
    text: (facts) => [
      `It is unknown whether these verdicts are of the same cluster, since they have no host in common: ${en(facts)}.`,
      `以下结论没有共同的主机，是否来自同一集群未知：${zh(facts)}。`,
    ],
    action: () => [
      'Add the host of every broker to plimsoll.yaml and repeat the test, or report on one verdict alone.',
      '在 plimsoll.yaml 中为每台 Broker 配置主机后重新压测，或只用其中一份结论。',
    ],
  },
  'different-clusters': {
    decision: 'no-go',
    text: (facts) => [`The verdicts are of different clusters: ${en(facts)}.`, `结论来自不同的集群：${zh(facts)}。`],
    action: () => ['Leave verdicts of other clusters out of the report.', '从报告中去掉其他集群的结论。'],
  },
  'critical-finding': {
    decision: 'no-go',
    text: (facts) => [`The evidence has critical findings: ${en(facts)}.`, `证据中有严重级别的发现：${zh(facts)}。`],
    action: () => ['Resolve each finding, and repeat the test.', '逐项解决后重新压测。'],
  },
  'drift-unknown': {
    decision: 'no-go',
    text: (facts) => [
      `It is unknown whether the cluster has changed since the test. Missing: ${en(facts)}.`,
      `测试之后集群是否有变更未知。缺少：${zh(facts)}。`,
    ],
    action: () => [
      'Read the current settings (`plimsoll get fingerprint --json`) and give them to the report with `--settings DOMAIN=FILE`. If the test did not record its settings, repeat it.',
      '读取当前配置（`plimsoll get fingerprint --json`）并以 `--settings DOMAIN=FILE` 提供给报告；测试时未记录的部分需重新压测。',
    ],
  },
  drifted: {
    decision: 'no-go',
    text: (facts) => [
      `The cluster has changed since the test (configuration drift): ${en(facts)}.`,
      `测试之后集群已变更（配置漂移）：${zh(facts)}。`,
    ],
    action: () => ['Restore the settings the test was made with, or test again.', '恢复测试时的配置，或重新压测。'],
  },
  'evidence-expired': {
    decision: 'no-go',
    text: (facts) => [
      `The evidence is older than ${quantityText((facts.seconds ?? 0) / day)} days, or has no date: ${en(facts)}.`,
      `证据已超过 ${quantityText((facts.seconds ?? 0) / day)} 天，或没有日期：${zh(facts)}。`,
    ],
    action: () => [
      'Test the cluster again, and leave expired verdicts out of the report.',
      '重新压测该集群，并从报告中去掉过期的结论。',
    ],
  },
  'evidence-in-future': {
    decision: 'no-go',
    text: (facts) => [
      `The evidence ended after the date of the report, ${facts.day}: ${en(facts)}.`,
      `证据的结束时间晚于报告日期 ${facts.day}：${zh(facts)}。`,
    ],
    action: () => [
      'Give the report a later date (`--as-of`). If the date is right, the clock of the test was ahead: correct it, and test again.',
      '将报告日期改为更晚的日期（`--as-of`）；如果报告日期无误，则压测端的时钟偏快：校正后重新压测。',
    ],
  },
  'not-monitored': {
    decision: 'no-go',
    text: (facts) => [
      `Part of the cluster had no metrics during a test, so its limits are unknown: ${en(facts)}.`,
      `某次压测期间集群的一部分没有指标，其上限未知：${zh(facts)}。`,
    ],
    action: () => [
      'Add the host and the link speed of every broker to plimsoll.yaml, make the sources readable that the finding `telemetry-failed` lists, and repeat the test. Production data does not measure every SLO; load tests (`plimsoll run`) do.',
      '在 plimsoll.yaml 中为每台 Broker 配置主机和网卡速率，并使分析发现 `telemetry-failed` 列出的数据源可读，然后重新压测。只有压测（`plimsoll run`）能测量全部 SLO，生产数据不能。',
    ],
  },
} as const satisfies Record<string, ReasonEntry>;
