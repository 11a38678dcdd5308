// Defines the requirements of a Kafka version: artefacts, quorum and logging.

import { AppError } from '../../core/errors.ts';
import type { Release } from '../release.ts';

export interface KafkaRelease extends Release {
  /** KRaft is production-ready since 3.3.1 (KIP-833); before that, brokers keep their metadata in ZooKeeper. */
  quorum: 'kraft' | 'zookeeper';
  logging: 'log4j1' | 'log4j2';
}

export const defaultKafkaVersion = '4.3.1';

/** @throws AppError usage if the text is not a version */
export function kafkaRelease(version: string): KafkaRelease {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    throw new AppError('usage', `${JSON.stringify(version)} is not a Kafka version`, {
      hint: `give --version as major.minor.patch, such as ${defaultKafkaVersion}`,
    });
  }
  const isAtLeast = (wantedMajor: number, wantedMinor: number) =>
    Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
  const logging = isAtLeast(4, 0) ? 'log4j2' : 'log4j1';
  return {
    product: 'kafka',
    title: 'Kafka',
    version,
    quorum: isAtLeast(3, 3) ? 'kraft' : 'zookeeper',
    logging,
    artefacts: [
      { group: 'org.apache.kafka', artefact: 'kafka_2.13', version },
      logging === 'log4j2'
        ? { group: 'org.apache.logging.log4j', artefact: 'log4j-slf4j-impl', version: '2.25.4' }
        : { group: 'org.slf4j', artefact: 'slf4j-reload4j', version: '1.7.36' },
    ],
    complete: [defaultKafkaVersion, '3.9.2', '2.8.2'],
  };
}
