// Lists the main classes that the start scripts of Kafka and RocketMQ use, to find JVMs without configuration.

/** Main class, and what its process is called by default. */
export const knownMains: Readonly<Record<string, string>> = {
  // bin/kafka-server-start.sh, bin/connect-distributed.sh, bin/zookeeper-server-start.sh of Kafka
  'kafka.Kafka': 'kafka',
  'org.apache.kafka.connect.cli.ConnectDistributed': 'kafka-connect',
  'org.apache.zookeeper.server.quorum.QuorumPeerMain': 'zookeeper',
  // bin/mqbroker, bin/mqnamesrv, bin/mqproxy, bin/mqcontroller, bin/mqbrokercontainer of RocketMQ
  'org.apache.rocketmq.broker.BrokerStartup': 'rocketmq-broker',
  'org.apache.rocketmq.namesrv.NamesrvStartup': 'rocketmq-namesrv',
  'org.apache.rocketmq.proxy.ProxyStartup': 'rocketmq-proxy',
  'org.apache.rocketmq.controller.ControllerStartup': 'rocketmq-controller',
  'org.apache.rocketmq.container.BrokerContainerStartup': 'rocketmq-broker-container',
};
