// Provides the texts of the clients page in English and Chinese.

import type { ClientIdentity, ClientCosts } from '../../../core/client-cost.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const clientsLanguages = bilingual({
  title: ['Clients', '客户端'],
  whoUsesIt: ['Clients that use the bottleneck most', '哪些客户端占用了瓶颈资源'],
  loadOfSafeMax: (share: string) => [`The load is ${share} of the safe maximum.`, `当前负载为安全上限的 ${share}。`],
  noVerdict: [
    'The safe maximum is unknown, so shares of it cannot be computed. Run a load test or an analysis of this cluster.',
    '安全上限未知，无法计算其占比。请先对该集群做压测或分析。',
  ],
  ranked: ['Clients that use the bottleneck most', '按瓶颈资源占用排序的客户端'],
  sharedBy: {
    'bytes-in': [
      'Use is the bytes that brokers receive, including replication. The batch size of each producer is considered.',
      '占用按 Broker 接收的字节计算，含副本流量，并计入各生产者的批次大小。',
    ],
    'bytes-out': [
      'Use is counted in the bytes that all brokers send: replication counts for the producer, delivery for the consumer group. Each client is assumed to load all brokers equally.',
      '占用按全部 Broker 发送的字节计算，即假设各客户端在每个 Broker 上的占比相同；向全部副本的同步计入生产者，投递计入消费组。',
    ],
    'bytes-stored': ['Use is the bytes written to disks, including replication.', '占用按写入磁盘的字节计算，含副本。'],
    messages: [
      'Use is counted in messages: the bottleneck is not measured in bytes, or message sizes are unknown.',
      '占用按消息数计算：瓶颈不以字节衡量，或消息大小未知。',
    ],
    requests: [
      'Use is counted in messages. Between producers it is divided by requests, because a request with one message costs about as much as one with a full batch.',
      '占用按消息数计算，生产者之间按请求数划分：单条消息的请求与满批次的请求开销相近。',
    ],
  } satisfies Record<ClientCosts['by'], Pair>,
  sampled: (topics: string) => [
    `Producers are found in a sample of messages: the last 10 s of the ${topics === '1' ? 'topic' : `${topics} topics`} with the highest ${topics === '1' ? 'rate' : 'rates'}. Consumer groups are found by their commits.`,
    `生产者：从生产速率最高的 ${topics} 个 Topic 中抽取最近 10 秒的消息统计；消费组：按位点提交统计。`,
  ],
  perBatch: [
    'Requests are counted by record batches: a request for several partitions counts once for each.',
    '请求数按消息批次（RecordBatch）计算：一个请求涉及多个分区时，每个分区计一次。',
  ],
  producerIds: [
    'Kafka does not report the client of a producer id: search client logs for “ProducerId set to”.',
    'Kafka 不提供生产者 ID 对应的客户端，请在客户端日志中搜索“ProducerId set to”。',
  ],
  client: ['Client', '客户端'],
  roles: { producer: ['producer', '生产者'], consumer: ['consumer group', '消费组'] },
  identities: {
    'producer-id': (id: string) => [`producer id ${id}`, `生产者 ID ${id}`],
    'client-id': (id: string) => [id, id],
    address: (address: string) => [address, address],
    'without-id': (topic: string) => [
      `producers of ${topic} without a producer id`,
      `${topic}：未启用幂等的生产者（无 producerId）`,
    ],
    group: (group: string) => [group, group],
  } satisfies Record<ClientIdentity, (name: string) => Pair>,
  groups: ['group', '生产者组'],
  recent: (span: string) => [`new: first seen about ${span} ago`, `新出现：约 ${span}前`],
  owner: ['Owner', '负责方'],
  share: ['Share of current use', '占当前用量'],
  shareOfSafeMax: ['Share of safe maximum', '占安全上限'],
  rate: ['Messages/s', '消息（条/秒）'],
  requests: ['Requests/s', '请求（次/秒）'],
  perRequest: ['Messages per request', '每请求消息数'],
  bytesPerRequest: ['Bytes per request, compressed', '每请求字节数（压缩后）'],
  bytes: ['Traffic, compressed', '流量（压缩后）'],
  compression: ['Compression (plain / compressed)', '压缩比（压缩前 ÷ 压缩后）'],
  more: (count: string) => [`Further clients with less use: ${count}.`, `另有 ${count} 个占用更少的客户端。`],
  unattributed: ['Current use without a known client', '当前用量中无法归到客户端的部分'],
  unattributedExplained: [
    'topics outside of the sample, consumers without commits, and topics that the config hides',
    '抽样之外的 Topic、不提交位点的消费者，以及配置中隐藏的 Topic',
  ],
  noClients: [
    'No message was produced or consumed in the last seconds. Clients appear while they send or commit.',
    '最近几秒没有消息生产或消费。客户端在收发消息时显示。',
  ],
  counted: ['Clients by client id, as brokers count them', '按 client.id 统计的客户端（Broker 指标）'],
  countedExplained: [
    'Means of about 10 s, summed over brokers. 0.5 threads: half of the time of one thread; each broker has num.network.threads + num.io.threads.',
    '约 10 秒的平均值，各 Broker 合计。0.5 表示平均占用半个线程；每个 Broker 有 num.network.threads + num.io.threads 个线程。',
  ],
  user: ['User', '用户'],
  produced: ['Produced', '生产流量'],
  fetched: ['Fetched', '拉取流量'],
  threadTime: ['Threads used', '占用线程数'],
  shareOfThreads: ['Share of the broker thread time of all clients', '占 Broker 处理全部客户端请求的线程时间的比例'],
  throttled: ['throttled by a quota', '被配额限流'],
  notCounted: [
    'The brokers do not count traffic by client now. They count bytes and thread time of every client while any quota exists, even one that no client reaches. To count by client id:',
    'Broker 没有统计客户端。只要存在配额（即使不会触发），Broker 就会统计每个客户端的字节和线程时间。按客户端 ID 统计：',
  ],
  smallBatches: (share: string) => [
    `Producers with fewer than 10 messages per request use ${share} of the safe maximum (a higher linger.ms results in fewer requests)`,
    `每请求少于 10 条消息的生产者合计占安全上限的 ${share}（调大 linger.ms 可减少请求数）`,
  ],
});
