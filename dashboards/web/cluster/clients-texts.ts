// Texts of the page of clients, in each language.

import type { ClientIdentity, ClientCosts } from '../../../core/client-cost.ts';

const en = {
  title: 'Clients',
  whoUsesIt: 'Clients that use the bottleneck most',
  bottleneck: 'Bottleneck:',
  loadOfSafeMax: (share: string) => `The load is ${share} of the safe maximum.`,
  noVerdict: 'Safe maximum unknown: shares of it cannot be computed. Run a load test or an analysis of this cluster.',
  ranked: 'Clients that use the bottleneck most',
  sharedBy: {
    'bytes-in': 'Use is the bytes that brokers receive, with replication and the batch size of each producer.',
    'bytes-out':
      'Use is the bytes that brokers send. Copies for replication count for their producer, deliveries for their consumer group.',
    'bytes-stored': 'Use is the bytes written to disks, with replication.',
    messages: 'Use is counted in messages: the bottleneck is not measured in bytes, or message sizes are unknown.',
    requests:
      'Use is counted in messages; producers share their part by requests, because a request with one message costs about as much as a full batch.',
  } satisfies Record<ClientCosts['by'], string>,
  sampled: (topics: string) =>
    `Producers are known from a sample of the last 10 seconds of the ${topics === '1' ? 'topic' : `${topics} topics`} with the highest ${topics === '1' ? 'rate' : 'rates'}, consumer groups from their commits.`,
  perBatch: 'Requests are counted as record batches: a request for several partitions has one for each.',
  client: 'Client',
  roles: { producer: 'producer', consumer: 'consumer' },
  identities: {
    'producer-id': (id: string) => `producer id ${id}`,
    'client-id': (id: string) => id,
    address: (address: string) => address,
    'without-id': () => 'producers without id',
    group: (group: string) => group,
  } satisfies Record<ClientIdentity, (name: string) => string>,
  groups: 'group',
  recent: (span: string) => `new: first seen about ${span} ago`,
  owner: 'Owner',
  share: 'Share of use',
  shareOfSafeMax: 'Share of safe maximum',
  rate: 'Messages/s',
  requests: 'Requests/s',
  perRequest: 'Messages per request',
  bytesPerRequest: 'Bytes per request',
  bytes: 'Bytes/s',
  compression: 'Compression',
  more: (count: string) => `Further clients with less use: ${count}.`,
  unattributed: 'Unattributed',
  unattributedExplained: 'topics outside of the sample, consumers without commits, and topics that the config hides',
  noClients: 'No message was produced or consumed in the last seconds. Clients appear while they send or commit.',
  counted: 'Clients as brokers count them',
  countedExplained:
    'Mean of about 10 seconds. Thread time is that of network and request handler threads: 100% is one thread.',
  user: 'User',
  produced: 'Produced/s',
  fetched: 'Fetched/s',
  threadTime: 'Thread time',
  shareOfThreads: 'Share of thread time',
  throttled: 'throttled by a quota',
  notCounted:
    'The brokers do not count traffic by client. They count bytes and thread time of every client while a quota exists, even one that no client reaches. To count by client id:',
  smallBatches: (share: string, count: string) =>
    `Producers with fewer than 10 messages per request: ${count}, together ${share} of the safe maximum. A higher linger.ms lets them send fewer requests.`,
  readTopics: 'Topics',
};

const zh: typeof en = {
  title: '客户端',
  whoUsesIt: '哪些客户端占用了瓶颈资源',
  bottleneck: '瓶颈：',
  loadOfSafeMax: (share) => `当前负载为安全上限的 ${share}。`,
  noVerdict: '安全上限未知，无法计算其占比。请先对该集群做压测或分析。',
  ranked: '按瓶颈资源占用排序的客户端',
  sharedBy: {
    'bytes-in': '占用按 Broker 接收的字节计算，含副本流量，并计入各生产者的批次大小。',
    'bytes-out': '占用按 Broker 发送的字节计算：副本流量计入生产者，投递流量计入消费组。',
    'bytes-stored': '占用按写入磁盘的字节计算，含副本。',
    messages: '占用按消息数计算：瓶颈不以字节衡量，或消息大小未知。',
    requests: '占用按消息数计算，生产者之间按请求数划分：单条消息的请求与满批次的请求开销相近。',
  },
  sampled: (topics) => `生产者来自对速率最高的 ${topics} 个 Topic 最近 10 秒消息的抽样，消费组来自位点提交。`,
  perBatch: '请求数按记录批次计：涉及多个分区的请求，每个分区计一次。',
  client: '客户端',
  roles: { producer: '生产者', consumer: '消费者' },
  identities: {
    'producer-id': (id) => `生产者 ID ${id}`,
    'client-id': (id) => id,
    address: (address) => address,
    'without-id': () => '无 ID 的生产者',
    group: (group) => group,
  },
  groups: '生产组',
  recent: (span) => `新出现：约 ${span}前`,
  owner: '负责方',
  share: '占用份额',
  shareOfSafeMax: '占安全上限',
  rate: '消息（条/秒）',
  requests: '请求/秒',
  perRequest: '每请求消息数',
  bytesPerRequest: '每请求字节数',
  bytes: '字节/秒',
  compression: '压缩比',
  more: (count) => `另有 ${count} 个占用更少的客户端。`,
  unattributed: '未归属',
  unattributedExplained: '抽样之外的 Topic、不提交位点的消费者，以及配置中隐藏的 Topic',
  noClients: '最近几秒没有消息生产或消费。客户端在收发消息时显示。',
  counted: 'Broker 统计的客户端',
  countedExplained: '约 10 秒的平均值。线程时间指网络线程和请求处理线程，100% 为一个线程。',
  user: '用户',
  produced: '生产流量/秒',
  fetched: '拉取流量/秒',
  threadTime: '线程时间',
  shareOfThreads: '线程时间份额',
  throttled: '被配额限流',
  notCounted:
    'Broker 没有统计客户端。只要存在配额（即使不会触发），Broker 就会统计每个客户端的字节和线程时间。按客户端 ID 统计：',
  smallBatches: (share, count) =>
    `每请求少于 10 条消息的生产者共 ${count} 个，合计占安全上限的 ${share}。调大 linger.ms 可减少请求数。`,
  readTopics: 'Topic',
};

export const clientsLanguages = { en, zh };
