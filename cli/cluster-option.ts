// Declares the options that select a cluster: an entry of the config file, or an address.

import { configFileOption } from './config-option.ts';
import { text } from './command.ts';

export const clusterOptions = {
  config: configFileOption,
  cluster: text('NAME', 'name of the cluster in the config file (default: the only one)'),
  bootstrap: text('HOST:PORT', 'connect to this Kafka broker, without a config file'),
  namesrv: text('HOST:PORT', 'connect to this RocketMQ name server, without a config file'),
};

const { config, cluster, bootstrap, namesrv } = clusterOptions;

/** For commands for one kind of broker. */
export const kafkaClusterOptions = { config, cluster, bootstrap };
export const rocketmqClusterOptions = { config, cluster, namesrv };
