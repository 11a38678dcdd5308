// Texts of the page of instances, in English and Chinese.

import type { InstanceRole, InstanceState } from '../../../core/documents/instances.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const instancesLanguages = bilingual({
  explained: [
    'Processes of the clusters, read from their hosts and supervisors, compared with instances.yaml. `plimsoll instances` starts, stops and restarts them.',
    '各集群的进程，取自主机和进程管理工具，并与 instances.yaml 比较。启动、停止和重启请用 `plimsoll instances`。',
  ],
  none: [
    'No instances yet. `plimsoll instances discover` writes instances.yaml from the processes that run on the hosts of plimsoll.yaml; they appear here within a minute.',
    '还没有实例。`plimsoll instances discover` 会根据 plimsoll.yaml 中各主机上正在运行的进程生成 instances.yaml，一分钟内显示在这里。',
  ],
  asDesired: (right: string, all: string) => [
    `Instances in the desired state: ${right} of ${all}.`,
    `${all} 个实例中有 ${right} 个处于期望状态。`,
  ],
  byHost: ['Instances by host', '按主机查看'],
  all: ['All instances', '全部实例'],
  instance: ['Instance', '实例'],
  port: ['Port', '端口'],
  desired: ['Desired', '期望状态'],
  state: ['State', '当前状态'],
  started: ['Started', '启动时间'],
  restarts: ['Restarts in 1 h', '一小时内重启'],
  startedBy: ['Supervisor', '进程管理工具'],
  plainProcess: ['none (plain process)', '无（普通进程）'],
  notInFile: ['Not in instances.yaml', '不在 instances.yaml 中'],
  states: {
    running: ['running', '运行中'],
    starting: ['starting', '启动中'],
    stopping: ['stopping', '停止中'],
    stopped: ['stopped', '已停止'],
    'crash-loop': ['crash loop', '反复崩溃'],
    failed: ['failed', '异常退出'],
    unknown: ['unknown', '未知'],
  } satisfies Record<InstanceState, Pair>,
  roles: {
    'kafka-broker': ['Kafka broker', 'Kafka Broker'],
    'kafka-controller': ['Kafka controller', 'Kafka Controller'],
    'kafka-broker-controller': ['Kafka broker and controller', 'Kafka Broker 兼 Controller'],
    zookeeper: ['ZooKeeper', 'ZooKeeper'],
    'rocketmq-master': ['RocketMQ master', 'RocketMQ 主节点（master）'],
    'rocketmq-slave': ['RocketMQ slave', 'RocketMQ 从节点（slave）'],
    'rocketmq-dledger': ['DLedger member', 'DLedger 成员'],
    'rocketmq-replica': ['RocketMQ replica', 'RocketMQ 副本'],
    'rocketmq-container': ['RocketMQ broker container', 'RocketMQ Broker 容器'],
    'rocketmq-name-server': ['Name server', 'NameServer'],
    'rocketmq-controller': ['RocketMQ controller', 'RocketMQ Controller'],
    'rocketmq-proxy': ['RocketMQ proxy', 'RocketMQ Proxy'],
  } satisfies Record<InstanceRole, Pair>,
});
