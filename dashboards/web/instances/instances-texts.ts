// Texts of the page of instances, in English and Chinese.

import type { InstanceRole, InstanceState } from '../../../core/documents/instances.ts';
import type { Language } from '../strings.ts';

const en = {
  title: 'Instances',
  explained:
    'Processes of the clusters, read from their hosts and supervisors, compared with instances.yaml. `plimsoll instances` starts, stops and restarts them.',
  none: 'No instances yet. `plimsoll instances discover` writes instances.yaml from the processes that run on the hosts of plimsoll.yaml; they appear here within a minute.',
  asDesired: (right: string, all: string) => `Instances in the desired state: ${right} of ${all}.`,
  byHost: 'Instances by host',
  all: 'All instances',
  host: 'Host',
  instance: 'Instance',
  role: 'Role',
  broker: 'Broker',
  version: 'Version',
  port: 'Port',
  desired: 'Desired',
  state: 'State',
  started: 'Started',
  restarts: 'Restarts in 1 h',
  startedBy: 'Started by',
  plainProcess: 'plain process',
  notInFile: 'Not in instances.yaml',
  states: {
    running: 'running',
    starting: 'starting',
    stopping: 'stopping',
    stopped: 'stopped',
    'crash-loop': 'crash loop',
    failed: 'failed',
    unknown: 'unknown',
  } satisfies Record<InstanceState, string>,
  roles: {
    'kafka-broker': 'Kafka broker',
    'kafka-controller': 'Kafka controller',
    'kafka-broker-controller': 'Kafka broker and controller',
    zookeeper: 'ZooKeeper',
    'rocketmq-master': 'RocketMQ master',
    'rocketmq-slave': 'RocketMQ slave',
    'rocketmq-dledger': 'DLedger member',
    'rocketmq-replica': 'RocketMQ replica',
    'rocketmq-container': 'RocketMQ broker container',
    'rocketmq-name-server': 'Name server',
    'rocketmq-controller': 'RocketMQ controller',
    'rocketmq-proxy': 'RocketMQ proxy',
  } satisfies Record<InstanceRole, string>,
};

type InstancesTexts = typeof en;

const zh: InstancesTexts = {
  title: '实例',
  explained:
    '各集群的进程，取自主机和进程管理工具，并与 instances.yaml 比较。启动、停止和重启请用 `plimsoll instances`。',
  none: '还没有实例。`plimsoll instances discover` 会根据 plimsoll.yaml 中各主机上正在运行的进程生成 instances.yaml，一分钟内显示在这里。',
  asDesired: (right, all) => `${all} 个实例中有 ${right} 个处于期望状态。`,
  byHost: '按主机查看',
  all: '全部实例',
  host: '主机',
  instance: '实例',
  role: '角色',
  broker: 'Broker',
  version: '版本',
  port: '端口',
  desired: '期望状态',
  state: '当前状态',
  started: '启动时间',
  restarts: '1 小时内重启',
  startedBy: '启动方式',
  plainProcess: '普通进程',
  notInFile: '不在 instances.yaml 中',
  states: {
    running: '运行中',
    starting: '启动中',
    stopping: '停止中',
    stopped: '已停止',
    'crash-loop': '反复崩溃',
    failed: '异常退出',
    unknown: '未知',
  },
  roles: {
    'kafka-broker': 'Kafka Broker',
    'kafka-controller': 'Kafka Controller',
    'kafka-broker-controller': 'Kafka Broker 兼 Controller',
    zookeeper: 'ZooKeeper',
    'rocketmq-master': 'RocketMQ 主节点（master）',
    'rocketmq-slave': 'RocketMQ 从节点（slave）',
    'rocketmq-dledger': 'DLedger 成员',
    'rocketmq-replica': 'RocketMQ 副本',
    'rocketmq-container': 'RocketMQ Broker 容器',
    'rocketmq-name-server': 'NameServer',
    'rocketmq-controller': 'RocketMQ Controller',
    'rocketmq-proxy': 'RocketMQ Proxy',
  },
};

export const instancesLanguages: Readonly<Record<Language, InstancesTexts>> = { en, zh };
